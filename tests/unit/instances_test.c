/* instances: who hears what, and which part of the run an expectation is about. */
#include "verdict/instances.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "story.h"

/* A check that counts what it hears. */
struct counts {
    size_t attempts, operations, connections;
};

struct limits {
    double at_most;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, double, FIELD_NUMBER, .name = "at-most", .fallback = "3"),
    END_OF_FIELDS,
};

static size_t cleared;

static void count_attempt(void *state, const void *limits, const struct attempt *attempt,
                          const struct operation *operation)
{
    assert_non_null(limits);
    assert_non_null(attempt);
    assert_non_null(operation);
    ((struct counts *)state)->attempts++;
}

static void count_operation(void *state, const void *limits, const struct operation *operation)
{
    assert_non_null(limits);
    assert_non_null(operation);
    ((struct counts *)state)->operations++;
}

static void count_connection(void *state, const void *limits, const struct link *link)
{
    assert_non_null(limits);
    assert_non_null(link);
    ((struct counts *)state)->connections++;
}

static void judge(void *state, const struct judging *judging, struct finding *finding)
{
    const struct limits *limits = judging->limits;
    const struct counts *counts = state;

    finding_measure(finding, UNIT_COUNT, (double)counts->attempts, counts->attempts, "attempts");
    finding_at_most(finding, limits->at_most, limits->at_most, 0);
}

static void clear(void *state)
{
    assert_non_null(state);
    cleared++;
}

#define COUNTING                                                                               \
    .limits = fields, .limits_size = sizeof(struct limits),                                    \
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT, .state_size = sizeof(struct counts), \
    .judge = judge, .clear = clear

static const struct check troubled = {
    .name = "troubled", COUNTING, .attempt = count_attempt, .operation = count_operation
};
static const struct check calm = { .name = "calm",
                                   COUNTING,
                                   .calm = true,
                                   .attempt = count_attempt,
                                   .operation = count_operation,
                                   .connection = count_connection };
static const struct check idle = { .name = "idle", COUNTING, .gate = true };

static const struct service_terms services[] = { { .name = TEXT("api") },
                                                 { .name = TEXT("login"), .stays_up = true } };
static const struct limits given = { 100 };

struct world {
    struct arena arena;
    struct instances instances;
    struct history *history;
    struct verdict_terms terms;
    struct story story;
};

static void on_attempt(void *user, const struct attempt *attempt, const struct operation *operation)
{
    instances_attempt(&((struct world *)user)->instances, attempt, operation);
}

static void on_operation(void *user, const struct operation *operation)
{
    instances_operation(&((struct world *)user)->instances, operation);
}

static void on_connection(void *user, const struct link *link)
{
    instances_connection(&((struct world *)user)->instances, link);
}

static void take(void *user, enum event_kind kind, const void *event, usec time)
{
    history_take(((struct world *)user)->history, kind, event, time);
}

static void begin(struct world *world, const struct expectation_terms *expectations, size_t count)
{
    const struct history_watcher watcher = { world, on_attempt, on_operation, on_connection };

    *world = (struct world){ .terms = { .history = { services, 2, false },
                                        .expectations = expectations,
                                        .expectation_count = count },
                             .story = { take, world, 0 } };
    world->history = history_new(&world->terms.history, &watcher);
    instances_add(&world->instances, &world->terms, &troubled, &world->arena);
    instances_add(&world->instances, &world->terms, &calm, &world->arena);
    instances_add(&world->instances, &world->terms, &idle, &world->arena);
    instances_gather(&world->instances, &world->arena);
    world->instances.history = world->history;
}

static void end(struct world *world)
{
    instances_clear(&world->instances);
    history_free(world->history);
    arena_clear(&world->arena);
}

static const struct counts *counts_of(const struct world *world, size_t index)
{
    assert_true(index < world->instances.count);
    return world->instances.items[index].state;
}

