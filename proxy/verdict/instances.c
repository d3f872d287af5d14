/* instances: who is told what: the parts of the run that expectations narrow checks to. */
#include "verdict/instances.h"

#include <stdlib.h>

enum { NOT_ASKED, IN_SCOPE, OUT_OF_SCOPE };

static uint16_t service_index(const struct verdict_terms *terms, struct text name)
{
    for (size_t i = 0; i < terms->history.service_count; i++)
        if (text_equal(terms->history.services[i].name, name))
            return (uint16_t)i;
    return HISTORY_NONE;
}

static void add(struct instances *instances, const struct verdict_terms *terms,
                const struct check *check, const struct expectation_terms *expectation,
                struct arena *arena)
{
    struct instance *instance;
    void *limits;

    if (instances->count == instances->room) {
        instances->room = instances->room ? 2 * instances->room : 64;
        instances->items =
            memory_grow(instances->items, instances->room * sizeof(*instances->items));
    }
    instance = &instances->items[instances->count++];
    *instance = (struct instance){ .check = check,
                                   .expectation = expectation,
                                   .scope = { .phase = HISTORY_NONE, .service = HISTORY_NONE } };
    instance->state = memory_take(check->state_size + 1);
    instances->decisions += !check->gate;
    if (!expectation) {
        limits = arena_take(arena, check->limits_size + 1);
        check_limits(check, terms->profile, limits);
        instance->limits = limits;
        return;
    }
    instance->limits = expectation->limits;
    instance->phase = expectation->phase;
    instance->scope.client = expectation->client;
    instance->scope.service = service_index(terms, expectation->service);
    instance->is_narrowed = !text_is_empty(expectation->phase) ||
                            !text_is_empty(expectation->service) ||
                            !text_is_empty(expectation->client);
}

static bool is_whole(const struct expectation_terms *expectation)
{
    return text_is_empty(expectation->phase) && text_is_empty(expectation->service) &&
           text_is_empty(expectation->client);
}

void instances_add(struct instances *instances, const struct verdict_terms *terms,
                   const struct check *check, struct arena *arena)
{
    bool whole = false;

    for (size_t i = 0; i < terms->expectation_count; i++) {
        const struct expectation_terms *expectation = &terms->expectations[i];

        if (expectation->check != check)
            continue;
        whole = whole || expectation->ignored || is_whole(expectation);
        if (!expectation->ignored)
            add(instances, terms, check, expectation, arena);
    }
    if (!whole)
        add(instances, terms, check, NULL, arena);
}

enum hook { HOOK_ATTEMPT, HOOK_OPERATION, HOOK_CONNECTION };

/* False: it does not hear that. */
static bool listens(struct instance *instance, enum hook hook, struct listener *listener)
{
    const struct check *check = instance->check;

    *listener = (struct listener){ .instance = instance,
                                   .state = instance->state,
                                   .limits = instance->limits,
                                   .is_narrowed = instance->is_narrowed };
    switch (hook) {
    case HOOK_ATTEMPT:
        listener->take.attempt = check->attempt;
        return check->attempt != NULL;
    case HOOK_OPERATION:
        listener->take.operation = check->operation;
        return check->operation != NULL;
    case HOOK_CONNECTION:
        listener->take.connection = check->connection;
        return check->connection != NULL;
    }
    return false;
}

static struct audience audience_of(const struct instances *instances, struct arena *arena,
                                   enum hook hook)
{
    struct audience audience = { .items =
                                     ARENA_ARRAY(arena, struct listener, instances->count + 1) };

    for (int calm = 1; calm >= 0; calm--) {
        for (size_t i = 0; i < instances->count; i++)
            if (instances->items[i].check->calm == (calm == 1) &&
                listens(&instances->items[i], hook, &audience.items[audience.count]))
                audience.count++;
        if (calm == 1)
            audience.calm = audience.count;
    }
    return audience;
}

void instances_gather(struct instances *instances, struct arena *arena)
{
    instances->attempt = audience_of(instances, arena, HOOK_ATTEMPT);
    instances->operation = audience_of(instances, arena, HOOK_OPERATION);
    instances->connection = audience_of(instances, arena, HOOK_CONNECTION);
}

void instances_make(struct instances *instances, const struct verdict_terms *terms,
                    struct arena *arena)
{
    for (size_t i = 0; check_at(i); i++)
        instances_add(instances, terms, check_at(i), arena);
    instances_gather(instances, arena);
}

void instances_clear(struct instances *instances)
{
    for (size_t i = 0; i < instances->count; i++) {
        struct instance *instance = &instances->items[i];

        if (instance->check->clear)
            instance->check->clear(instance->state);
        free(instance->state);
        free(instance->clients);
    }
    free(instances->items);
    *instances = (struct instances){ 0 };
}

/* Stars take slashes in, too, and `curl` is `curl/8.5`. */
static bool agent_is_like(struct text glob, struct text agent)
{
    return text_glob(glob, agent, true) ||
           text_glob(glob, text_of(agent.at, text_find(agent, '/')), true);
}

