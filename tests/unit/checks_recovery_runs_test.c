/* How often the checks of recovery and of connections are wrong, over many runs of clients that are
 * right, wrong, or at the very limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "base/random.h"
#include "history_bench.h"

#define DOWN    \
    {           \
        0, 1, 0 \
    }

static const usec calms[] = { 25 * SECOND, 60 * SECOND, 40 * SECOND };

/* At length it is 10,000. */
static uint64_t runs(uint64_t few)
{
    return bench_runs() < 1000 ? few : bench_runs();
}

/* Those of a right client and of a wrong one, each `count` flows, in turn with the seed. */
struct pair {
    const char *check, *limits; /* NULL: the profile's */
    const struct bench_flow *right, *wrong;
    size_t rights, wrongs, flows; /* flows: of each world */
    usec outage, after;
};

static struct bench_world world_of(const struct pair *pair, const struct bench_flow *flows,
                                   size_t count, uint64_t seed)
{
    return (
        struct bench_world){ .seed = seed,
                             .lasts = { calms[seed % COUNT_OF(calms)], pair->outage, pair->after },
                             .flows = flows + seed % count * pair->flows,
                             .flow_count = pair->flows };
}

static void simulate(const struct pair *pair)
{
    const struct bench_question question = { .check = pair->check, .limits = pair->limits };
    struct bench_tally right = { 0 }, wrong = { 0 };

    for (uint64_t seed = 0; seed < runs(120); seed++) {
        struct bench_world world = world_of(pair, pair->right, pair->rights, seed);

        bench_tell(&world, &question, &right);
        world = world_of(pair, pair->wrong, pair->wrongs, seed);
        bench_tell(&world, &question, &wrong);
    }
    bench_errors_within(pair->check, &right, &wrong);
}

static void coming_back(void **state)
{
    static const struct bench_flow right[] = {
        { .rate = { 10, 10, 10 }, .failing = DOWN },
        { .rate = { 5, 5, 5 }, .failing = DOWN, .even = true },
        { .rate = { 10, 10, 10 }, .failing = DOWN, .back = 30 * SECOND },
        { .rate = { 20, 20, 20 }, .failing = DOWN, .batch = 5 },
    };
    static const struct bench_flow wrong[] = {
        { .rate = { 10, 10, 4 }, .failing = DOWN },
        { .rate = { 10, 10, 10 }, .failing = DOWN, .back = 150 * SECOND },
        { .rate = { 5, 5, 0.1 }, .failing = DOWN },
    };

    (void)state;
    simulate(&(struct pair){ "recovery", NULL, right, wrong, COUNT_OF(right), COUNT_OF(wrong), 1,
                             20 * SECOND, 200 * SECOND });
}

static void coming_back_at_once(void **state)
{
    static const struct bench_flow right[] = {
        { .rate = { 20, 20, 20 }, .failing = DOWN },
        { .rate = { 50, 50, 50 }, .failing = DOWN, .batch = 2 },
        { .rate = { 20, 20, 20 }, .failing = DOWN, .even = true },
        { .rate = { 20, 20, 20 }, .failing = DOWN, .back = 10 * SECOND },
    };
    static const struct bench_flow wrong[] = {
        { .rate = { 20, 20, 20 }, .failing = DOWN, .surge = 160 },
        { .rate = { 10, 10, 10 }, .failing = DOWN, .surge = 90, .back = 5 * SECOND },
    };

    (void)state;
    simulate(&(struct pair){ "overshoot", NULL, right, wrong, COUNT_OF(right), COUNT_OF(wrong), 1,
                             5 * SECOND, 40 * SECOND });
}

static void settling_down(void **state)
{
    static const struct bench_flow right[] = {
        { .rate = { 20, 20, 20 }, .failing = DOWN },
        { .rate = { 20, 20, 20 }, .failing = { 0.01, 1, 0.01 } },
        { .rate = { 20, 20, 20 }, .failing = DOWN, .even = true },
        { .rate = { 20, 20, 20 }, .failing = DOWN, .batch = 3 },
    };
    static const struct bench_flow wrong[] = {
        { .rate = { 10, 10, 10 }, .failing = { 0, 1, 0.3 } },
        { .rate = { 10, 20, 30 }, .failing = DOWN },
    };

    (void)state;
    simulate(&(struct pair){ "metastability", NULL, right, wrong, COUNT_OF(right), COUNT_OF(wrong),
                             1, 5 * SECOND, 100 * SECOND });
}

#define OTHER .service = "other"
static void working_on(void **state)
{
    static const struct bench_flow right[] = {
        { .rate = { 5, 5, 5 }, .failing = DOWN }, { OTHER, .rate = { 20, 20, 20 } },
        { .rate = { 5, 5, 5 }, .failing = DOWN }, { OTHER, .rate = { 20, 20, 20 }, .even = true },
        { .rate = { 5, 5, 5 }, .failing = DOWN }, { OTHER, .rate = { 20, 19, 20 }, .even = true },
    };
    static const struct bench_flow wrong[] = {
        { .rate = { 5, 5, 5 }, .failing = DOWN },
        { OTHER, .rate = { 20, 5, 20 } },
        { .rate = { 5, 5, 5 }, .failing = DOWN },
        { OTHER, .rate = { 20, 8, 20 } },
    };

    (void)state;
    simulate(&(struct pair){ "bulkhead", NULL, right, wrong, COUNT_OF(right) / 2,
                             COUNT_OF(wrong) / 2, 2, 40 * SECOND, SECOND });
}

