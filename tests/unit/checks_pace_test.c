/* The checks of pace (backoff, backoff-ceiling, jitter, retry-after, retry-after-herd, synchrony)
 * take real clients' policies for what they are, and do not judge what they have not seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "check_bench.h"
#include "known_clients.h"
#include "verdict/gaps.h"

static const struct wire_fault outage[] = { { .begins = 30 * SECOND, .ends = 150 * SECOND } };
static const struct wire_fault told[] = {
    { .begins = 30 * SECOND, .ends = 150 * SECOND, .retry_after = 2 * SECOND }
};

static struct wire_world world_of(enum known_client who, const struct wire_fault *fault,
                                  unsigned count)
{
    return (struct wire_world){ .seed = 7,
                                .lasts = 200 * SECOND,
                                .clients = count,
                                .kinds = &known_clients[who],
                                .faults = fault,
                                .fault_count = 1 };
}

static void expect_on(const char *check, enum known_client who, const struct wire_fault *fault,
                      unsigned count, enum outcome outcome, const char *words)
{
    struct wire_world world = world_of(who, fault, count);

    bench_expect(check, PROFILE_DEFAULT, &world, outcome, words);
}

static void each_policy_is_taken_for_what_it_is(void **state)
{
    static const struct row {
        enum known_client who;
        enum outcome backoff, jitter;
    } rows[] = {
        { FULL, OUTCOME_PASS, OUTCOME_PASS },     { EQUAL, OUTCOME_PASS, OUTCOME_WARN },
        { GRPC, OUTCOME_PASS, OUTCOME_WARN },     { CURL, OUTCOME_PASS, OUTCOME_FAIL },
        { STEADY, OUTCOME_FAIL, OUTCOME_FAIL },   { CONSTANT_FULL, OUTCOME_FAIL, OUTCOME_PASS },
        { LINEAR, OUTCOME_PASS, OUTCOME_FAIL },   { DECORRELATED, OUTCOME_PASS, OUTCOME_PASS },
        { NAIVE, OUTCOME_FAIL, OUTCOME_FAIL },    { AWS_JS, OUTCOME_PASS, OUTCOME_PASS },
        { BOTO, OUTCOME_PASS, OUTCOME_PASS },     { BOTO_DYNAMODB, OUTCOME_PASS, OUTCOME_FAIL },
        { REQUESTS, OUTCOME_PASS, OUTCOME_FAIL }, { CAPPED, OUTCOME_PASS, OUTCOME_WARN },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        expect_on("backoff", rows[i].who, outage, 6, rows[i].backoff, "half of the gaps");
        expect_on("jitter", rows[i].who, outage, 6, rows[i].jitter,
                  rows[i].who == NAIVE ? "without a pause" : "three in four of the gaps");
    }
}

static void who_does_not_listen_is_judged_by_pauses_of_its_own(void **state)
{
    (void)state;
    expect_on("backoff", NAIVE, told, 6, OUTCOME_FAIL, "half of the gaps");
    expect_on("jitter", NAIVE, told, 6, OUTCOME_FAIL, "without a pause");
    expect_on("jitter", BOTO, told, 6, OUTCOME_PASS, "three in four of the gaps");
    expect_on("jitter", CURL, told, 6, OUTCOME_INCONCLUSIVE, "0 gaps of the client's own");
    expect_on("backoff", CURL, told, 6, OUTCOME_INCONCLUSIVE, "0 operations");
}

static void two_strict_clients_have_no_jitter_together(void **state)
{
    static const struct wire_client pair[] = {
        { .rate = 1, .attempts = 2, .pace = WIRE_CONSTANT, .base = SECOND, .lag = 10 * MSEC },
        { .rate = 1, .attempts = 2, .pace = WIRE_CONSTANT, .base = 5 * SECOND, .lag = 10 * MSEC },
    };
    struct wire_world world = world_of(ONCE, outage, 2);

    (void)state;
    world.kinds = pair;
    world.kind_count = 2;
    bench_expect("jitter", PROFILE_DEFAULT, &world, OUTCOME_FAIL, "three in four");
}

static void a_few_retries_are_no_verdict(void **state)
{
    static const struct wire_fault blip[] = { { .begins = 30 * SECOND, .ends = 36 * SECOND } };
    static const char *const names[] = { "backoff", "backoff-ceiling", "jitter" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        expect_on(names[i], STEADY, blip, 1, OUTCOME_INCONCLUSIVE, "it takes");
}

static void a_few_waits_are_no_verdict(void **state)
{
    static const struct wire_fault blip[] = {
        { .begins = 30 * SECOND, .ends = 32 * SECOND, .retry_after = SECOND }
    };

    (void)state;
    expect_on("retry-after", NAIVE, told, 1, OUTCOME_FAIL, "before the time");
    expect_on("retry-after", CURL, blip, 1, OUTCOME_INCONCLUSIVE, "and it takes 10");
}

static void pauses_that_do_not_grow_after_the_first_are_found(void **state)
{
    static const struct wire_client flat = { .rate = 1,
                                             .attempts = 5,
                                             .pace = WIRE_CONSTANT,
                                             .base = SECOND,
                                             .first_at_once = true,
                                             .lag = 5 * MSEC };
    struct wire_world world = world_of(ONCE, outage, 3);

    (void)state;
    world.kinds = &flat;
    bench_expect("backoff", PROFILE_DEFAULT, &world, OUTCOME_FAIL, "before retry 2, and");
}

/* A silent replay by the HTTP library, and then pauses of the application's. */
static void jitter_is_looked_for_where_there_are_pauses(void **state)
{
    static const struct wire_client replays = { .rate = 1,
                                                .attempts = 3,
                                                .pace = WIRE_EXPONENTIAL,
                                                .jitter = WIRE_FULL,
                                                .base = SECOND,
                                                .first_at_once = true,
                                                .lag = MSEC };
    struct wire_world world = world_of(ONCE, outage, 3);

    (void)state;
    world.kinds = &replays;
    bench_expect("jitter", PROFILE_DEFAULT, &world, OUTCOME_PASS, "before retry 2");
}

