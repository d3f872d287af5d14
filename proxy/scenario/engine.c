/* engine: the order in which rules are asked, and what goes into a draw. */
#include "scenario/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/counters.h"
#include "base/random.h"
#include "scenario/glance.h"
#include "scenario/turns.h"

#define COUNTER_SLOTS ((size_t)1 << 20)

/* Keeps hashes for different uses apart. */
enum { SALT_CLIENT = 1, SALT_OPERATION, SALT_NTH, SALT_CONNECTION, SALT_BITS };

struct engine {
    const struct scenario *scenario;
    uint64_t seed;
    struct counters *counters;
    bool asks_bodies;        /* a match does */
    bool asks_connections;   /* a rule bites at the opening of a connection */
    bool counts_connections; /* … or draws once for each connection */
    struct glance *glances;  /* of each rule */
    uint64_t *service_keys;  /* hash of each one's name: part of the operation */
    struct turns *turns;
};

/* What the draws of one exchange are made of, hashed once. */
struct asker {
    const struct question *question;
    struct arena *arena;
    uint64_t client;    /* hash of it */
    uint64_t operation; /* of it and the client */
    uint64_t exchange;  /* of it, the client and the ordinal */
    unsigned medium;    /* FAULT_ON_… */
    size_t room;        /* for hits */
    bool answered;      /* by an answer fault */
    struct decision *decision;
};

static void look_at_rules(struct engine *engine)
{
    const struct scenario *scenario = engine->scenario;

    for (size_t i = 0; i < scenario->service_count; i++)
        engine->asks_bodies = engine->asks_bodies || scenario->services[i].match.body;
    for (size_t i = 0; i < scenario->rule_count; i++) {
        bool opens = (scenario->rules[i].stands & FAULT_ON_CONNECTION) != 0;

        engine->asks_bodies = engine->asks_bodies || scenario->rules[i].when.body;
        engine->asks_connections = engine->asks_connections || opens;
        engine->counts_connections =
            engine->counts_connections || opens || scenario->rules[i].per == PER_CONNECTION;
    }
}

static bool rule_counts(const struct rule *rule)
{
    return rule->nth.first != 0 || rule->nth.last != 0;
}

struct engine *engine_new(const struct scenario *scenario, uint64_t seed)
{
    struct engine *engine = memory_take(sizeof(*engine));

    engine->scenario = scenario;
    engine->seed = seed;
    engine->glances = memory_take((scenario->rule_count + 1) * sizeof(struct glance));
    for (size_t i = 0; i < scenario->rule_count; i++)
        engine->glances[i] = glance_of(&scenario->rules[i].when.path);
    look_at_rules(engine);
    engine->counters = counters_new(COUNTER_SLOTS);
    engine->service_keys = memory_take((scenario->service_count + 1) * sizeof(uint64_t));
    for (size_t i = 0; i < scenario->service_count; i++)
        engine->service_keys[i] = text_hash(SALT_OPERATION, scenario->services[i].name);
    engine->turns = turns_new(scenario);
    return engine;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    counters_free(engine->counters);
    turns_free(engine->turns);
    free(engine->glances);
    free(engine->service_keys);
    free(engine);
}

static bool rules_want_body(const struct scenario *scenario, size_t service,
                            const struct subject *subject)
{
    for (size_t i = 0; i < scenario->rule_count; i++) {
        const struct rule *rule = &scenario->rules[i];

        if (rule->when.body && (rule->service == service || rule->service == SERVICE_ANY) &&
            match_may_hold(&rule->when, subject))
            return true;
    }
    return false;
}

bool engine_wants_body(const struct engine *engine, const struct subject *subject)
{
    const struct scenario *scenario = engine->scenario;

    for (size_t i = 0; engine->asks_bodies && i < scenario->service_count; i++) {
        if (!match_may_hold(&scenario->services[i].match, subject))
            continue;
        if (scenario->services[i].match.body)
            return true;
        return rules_want_body(scenario, i, subject);
    }
    return false;
}

bool engine_asks_connections(const struct engine *engine)
{
    return engine->asks_connections;
}

uint64_t engine_next_connection(struct engine *engine, struct text client)
{
    uint64_t hash;

    if (!engine->counts_connections)
        return 0;
    hash = text_hash(SALT_CLIENT, client);
    return counters_next(engine->counters, random_join(hash, SALT_CONNECTION));
}

