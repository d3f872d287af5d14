/* How often the checks of pace are wrong, over many runs of clients that are right, wrong, or at
 * the very limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "check_bench.h"

static const struct wire_client full = { .rate = 1,
                                         .attempts = 3,
                                         .pace = WIRE_EXPONENTIAL,
                                         .jitter = WIRE_FULL,
                                         .base = 400 * MSEC,
                                         .cap = 20 * SECOND,
                                         .lag = 2 * MSEC,
                                         .spread = SECOND };
static const struct wire_client boto = { .rate = 1,
                                         .attempts = 5,
                                         .pace = WIRE_EXPONENTIAL,
                                         .jitter = WIRE_FULL,
                                         .base = SECOND,
                                         .cap = 20 * SECOND,
                                         .spread = SECOND,
                                         .marked = true };
static const struct wire_client equal = { .rate = 1,
                                          .attempts = 4,
                                          .pace = WIRE_EXPONENTIAL,
                                          .jitter = WIRE_EQUAL,
                                          .base = 500 * MSEC,
                                          .lag = 5 * MSEC,
                                          .spread = SECOND };
static const struct wire_client decorrelated = { .rate = 1,
                                                 .attempts = 4,
                                                 .pace = WIRE_DECORRELATED,
                                                 .base = 128 * MSEC,
                                                 .cap = 30 * SECOND,
                                                 .spread = SECOND };
static const struct wire_client steady = {
    .rate = 1, .attempts = 4, .pace = WIRE_CONSTANT, .base = SECOND, .deaf = true, .lag = 10 * MSEC
};
static const struct wire_client naive = { .rate = 1, .attempts = 10, .deaf = true, .lag = MSEC };

static struct wire_world world_of(const struct wire_client *client, uint64_t seed, unsigned count,
                                  const struct wire_fault *fault)
{
    return (struct wire_world){ .seed = seed,
                                .lasts = 60 * SECOND,
                                .clients = count,
                                .kinds = client,
                                .faults = fault,
                                .fault_count = 1 };
}

static const struct wire_fault outage = { .begins = 5 * SECOND, .ends = 45 * SECOND };
static const struct wire_fault told = { .begins = 5 * SECOND,
                                        .ends = 45 * SECOND,
                                        .retry_after = SECOND };

/* Runs of some right and some wrong clients. */
static void simulate(const char *check, const struct wire_fault *fault, unsigned count,
                     const struct wire_client *const right[4],
                     const struct wire_client *const wrong[2])
{
    struct bench_tally fine = { 0 }, bad = { 0 };

    for (uint64_t seed = 0; seed < bench_runs(); seed++) {
        struct wire_world world = world_of(right[seed % 4], seed, count, fault);

        bench_count(check, &world, NULL, &fine);
        world = world_of(wrong[seed % 2], seed, count, fault);
        bench_count(check, &world, NULL, &bad);
    }
    bench_errors_within(check, &fine, &bad);
}

static void growth_jitter_and_ceiling(void **state)
{
    static const struct wire_client *const right[] = { &full, &boto, &equal, &decorrelated };
    static const struct wire_client *const wrong[] = { &steady, &naive };
    static const struct wire_client slow = {
        .rate = 1, .attempts = 3, .pace = WIRE_CONSTANT, .base = 400 * SECOND, .marked = true
    };
    static const struct wire_client *const slower[] = { &slow, &slow };
    static const struct wire_fault hours = { .begins = 5 * SECOND, .ends = HOUR };
    struct bench_tally fine = { 0 }, bad = { 0 };

    (void)state;
    simulate("backoff", &outage, 3, right, wrong);
    simulate("jitter", &outage, 3, right, wrong);
    for (uint64_t seed = 0; seed < bench_runs() / 10; seed++) {
        struct wire_world world = world_of(right[seed % 4], seed, 2, &hours);

        world.lasts = 15 * MINUTE;
        bench_count("backoff-ceiling", &world, NULL, &fine);
        world.kinds = slower[seed % 2];
        bench_count("backoff-ceiling", &world, NULL, &bad);
    }
    bench_errors_within("backoff-ceiling", &fine, &bad);
}