static void work_is_no_jitter(void **state)
{
    static const struct wire_client slow_machine = { .rate = 1, .attempts = 4, .lag = 30 * MSEC };
    static const struct wire_client replay = { .rate = 1, .attempts = 2 };
    struct wire_world world = world_of(ONCE, outage, 3);

    (void)state;
    world.kinds = &slow_machine;
    bench_expect("jitter", PROFILE_DEFAULT, &world, OUTCOME_FAIL, "without a pause");
    bench_expect("backoff", PROFILE_DEFAULT, &world, OUTCOME_FAIL, "half of the gaps");
    world.kinds = &replay;
    bench_expect("jitter", PROFILE_DEFAULT, &world, OUTCOME_INCONCLUSIVE, "too soon to tell");
}

/* Both requests of a hedge are under way at once: there is no pause between them. */
static void a_hedge_is_no_pause(void **state)
{
    struct step steps[] = {
        { .exchange = 1, .began = 0, .ended = SECOND, .retry_after = NEVER, .failed = true },
        { .exchange = 2,
          .began = 100 * MSEC,
          .ended = SECOND,
          .retry_after = NEVER,
          .failed = true },
        { .exchange = 3, .began = 2 * SECOND, .ended = 3 * SECOND, .retry_after = NEVER },
    };
    struct operation operation = { .attempts = 3, .steps = steps, .step_count = 3 };

    (void)state;
    assert_false(gap_own(&operation, 1));
    assert_true(gap_own(&operation, 2));
    steps[1].retry_after = SECOND;
    assert_false(gap_own(&operation, 2));
    steps[1].retry_after = 3 * SECOND;
    assert_true(gap_own(&operation, 2));
    steps[1].end = ATTEMPT_UNFINISHED;
    assert_false(gap_own(&operation, 2));
}

static void nothing_failed_or_nothing_was_repeated(void **state)
{
    static const struct wire_fault none[] = { { .begins = HOUR, .ends = 2 * HOUR } };
    static const char *const names[] = { "backoff", "backoff-ceiling", "jitter", "synchrony" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        expect_on(names[i], FULL, none, 12, OUTCOME_INCONCLUSIVE, "nothing to try again");
        expect_on(names[i], ONCE, outage, 12, OUTCOME_PASS, "failed, none was");
    }
    expect_on("retry-after", FULL, outage, 12, OUTCOME_INCONCLUSIVE, "asked the client to wait");
    expect_on("retry-after", ONCE, told, 12, OUTCOME_PASS, "did not try again");
    expect_on("retry-after-herd", FULL, outage, 12, OUTCOME_INCONCLUSIVE, "asked a client to wait");
}

static void a_ceiling_is_the_longest_usual_gap(void **state)
{
    static const struct wire_client patient = { .rate = 0.1,
                                                .attempts = 4,
                                                .pace = WIRE_EXPONENTIAL,
                                                .base = 40 * SECOND,
                                                .factor = 4,
                                                .marked = true };
    static const struct wire_fault hours[] = { { .begins = 30 * SECOND, .ends = HOUR } };
    struct wire_world world = world_of(ONCE, hours, 2);

    (void)state;
    world.kinds = &patient;
    world.lasts = HOUR;
    bench_expect("backoff-ceiling", PROFILE_DEFAULT, &world, OUTCOME_FAIL, "before retry 3");
    bench_expect("backoff-ceiling", PROFILE_IOT, &world, OUTCOME_PASS, "640 s or more");
    expect_on("backoff-ceiling", CURL, outage, 1, OUTCOME_PASS,
              "before retry 3: half of them last 4");
}