struct counters *engine_counters(const struct engine *engine)
{
    return engine->counters;
}

uint64_t engine_crowded(const struct engine *engine)
{
    return counters_crowded(engine->counters);
}

uint16_t engine_service(const struct engine *engine, const struct subject *subject)
{
    const struct scenario *scenario = engine->scenario;

    for (size_t i = 0; i < scenario->service_count; i++)
        if (match_holds(&scenario->services[i].match, subject))
            return (uint16_t)i;
    return SERVICE_NONE;
}

static void hash_asker(const struct engine *engine, struct asker *asker)
{
    const struct subject *subject = &asker->question->subject;
    uint64_t service = engine->service_keys[asker->decision->service];

    asker->client = asker->decision->client = text_hash(SALT_CLIENT, subject->client);
    if (asker->question->opening) {
        asker->operation = random_join(service ^ asker->client, SALT_CONNECTION);
        return;
    }
    asker->operation =
        text_hash(text_hash(service ^ asker->client, subject->method), subject->path);
}

static uint64_t draw_hash(const struct engine *engine, const struct rule *rule,
                          const struct asker *asker)
{
    uint64_t key = random_join(engine->seed, rule->key);

    switch (rule->per) {
    case PER_EXCHANGE:
        return random_join(key, asker->exchange);
    case PER_OPERATION:
        return random_join(key, asker->operation);
    case PER_CLIENT:
        return random_join(key, asker->client);
    case PER_CONNECTION:
        return random_join(random_join(key, asker->client + SALT_CONNECTION),
                           asker->question->connection);
    }
    return key;
}

/* HIT: it concerns the exchange. */
static enum asked rule_concerns(const struct engine *engine, const struct rule *rule,
                                const struct asker *asker)
{
    uint16_t service = asker->decision->service;

    if (rule->service != SERVICE_ANY && rule->service != service)
        return ASKED_OTHER_SERVICE;
    if (rule->service == SERVICE_ANY && engine->scenario->services[service].stays_up)
        return ASKED_STAYS_UP;
    if (!(rule->stands & asker->medium))
        return ASKED_OTHER_MEDIUM;
    return match_holds(&rule->when, &asker->question->subject) ? ASKED_HIT : ASKED_OUTSIDE;
}

/* Counts, too: it must be asked once for each exchange that concerns the rule. */
static bool nth_holds(const struct engine *engine, const struct rule *rule,
                      const struct asker *asker, uint64_t *nth)
{
    uint64_t key;

    if (!rule_counts(rule))
        return true;
    key = random_join(rule->key + SALT_NTH, asker->question->moment.stretch);
    *nth = counters_next(engine->counters, random_join(key, asker->operation)) + 1;
    return *nth >= rule->nth.first && *nth <= rule->nth.last;
}

static struct hit *add_hit(struct asker *asker)
{
    struct decision *decision = asker->decision;

    if (decision->count == asker->room) {
        struct hit *hits;

        asker->room = asker->room ? 2 * asker->room : 4;
        hits = ARENA_ARRAY(asker->arena, struct hit, asker->room);
        if (decision->count > 0)
            memcpy(hits, decision->hits, decision->count * sizeof(*hits));
        decision->hits = hits;
    }
    return &decision->hits[decision->count++];
}

/* Chance that is the rule's own, whoever asks. */
static uint64_t rule_own(const struct engine *engine, const struct rule *rule)
{
    return random_join(engine->seed + SALT_BITS, rule->key);
}

static bool bites(const struct engine *engine, const struct rule *rule,
                  const struct rule_fault *fault, const struct asker *asker, uint64_t *found)
{
    struct bite bite = {
        .counters = engine->counters,
        .key = rule_own(engine, rule),
        .client = asker->client,
        .operation = asker->operation,
        .now = asker->question->now,
    };

    if (!fault->kind->bites)
        return true;
    if (!fault->kind->bites(fault->params, &bite))
        return false;
    *found = bite.found;
    return true;
}

/* `bits` hang on the exchange, whatever the draw is per: delays differ although one draw serves
 * all. */