static void without_expectations_each_check_is_asked_by_the_profile(void **state)
{
    struct world world;

    (void)state;
    begin(&world, NULL, 0);
    assert_int_equal(world.instances.count, 3);
    assert_int_equal(world.instances.decisions, 2);
    assert_null(world.instances.items[0].expectation);
    assert_float_equal(((const struct limits *)world.instances.items[0].limits)->at_most, 3, 0);
    cleared = 0;
    end(&world);
    assert_int_equal(cleared, 3);
}

static void an_expectation_stands_for_the_profile_unless_it_is_narrowed(void **state)
{
    const struct expectation_terms whole = { .check = &troubled, .limits = &given };
    const struct expectation_terms narrow = { .check = &troubled,
                                              .limits = &given,
                                              .client = TEXT("curl") };
    const struct expectation_terms ignored = { .check = &troubled,
                                               .limits = &given,
                                               .ignored = true };
    const struct {
        struct expectation_terms items[2];
        size_t count, made; /* of the check */
    } rows[] = {
        { { whole }, 1, 1 },          { { narrow }, 1, 2 },  { { narrow, whole }, 2, 2 },
        { { narrow, narrow }, 2, 3 }, { { ignored }, 1, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct world world;

        begin(&world, rows[i].items, rows[i].count);
        assert_int_equal(world.instances.count, rows[i].made + 2);
        end(&world);
    }
}

/* Nobody but those who ask hears of what went well before anything went wrong. */
static void plain_successes_before_the_first_fault_are_for_the_calm(void **state)
{
    struct event_request event;
    struct world world;

    (void)state;
    begin(&world, NULL, 0);
    story_phase(&world.story, "all", 0);
    for (usec i = 1; i <= 5; i++) {
        event = story_request(&world.story, "all");
        story_take(&world.story, &event, i * SECOND);
    }
    assert_int_equal(counts_of(&world, 0)->attempts, 0);
    assert_int_equal(counts_of(&world, 1)->attempts, 5);
    event = story_request(&world.story, "all");
    event.status = 500; /* the origin's own, and no plain success */
    story_take(&world.story, &event, 6 * SECOND);
    assert_int_equal(counts_of(&world, 0)->attempts, 1);
    event = story_request(&world.story, "all");
    story_hit(&world.story, &event, "latency", 7 * SECOND);
    event = story_request(&world.story, "all");
    story_take(&world.story, &event, 8 * SECOND);
    assert_int_equal(counts_of(&world, 0)->attempts, 3);
    assert_int_equal(counts_of(&world, 1)->attempts, 8);
    history_end(world.history);
    assert_int_equal(counts_of(&world, 1)->operations, 8);
    assert_int_equal(counts_of(&world, 2)->attempts, 0);
    end(&world);
}

/* Of three phases, two services and three clients, one request each, all hit. */
static void tell_all(struct world *world)
{
    static const char *const phases[] = { "one", "two", "three" };
    static const char *const clients[] = { "10.0.0.1", "10.0.0.2", "a/b" };
    static const char *const agents[] = { "curl/8.5", "python-requests/2.31", "" };
    usec time = 0;

    for (size_t i = 0; i < 3; i++) {
        story_phase(&world->story, phases[i], time);
        for (size_t j = 0; j < 6; j++) {
            struct event_request event = story_request(&world->story, phases[i]);

            event.service = text_from(j < 3 ? "api" : "login");
            event.client = text_from(clients[j % 3]);
            event.agent = text_from(agents[j % 3]);
            story_hit(&world->story, &event, "latency", time += SECOND);
        }
    }
    history_end(world->history);
}

static const struct narrow {
    const char *phase, *service, *client;
    size_t heard;
} narrows[] = {
    { "", "", "", 18 },           { "two", "", "", 6 },      { "three", "", "", 6 },
    { "", "login", "", 9 },       { "", "", "10.0.0.1", 6 }, { "", "", "10.*", 12 },
    { "", "", "curl", 6 },        { "", "", "CURL*", 6 },    { "", "", "python-*", 6 },
    { "", "", "curl/8.*", 6 },    { "", "", "a/b", 6 },      { "two", "api", "curl", 1 },
    { "", "", "ruby", 0 },        { "four", "", "", 0 },     { "one", "login", "10.*", 2 },
    { "", "", "?0.0.0.[12]", 0 },
};

static void expectations_hear_of_their_part_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(narrows); i++) {
        const struct narrow *narrow = &narrows[i];
        const struct expectation_terms expectation = { .check = &troubled,
                                                       .limits = &given,
                                                       .phase = text_from(narrow->phase),
                                                       .service = text_from(narrow->service),
                                                       .client = text_from(narrow->client) };
        struct world world;

        begin(&world, &expectation, 1);
        tell_all(&world);
        if (counts_of(&world, 0)->attempts != narrow->heard ||
            counts_of(&world, 0)->operations != narrow->heard)
            fail_msg("row %zu: %zu attempts, %zu operations", i, counts_of(&world, 0)->attempts,
                     counts_of(&world, 0)->operations);
        end(&world);
    }
}