static void falling_back(void **state)
{
#define TRIED .rate = { 1, 10, 1 }, .failing = DOWN, .fallback = "spare"
    static const struct bench_flow right[] = {
        { TRIED, .falls_back = 1, .waits = 800 * MSEC },
        { TRIED, .falls_back = 0.98, .clients = 3 },
        { TRIED, .falls_back = 0.97, .waits = 2 * SECOND },
    };
    static const struct bench_flow wrong[] = { { TRIED, .falls_back = 0.7 },
                                               { TRIED, .falls_back = 0.5, .clients = 3 } };

    (void)state;
    simulate(&(struct pair){ "fallback", "to=spare", right, wrong, COUNT_OF(right), COUNT_OF(wrong),
                             1, 30 * SECOND, 10 * SECOND });
}

static void opening_connections(void **state)
{
    static const struct bench_flow right[] = {
        { .rate = { 10, 10, 10 }, .failing = DOWN, .clients = 5 },
        { .rate = { 10, 10, 10 }, .failing = DOWN, .links = BENCH_FRESH },
        { .rate = { 10, 10, 10 }, .failing = DOWN, .breaks = true },
        { .rate = { 10, 10, 10 }, .failing = { 0.2, 0.5, 0.2 }, .breaks = true, .clients = 5 },
    };
    static const struct bench_flow wrong[] = {
        { .rate = { 10, 10, 10 }, .failing = DOWN, .links = BENCH_AFTER_ERROR },
        { .rate = { 5, 30, 5 }, .failing = DOWN, .links = BENCH_FRESH },
    };

    (void)state;
    simulate(&(struct pair){ "churn", NULL, right, wrong, COUNT_OF(right), COUNT_OF(wrong), 1,
                             30 * SECOND, SECOND });
}

static void using_them_again(void **state)
{
    static const struct bench_flow right[] = {
        { .rate = { 10, 10, 10 }, .failing = DOWN, .clients = 10 },
        { .rate = { 10, 10, 10 }, .failing = DOWN, .breaks = true },
    };
    static const struct bench_flow wrong[] = {
        { .rate = { 10, 10, 10 }, .failing = DOWN, .links = BENCH_FRESH },
        { .rate = { 10, 10, 10 }, .failing = { 0.9, 1, 0.9 }, .links = BENCH_AFTER_ERROR },
    };

    (void)state;
    simulate(&(struct pair){ "reuse", NULL, right, wrong, COUNT_OF(right), COUNT_OF(wrong), 1,
                             10 * SECOND, SECOND });
}

static void resuming(void **state)
{
#define TLS .rate = { 5, 5, 5 }, .failing = DOWN, .links = BENCH_FRESH, .tls = true
    static const struct bench_flow right[] = { { TLS, .resumes = 0.5 }, { TLS, .resumes = 0.9 } };
    static const struct bench_flow wrong[] = { { TLS, .resumes = 0 }, { TLS, .resumes = 0.03 } };

    (void)state;
    simulate(&(struct pair){ "resumption", NULL, right, wrong, COUNT_OF(right), COUNT_OF(wrong), 1,
                             10 * SECOND, SECOND });
}

static void expect_no_failures(const struct pair *pair)
{
    const struct bench_question question = { .check = pair->check, .limits = pair->limits };
    struct bench_tally tally = { 0 };

    for (uint64_t seed = 0; seed < runs(60); seed++) {
        struct bench_world world = world_of(pair, pair->right, pair->rights, seed);

        bench_tell(&world, &question, &tally);
    }
    if (tally.outcomes[OUTCOME_FAIL] > (uint64_t)((double)tally.runs * BENCH_ALPHA * 4))
        fail_msg("%s: %llu of %llu at the limit fail", pair->check,
                 (unsigned long long)tally.outcomes[OUTCOME_FAIL], (unsigned long long)tally.runs);
}