static bool has_client(struct instances *instances, struct instance *instance, uint32_t client)
{
    const struct history_client *known = history_client(instances->history, client);
    bool in;

    if (!known)
        return false;
    if (client >= instance->client_count) {
        size_t count = client + (size_t)client / 2 + 16;

        instance->clients = memory_grow(instance->clients, count);
        memset(instance->clients + instance->client_count, NOT_ASKED,
               count - instance->client_count);
        instance->client_count = count;
    }
    if (instance->clients[client] != NOT_ASKED)
        return instance->clients[client] == IN_SCOPE;
    in = text_glob(instance->scope.client, known->name, true) ||
         agent_is_like(instance->scope.client, known->agent);
    /* Who has not said yet what it is may still do so. */
    if (in || !text_is_empty(known->agent))
        instance->clients[client] = in ? IN_SCOPE : OUT_OF_SCOPE;
    instance->met_client = instance->met_client || in;
    return in;
}

static bool has_phase(const struct instances *instances, struct instance *instance, uint16_t phase)
{
    if (text_is_empty(instance->phase))
        return true;
    if (instance->scope.phase == HISTORY_NONE)
        instance->scope.phase = history_find_phase(instances->history, instance->phase);
    return phase != HISTORY_NONE && instance->scope.phase == phase;
}

static bool has_service(const struct instance *instance, uint16_t service)
{
    return instance->scope.service == HISTORY_NONE || instance->scope.service == service;
}

/* Of one that is narrowed. */
static bool has(struct instances *instances, struct instance *instance, uint16_t phase,
                uint16_t service, uint32_t client)
{
    return has_service(instance, service) && has_phase(instances, instance, phase) &&
           (text_is_empty(instance->scope.client) || has_client(instances, instance, client));
}

static size_t listeners(const struct instances *instances, const struct audience *audience,
                        bool plain)
{
    return plain && !instances->troubled ? audience->calm : audience->count;
}

void instances_attempt(struct instances *instances, const struct attempt *attempt,
                       const struct operation *operation)
{
    const struct audience *audience = &instances->attempt;
    bool plain = attempt->ok && attempt->touched == 0;
    size_t count;

    instances->troubled = instances->troubled || attempt->touched != 0;
    count = listeners(instances, audience, plain);
    for (size_t i = 0; i < count; i++) {
        const struct listener *to = &audience->items[i];

        if (!to->is_narrowed ||
            has(instances, to->instance, attempt->phase, attempt->service, attempt->client))
            to->take.attempt(to->state, to->limits, attempt, operation);
    }
}

void instances_operation(struct instances *instances, const struct operation *operation)
{
    const struct audience *audience = &instances->operation;
    bool plain =
        operation->attempts == 1 && operation->close == CLOSE_SUCCEEDED && !operation->touched;
    size_t count = listeners(instances, audience, plain);

    for (size_t i = 0; i < count; i++) {
        const struct listener *to = &audience->items[i];

        if (!to->is_narrowed ||
            has(instances, to->instance, operation->phase, operation->service, operation->client))
            to->take.operation(to->state, to->limits, operation);
    }
}

/* A connection belongs to no service; to a phase by the time when it was opened. */
static bool has_link(struct instances *instances, struct instance *instance,
                     const struct link *link)
{
    const struct history_phase *phase;

    if (!text_is_empty(instance->scope.client) &&
        !text_glob(instance->scope.client, link->client, true))
        return false;
    instance->met_client = true;
    if (text_is_empty(instance->phase))
        return true;
    if (instance->scope.phase == HISTORY_NONE)
        instance->scope.phase = history_find_phase(instances->history, instance->phase);
    phase = history_phase(instances->history, instance->scope.phase);
    return phase && link->opened >= phase->span.begins && link->opened < phase->span.ends;
}

void instances_connection(struct instances *instances, const struct link *link)
{
    const struct audience *audience = &instances->connection;
    bool plain = !link->failed && !link->deceived && link->touched == 0;
    size_t count;

    instances->troubled = instances->troubled || link->touched != 0;
    count = listeners(instances, audience, plain);
    for (size_t i = 0; i < count; i++) {
        const struct listener *to = &audience->items[i];

        if (!to->is_narrowed || has_link(instances, to->instance, link))
            to->take.connection(to->state, to->limits, link);
    }
}

void instance_judge(struct instance *instance, const struct history *history, double alpha,
                    struct finding *finding)
{
    struct judging judging = { .history = history, .limits = instance->limits, .alpha = alpha };

    if (!text_is_empty(instance->phase) && instance->scope.phase == HISTORY_NONE)
        instance->scope.phase = history_find_phase(history, instance->phase);
    judging.scope = instance->scope;
    if (!text_is_empty(instance->phase) && instance->scope.phase == HISTORY_NONE)
        finding_unclear(finding, 0, "the phase %.*s did not come", (int)instance->phase.length,
                        instance->phase.at);
    else if (!text_is_empty(instance->scope.client) && !instance->met_client)
        finding_unclear(finding, 0, "no client is like %.*s", (int)instance->scope.client.length,
                        instance->scope.client.at);
    else
        instance->check->judge(instance->state, &judging, finding);
}