static void waiting_as_asked(void **state)
{
    static const struct wire_client *const right[] = { &full, &boto, &equal, &decorrelated };
    static const struct wire_client *const wrong[] = { &naive, &naive };
    static const struct wire_client sharp = {
        .rate = 1, .attempts = 3, .pace = WIRE_CONSTANT, .base = SECOND, .lag = 10 * MSEC
    };
    static const struct wire_client *const herd[] = { &sharp, &sharp };

    (void)state;
    simulate("retry-after", &told, 3, right, wrong);
    simulate("retry-after-herd", &told, 24, right, herd);
}

static void keeping_step(void **state)
{
    static const struct wire_client busy_full = {
        .rate = 10, .attempts = 3, .pace = WIRE_EXPONENTIAL, .jitter = WIRE_FULL, .base = SECOND
    };
    static const struct wire_client busy_equal = {
        .rate = 10, .attempts = 3, .pace = WIRE_EXPONENTIAL, .jitter = WIRE_EQUAL, .base = SECOND
    };
    static const struct wire_client busy_steady = {
        .rate = 10, .attempts = 3, .pace = WIRE_CONSTANT, .base = SECOND, .lag = 10 * MSEC
    };
    static const struct wire_client *const right[] = { &busy_full, &steady, &full, &busy_equal };
    static const struct wire_client *const wrong[] = { &busy_steady, &busy_steady };
    static const struct wire_fault blip = { .begins = 5 * SECOND, .ends = 9 * SECOND };

    (void)state;
    simulate("synchrony", &blip, 25, right, wrong);
}

/* Exactly what is allowed is no failure: the worst case for a false alarm. */
static void clients_at_the_limit_do_not_fail(void **state)
{
    static const struct wire_client grows = { .rate = 1,
                                              .attempts = 3,
                                              .pace = WIRE_EXPONENTIAL,
                                              .factor = 1.2,
                                              .jitter = WIRE_FULL,
                                              .base = SECOND };
    static const struct wire_client forgets = {
        .rate = 1, .attempts = 3, .pace = WIRE_CONSTANT, .base = 100 * MSEC, .forgets = 0.1
    };
    struct bench_tally growth = { 0 }, waits = { 0 };

    (void)state;
    for (uint64_t seed = 0; seed < bench_runs(); seed++) {
        struct wire_world world = world_of(&grows, seed, 3, &outage);

        bench_count("backoff", &world, NULL, &growth);
        world = world_of(&forgets, seed, 3, &told);
        bench_count("retry-after", &world, NULL, &waits);
    }
    assert_true(growth.outcomes[OUTCOME_FAIL] <= bench_runs() / 1000);
    assert_true(waits.outcomes[OUTCOME_FAIL] <= bench_runs() / 1000);
    /* Nor is there much that could pass. */
    assert_true(growth.outcomes[OUTCOME_PASS] <= bench_runs() / 10);
}

/* All checks of one run together: at most 1 % of such runs have a false alarm in any. */
static void a_right_client_is_hardly_ever_accused(void **state)
{
    static const char *const names[] = { "attempts",         "hot-loop", "backoff",
                                         "backoff-ceiling",  "jitter",   "retry-after",
                                         "retry-after-herd", "budget",   "synchrony" };
    static const struct wire_client *const right[] = { &full, &boto, &decorrelated };
    uint64_t accused = 0;

    (void)state;
    for (uint64_t seed = 0; seed < bench_runs() / 2; seed++) {
        struct wire_client client = *right[seed % 3];
        struct wire_world world =
            world_of(&client, seed, 1 + (unsigned)seed % 12, seed % 2 ? &told : &outage);
        struct bench_tally tally = { 0 };

        client.budget = 0.1;
        client.purse = 10;
        for (size_t i = 0; i < COUNT_OF(names); i++)
            bench_count(names[i], &world, NULL, &tally);
        accused += tally.outcomes[OUTCOME_FAIL] > 0;
    }
    assert_true(accused <= bench_runs() / 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growth_jitter_and_ceiling),
        cmocka_unit_test(waiting_as_asked),
        cmocka_unit_test(keeping_step),
        cmocka_unit_test(clients_at_the_limit_do_not_fail),
        cmocka_unit_test(a_right_client_is_hardly_ever_accused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