/* Exactly what is allowed is no failure: the worst case for a false alarm. */
static void clients_at_the_limit_do_not_fail(void **state)
{
    static const struct bench_flow
        half_again[] = { { .rate = { 10, 10, 15 }, .failing = DOWN },
                         { .rate = { 30, 30, 45 }, .failing = DOWN, .batch = 3 } },
        four_fifths[] = { { .rate = { 5, 5, 5 }, .failing = DOWN },
                          { OTHER, .rate = { 20, 16, 20 } },
                          { .rate = { 5, 5, 5 }, .failing = DOWN },
                          { OTHER, .rate = { 40, 32, 40 }, .batch = 4 } },
        nine_tenths[] = { { TRIED, .falls_back = 0.9 } },
        thrice[] = { { .rate = { 10, 30, 10 }, .failing = DOWN, .links = BENCH_FRESH },
                     { .rate = { 12, 36, 12 },
                       .failing = DOWN,
                       .links = BENCH_FRESH,
                       .batch = 3 } },
        a_tenth[] = { { TLS, .resumes = 0.1 } },
        threefold[] = { { .rate = { 20, 20, 20 }, .failing = DOWN, .surge = 40 } },
        a_fifth[] = { { .rate = { 10, 10, 10 },
                        .failing = { 0.8, 0.8, 0.8 },
                        .links = BENCH_AFTER_ERROR } },
        nearly_back[] = { { .rate = { 10, 10, 9 }, .failing = DOWN },
                          { .rate = { 20, 20, 18 }, .failing = DOWN, .batch = 4 } };
    static const struct pair pairs[] = {
        { "metastability", NULL, half_again, NULL, 2, 0, 1, 5 * SECOND, 100 * SECOND },
        { "bulkhead", NULL, four_fifths, NULL, 2, 0, 2, 40 * SECOND, SECOND },
        { "fallback", "to=spare", nine_tenths, NULL, 1, 0, 1, 30 * SECOND, 10 * SECOND },
        { "churn", NULL, thrice, NULL, 2, 0, 1, 30 * SECOND, SECOND },
        { "overshoot", NULL, threefold, NULL, 1, 0, 1, 5 * SECOND, 30 * SECOND },
        { "reuse", NULL, a_fifth, NULL, 1, 0, 1, 10 * SECOND, SECOND },
        { "resumption", NULL, a_tenth, NULL, 1, 0, 1, 10 * SECOND, SECOND },
        { "recovery", NULL, nearly_back, NULL, 2, 0, 1, 5 * SECOND, 200 * SECOND },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        expect_no_failures(&pairs[i]);
}

/* -- Breaker and probes --------------------------------------------------------------------------
 */

static void tell_wire(const char *check, const struct wire_client *client, unsigned clients,
                      uint64_t seed, struct bench_tally *tally)
{
    static const struct wire_fault faults[] = {
        { .begins = 40 * SECOND, .ends = 190 * SECOND },
        { .begins = 60 * SECOND, .ends = 200 * SECOND, .hurt = WIRE_RESET },
        { .begins = 50 * SECOND, .ends = 200 * SECOND, .share = 0.97 },
    };
    struct wire_world world = { .seed = seed,
                                .lasts = 230 * SECOND,
                                .clients = clients,
                                .kinds = client,
                                .faults = &faults[seed % COUNT_OF(faults)],
                                .fault_count = 1 };

    bench_count(check, &world, NULL, tally);
}

/* Without an expectation breaker fails nobody: what it warns of is meant. */
static void stopping_to_ask(void **state)
{
    static const struct wire_client right = { .rate = 4,
                                              .attempts = 1,
                                              .breaker = 5,
                                              .breaker_pause = 15 * SECOND },
                                    wrong = { .rate = 4, .attempts = 1 };
    struct bench_tally fine = { 0 }, bad = { 0 };

    (void)state;
    for (uint64_t seed = 0; seed < runs(100) / 4; seed++) {
        tell_wire("breaker", &right, 8, seed, &fine);
        tell_wire("breaker", &wrong, 8, seed, &bad);
    }
    assert_int_equal(fine.outcomes[OUTCOME_FAIL] + bad.outcomes[OUTCOME_FAIL], 0);
    assert_int_equal(fine.outcomes[OUTCOME_WARN], 0);
    assert_true(fine.outcomes[OUTCOME_PASS] > fine.runs / 2);
    assert_int_equal(bad.outcomes[OUTCOME_PASS], 0);
}

/* Nor does who never stops asking be taken for one who probes, however long chance makes a pause.
 */
static void probing(void **state)
{
    static const struct wire_client
        right = { .rate = 4, .attempts = 1, .breaker = 5, .breaker_pause = 15 * SECOND },
        dogged = { .rate = 2, .attempts = 3, .pace = WIRE_EXPONENTIAL, .base = 100 * MSEC };
    struct bench_tally fine = { 0 }, other = { 0 };

    (void)state;
    for (uint64_t seed = 0; seed < runs(100) / 4; seed++) {
        tell_wire("probes", &right, 4, seed, &fine);
        tell_wire("probes", &dogged, 16, seed, &other);
    }
    assert_int_equal(fine.outcomes[OUTCOME_FAIL] + fine.outcomes[OUTCOME_WARN], 0);
    assert_true(fine.outcomes[OUTCOME_PASS] > fine.runs / 2);
    assert_int_equal(other.outcomes[OUTCOME_INCONCLUSIVE], other.runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coming_back),
        cmocka_unit_test(coming_back_at_once),
        cmocka_unit_test(settling_down),
        cmocka_unit_test(working_on),
        cmocka_unit_test(falling_back),
        cmocka_unit_test(opening_connections),
        cmocka_unit_test(using_them_again),
        cmocka_unit_test(resuming),
        cmocka_unit_test(clients_at_the_limit_do_not_fail),
        cmocka_unit_test(stopping_to_ask),
        cmocka_unit_test(probing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