static struct finding judged(struct world *world, size_t index)
{
    struct finding finding = { .arena = &world->arena };

    instance_judge(&world->instances.items[index], world->history, 0.01, &finding);
    return finding;
}

static void what_never_came_cannot_be_judged(void **state)
{
    const struct expectation_terms expectations[] = {
        { .check = &troubled, .limits = &given, .phase = TEXT("four") },
        { .check = &troubled, .limits = &given, .client = TEXT("ruby") },
        { .check = &troubled, .limits = &given, .client = TEXT("curl"), .phase = TEXT("one") },
    };
    struct world world;
    struct finding finding;

    (void)state;
    begin(&world, expectations, COUNT_OF(expectations));
    tell_all(&world);
    finding = judged(&world, 0);
    assert_int_equal(finding.outcome, OUTCOME_INCONCLUSIVE);
    assert_true(text_is(finding.because, "the phase four did not come"));
    finding = judged(&world, 1);
    assert_int_equal(finding.outcome, OUTCOME_INCONCLUSIVE);
    assert_true(text_is(finding.because, "no client is like ruby"));
    finding = judged(&world, 2);
    assert_int_equal(finding.outcome, OUTCOME_PASS);
    assert_float_equal(finding.value, 2, 0);
    end(&world);
}

/* A connection has a client and a time, and no service. */
static void connections_count_by_client_and_time(void **state)
{
    const struct expectation_terms expectations[] = {
        { .check = &calm, .limits = &given },
        { .check = &calm, .limits = &given, .client = TEXT("10.*") },
        { .check = &calm, .limits = &given, .phase = TEXT("two") },
    };
    struct world world;

    (void)state;
    begin(&world, expectations, COUNT_OF(expectations));
    story_phase(&world.story, "one", 0);
    story_phase(&world.story, "two", 10 * SECOND);
    for (uint64_t i = 0; i < 4; i++) {
        const struct event_connection event = { .connection = i + 1,
                                                .client = text_from(i < 3 ? "10.0.0.1" : "local"),
                                                .lasted = SECOND,
                                                .end = TEXT("client") };

        take(&world, EVENT_connection, &event, 5 * SECOND * (usec)(i + 1));
    }
    assert_int_equal(counts_of(&world, 1)->connections, 4);
    assert_int_equal(counts_of(&world, 2)->connections, 3);
    assert_int_equal(counts_of(&world, 3)->connections, 2); /* opened at 14 and 19 s */
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_expectations_each_check_is_asked_by_the_profile),
        cmocka_unit_test(an_expectation_stands_for_the_profile_unless_it_is_narrowed),
        cmocka_unit_test(plain_successes_before_the_first_fault_are_for_the_calm),
        cmocka_unit_test(expectations_hear_of_their_part_alone),
        cmocka_unit_test(what_never_came_cannot_be_judged),
        cmocka_unit_test(connections_count_by_client_and_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