static void hit_faults(const struct engine *engine, const struct rule *rule,
                       const struct alternative *alternative, struct asker *asker,
                       const struct hit *common)
{
    uint64_t own = rule_own(engine, rule);
    uint64_t bits = random_join(own, asker->exchange);

    for (size_t i = 0; i < alternative->count; i++) {
        const struct rule_fault *fault = &alternative->faults[i];
        uint64_t found = 0;
        struct hit *hit;

        if (!(fault->stands & asker->medium) || !bites(engine, rule, fault, asker, &found))
            continue;
        hit = add_hit(asker);
        *hit = *common;
        hit->found = found;
        hit->rule_bits = own;
        hit->kind = fault->kind;
        hit->params = fault->params;
        hit->bits = random_join(bits, i);
        hit->shadowed = fault->kind->answers && asker->answered;
        asker->answered = asker->answered || fault->kind->answers;
    }
}

/* One draw for the rule. Of a mix it picks the outcome within whose part of [0, 1) it falls;
 * `share` is that part's upper end, so that draw < share says "hit" there, too. */
static const struct alternative *draw_rule(const struct engine *engine, const struct rule *rule,
                                           const struct asker *asker, struct hit *common)
{
    const struct moment *moment = &asker->question->moment;
    usec lasts = engine->scenario->phases[rule->phase].lasts;

    common->draw = random_unit(draw_hash(engine, rule, asker));
    for (size_t i = 0; i < rule->count; i++) {
        common->share += share_at(&rule->alternatives[i].share, moment->into, lasts);
        if (common->draw < common->share)
            return &rule->alternatives[i];
    }
    return NULL;
}

/* `concerns`: HIT, or why it does not. */
static void ask_rule(const struct engine *engine, const struct rule *rule, struct asker *asker,
                     enum asked concerns)
{
    const struct engine_witness *witness = asker->question->witness;
    struct hit common = { .rule = (uint32_t)(rule - engine->scenario->rules) };
    struct engine_step step = { .rule = rule, .asked = concerns };

    if (step.asked == ASKED_HIT && !nth_holds(engine, rule, asker, &step.nth))
        step.asked = ASKED_NTH;
    if (step.asked == ASKED_HIT) {
        step.alternative = draw_rule(engine, rule, asker, &common);
        if (step.alternative)
            hit_faults(engine, rule, step.alternative, asker, &common);
        else
            step.asked = ASKED_MISSED;
        step.draw = common.draw;
        step.share = common.share;
    }
    if (witness)
        witness->step(witness->user, &step);
}

static void ask_rules(struct engine *engine, const struct phase *phase, struct asker *asker)
{
    const struct scenario *scenario = engine->scenario;
    uint64_t path = glance_bytes(asker->question->subject.path);

    asker->decision->ordinal = counters_next(engine->counters, asker->operation);
    asker->exchange =
        random_join(asker->operation, asker->question->opening ? asker->question->connection
                                                               : asker->decision->ordinal);
    if (asker->question->moment.over)
        return;
    for (size_t i = 0; i < phase->rule_count; i++) {
        const struct rule *rule = &scenario->rules[phase->first_rule + i];
        const struct glance *glance = &engine->glances[phase->first_rule + i];
        enum asked concerns;

        if (!glance_holds(glance, path) && !asker->question->witness)
            continue;
        concerns = rule_concerns(engine, rule, asker);
        if (concerns == ASKED_HIT || asker->question->witness)
            ask_rule(engine, rule, asker, concerns);
    }
}

static unsigned medium_of(const struct question *question)
{
    if (question->opening)
        return FAULT_ON_CONNECTION;
    return question->tunnel ? FAULT_ON_TUNNEL : FAULT_ON_HTTP;
}

void engine_decide(struct engine *engine, const struct question *question, struct arena *arena,
                   struct decision *decision)
{
    const struct scenario *scenario = engine->scenario;
    const struct phase *phase = &scenario->phases[question->moment.phase];
    struct asker asker = {
        .question = question, .arena = arena, .medium = medium_of(question), .decision = decision
    };
    pthread_mutex_t *lock;

    *decision = (struct decision){ .phase = question->moment.phase };
    decision->service = engine_service(engine, &question->subject);
    if (decision->service == SERVICE_NONE || scenario->rule_count == 0 ||
        (question->opening && !engine->asks_connections))
        return;
    hash_asker(engine, &asker);
    lock = turns_begin(engine->turns, question->moment.phase, asker.operation, &decision->turn);
    ask_rules(engine, phase, &asker);
    turns_end(lock);
}