static void retry_after_is_obeyed_or_not(void **state)
{
    static const struct wire_fault dated[] = { { .begins = 30 * SECOND,
                                                 .ends = 150 * SECOND,
                                                 .retry_after = 3 * SECOND,
                                                 .retry_date = true } };
    static const struct wire_fault exact = { .begins = 30 * SECOND,
                                             .ends = 150 * SECOND,
                                             .retry_after = 3 * SECOND };
    static const struct wire_client early = {
        .rate = 1, .attempts = 2, .pace = WIRE_CONSTANT, .base = 2200 * MSEC, .deaf = true
    };
    struct wire_world world = world_of(ONCE, dated, 2);

    (void)state;
    expect_on("retry-after", FULL, told, 2, OUTCOME_PASS, "0 of ");
    expect_on("retry-after", CURL, told, 2, OUTCOME_PASS, "new requests came meanwhile");
    expect_on("retry-after", BOTO, told, 2, OUTCOME_FAIL, "before the time that Retry-After");
    expect_on("retry-after", NAIVE, told, 2, OUTCOME_FAIL, "before the time that Retry-After");
    /* A date has no parts of seconds: 2.2 s is no less than 3 s. */
    world.kinds = &early;
    bench_expect("retry-after", PROFILE_DEFAULT, &world, OUTCOME_PASS, "0 of ");
    world.faults = &exact;
    bench_expect("retry-after", PROFILE_DEFAULT, &world, OUTCOME_FAIL, "before the time");
}

static void some_early_retries_are_found(void **state)
{
    static const struct wire_client forgetful = {
        .rate = 1, .attempts = 4, .pace = WIRE_CONSTANT, .base = 100 * MSEC, .forgets = 0.3
    };
    struct wire_world world = world_of(ONCE, told, 2);

    (void)state;
    world.kinds = &forgetful;
    bench_expect("retry-after", PROFILE_DEFAULT, &world, OUTCOME_FAIL, "before the time");
    bench_expect("retry-after", PROFILE_LENIENT, &world, OUTCOME_WARN, "before the time");
}

static void a_herd_comes_back_sharp(void **state)
{
    (void)state;
    expect_on("retry-after-herd", CURL, told, 30, OUTCOME_FAIL, "30 of 30 clients");
    expect_on("retry-after-herd", FULL, told, 30, OUTCOME_PASS, "0 of 30 clients");
    expect_on("retry-after-herd", NAIVE, told, 30, OUTCOME_PASS, "nobody came back");
    expect_on("retry-after-herd", CURL, told, 5, OUTCOME_INCONCLUSIVE, "a herd takes 10");
}

/* Busy clients that all fail within a moment; what follows is their own choice. */
static struct wire_world struck(enum known_client who, struct wire_client *busy, unsigned count)
{
    struct wire_world world = world_of(who, outage, count);

    *busy = known_clients[who];
    busy->rate = 20;
    world.lasts = 60 * SECOND;
    world.kinds = busy;
    return world;
}

static void clients_without_jitter_retry_in_step(void **state)
{
    struct wire_client busy;
    struct wire_world world = struck(CURL, &busy, 30);

    (void)state;
    bench_expect("synchrony", PROFILE_DEFAULT, &world, OUTCOME_FAIL, "are in step by 0.9");
    world = struck(FULL, &busy, 30);
    bench_expect("synchrony", PROFILE_DEFAULT, &world, OUTCOME_PASS, "are in step by 0.");
    world = struck(CURL, &busy, 5);
    bench_expect("synchrony", PROFILE_DEFAULT, &world, OUTCOME_INCONCLUSIVE, "it takes 10");
    /* At leisure they fail at moments of their own, and retry at such. */
    expect_on("synchrony", CURL, outage, 30, OUTCOME_PASS, "are in step by 0.");
    /* All who are told to come back at one time do. */
    expect_on("synchrony", CURL, told, 30, OUTCOME_INCONCLUSIVE, "0 clients retried after a fault");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_policy_is_taken_for_what_it_is),
        cmocka_unit_test(who_does_not_listen_is_judged_by_pauses_of_its_own),
        cmocka_unit_test(two_strict_clients_have_no_jitter_together),
        cmocka_unit_test(a_few_retries_are_no_verdict),
        cmocka_unit_test(a_few_waits_are_no_verdict),
        cmocka_unit_test(pauses_that_do_not_grow_after_the_first_are_found),
        cmocka_unit_test(jitter_is_looked_for_where_there_are_pauses),
        cmocka_unit_test(work_is_no_jitter),
        cmocka_unit_test(a_hedge_is_no_pause),
        cmocka_unit_test(nothing_failed_or_nothing_was_repeated),
        cmocka_unit_test(a_ceiling_is_the_longest_usual_gap),
        cmocka_unit_test(retry_after_is_obeyed_or_not),
        cmocka_unit_test(some_early_retries_are_found),
        cmocka_unit_test(a_herd_comes_back_sharp),
        cmocka_unit_test(clients_without_jitter_retry_in_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
