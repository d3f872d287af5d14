/* The checks of load (attempts, hot-loop, budget, load-factor) tell clients that bound their
 * retries from those that do not, and say so when they cannot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "check_bench.h"

#define GOOD                                                                                     \
    .rate = 1, .attempts = 3, .pace = WIRE_EXPONENTIAL, .jitter = WIRE_FULL, .base = 500 * MSEC, \
    .cap = 20 * SECOND, .lag = 2 * MSEC, .budget = 0.1, .purse = 10

static const struct wire_client good = { GOOD };
static const struct wire_client naive = { .rate = 1, .attempts = 10, .lag = MSEC };
static const struct wire_client once = { .rate = 1, .attempts = 1 };
static const struct wire_client endless = {
    .rate = 0.02, .attempts = 1000, .pace = WIRE_CONSTANT, .base = SECOND
};
/* 14 of its 500 tokens for each retry: 35 of them. */
static const struct wire_client aws = { .rate = 2,
                                        .attempts = 3,
                                        .pace = WIRE_EXPONENTIAL,
                                        .jitter = WIRE_FULL,
                                        .base = 50 * MSEC,
                                        .cap = 20 * SECOND,
                                        .purse = 35,
                                        .marked = true };
static const struct wire_client dynamodb = { .rate = 1,
                                             .attempts = 4,
                                             .pace = WIRE_EXPONENTIAL,
                                             .jitter = WIRE_FULL,
                                             .base = 25 * MSEC,
                                             .marked = true };

static const struct wire_fault outage[] = { { .begins = 40 * SECOND, .ends = 160 * SECOND } };
static const struct wire_fault blip[] = { { .begins = 40 * SECOND, .ends = 44 * SECOND } };
static const struct wire_fault none[] = { { .begins = HOUR, .ends = 2 * HOUR } };

static struct wire_world world_of(const struct wire_client *client, const struct wire_fault *fault)
{
    return (struct wire_world){ .seed = 1,
                                .lasts = 200 * SECOND,
                                .clients = 1,
                                .kinds = client,
                                .faults = fault,
                                .fault_count = 1 };
}

static void expect_on(const char *check, const struct wire_client *client,
                      const struct wire_fault *fault, enum outcome outcome, const char *words)
{
    struct wire_world world = world_of(client, fault);

    bench_expect(check, PROFILE_DEFAULT, &world, outcome, words);
}

static void a_client_that_stops_after_three_passes(void **state)
{
    (void)state;
    expect_on("attempts", &good, outage, OUTCOME_PASS, "operations made 1 attempt, the most was 3");
}

static void a_client_that_makes_ten_fails(void **state)
{
    (void)state;
    expect_on("attempts", &naive, outage, OUTCOME_FAIL, "operations made 10 attempts");
    expect_on("attempts", &naive, outage, OUTCOME_FAIL, "124 of 124");
}

static void ten_attempts_of_a_few_operations_are_no_verdict(void **state)
{
    (void)state;
    expect_on("attempts", &naive, blip, OUTCOME_INCONCLUSIVE, "it takes 10");
}

static void one_endless_operation_fails_by_itself(void **state)
{
    (void)state;
    expect_on("attempts", &endless, outage, OUTCOME_FAIL, "attempts");
}

static void dynamodbs_four_attempts_warn_but_not_in_their_profile(void **state)
{
    struct wire_world world = world_of(&dynamodb, outage);

    (void)state;
    bench_expect("attempts", PROFILE_DEFAULT, &world, OUTCOME_WARN, "4 attempts");
    bench_expect("attempts", PROFILE_AWS_SDK, &world, OUTCOME_PASS, "4 attempts");
    bench_expect("hot-loop", PROFILE_DEFAULT, &world, OUTCOME_WARN, "4 attempts within a second");
    bench_expect("hot-loop", PROFILE_AWS_SDK, &world, OUTCOME_PASS, "4 attempts within a second");
}

static void who_never_retries_passes_and_who_never_failed_is_not_judged(void **state)
{
    static const char *const names[] = { "attempts", "hot-loop", "budget" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        expect_on(names[i], &once, outage, OUTCOME_PASS, "failed, none was");
        expect_on(names[i], &good, none, OUTCOME_INCONCLUSIVE, "nothing to try again");
    }
}

static void a_hot_loop_is_one_within_a_second(void **state)
{
    static const struct wire_client slow = {
        .rate = 1, .attempts = 10, .pace = WIRE_CONSTANT, .base = 600 * MSEC
    };

    (void)state;
    expect_on("hot-loop", &good, outage, OUTCOME_PASS, "attempts within a second");
    expect_on("hot-loop", &naive, outage, OUTCOME_FAIL, "made 10 attempts within a second");
    expect_on("hot-loop", &slow, outage, OUTCOME_PASS, "made 2 attempts within a second");
}

static void a_single_loop_fails_hard(void **state)
{
    static const struct wire_client loop = {
        .rate = 0.02, .attempts = 100000, .pace = WIRE_CONSTANT, .base = 10 * MSEC
    };

    (void)state;
    expect_on("hot-loop", &loop, outage, OUTCOME_FAIL, "attempts within a second");
}

/* Only the first attempts are kept one by one. */
static void a_loop_that_begins_late_is_found(void **state)
{
    const struct check *check = check_find(text_from("hot-loop"));
    struct step steps[OPERATION_STEPS];
    struct operation operation = { .close = CLOSE_GAVE_UP,
                                   .attempts = OPERATION_STEPS + 500,
                                   .ended = (OPERATION_STEPS + 10) * SECOND,
                                   .steps = steps,
                                   .step_count = OPERATION_STEPS };
    struct judging judging = { .alpha = BENCH_ALPHA };
    struct finding finding = { .check = check };
    struct arena arena;
    void *limits = memory_take(check->limits_size), *own = memory_take(check->state_size);

    (void)state;
    arena_init(&arena, NULL);
    for (int i = 0; i < OPERATION_STEPS; i++)
        steps[i] = (struct step){
            .began = i * SECOND, .ended = i * SECOND + MSEC, .retry_after = NEVER, .failed = true
        };
    check_limits(check, PROFILE_DEFAULT, limits);
    judging.limits = limits;
    finding.arena = &arena;
    check->operation(own, limits, &operation);
    check->judge(own, &judging, &finding);
    assert_int_equal(finding.outcome, OUTCOME_FAIL);
    assert_true(finding.value > 40 && finding.value < 60);
    arena_clear(&arena);
    free(limits);
    free(own);
}

static void a_budget_is_spent_in_a_long_outage(void **state)
{
    (void)state;
    expect_on("budget", &good, outage, OUTCOME_PASS, "in the second half of");
    expect_on("budget", &aws, outage, OUTCOME_PASS, "0 of ");
    expect_on("budget", &naive, outage, OUTCOME_FAIL, "attempts were retries");
}

static void a_budget_that_cannot_have_been_spent_is_not_judged(void **state)
{
    static const struct wire_fault half[] = {
        { .begins = 40 * SECOND, .ends = 160 * SECOND, .share = 0.5 }
    };
    static const struct wire_client silent = {
        .rate = 1, .attempts = 3, .breaker = 5, .breaker_pause = 5 * SECOND
    };
    struct wire_world many = world_of(&naive, outage);

    (void)state;
    many.clients = 20;
    many.lasts = 130 * SECOND;
    expect_on("budget", &naive, blip, OUTCOME_INCONCLUSIVE, "never failed for 60 s");
    expect_on("budget", &naive, half, OUTCOME_INCONCLUSIVE, "never failed for 60 s");
    bench_expect("budget", PROFILE_DEFAULT, &many, OUTCOME_INCONCLUSIVE, "too few to spend");
    /* Who keeps silent has not much to do, and retries little. */
    many.kinds = &silent;
    bench_expect("budget", PROFILE_DEFAULT, &many, OUTCOME_PASS, "attempts were retries");
}

static void expect_load(const struct wire_client *client, const struct wire_fault *fault,
                        enum outcome outcome, const char *words)
{
    struct wire_world world = world_of(client, fault);
    struct history *history;

    world.clients = 5;
    history = wire_history(&world, NULL);
    bench_expect_of("load-factor", PROFILE_DEFAULT, &world, history, outcome, words);
    history_free(history);
}

static void ten_attempts_are_ten_times_the_load(void **state)
{
    static const struct wire_fault early[] = { { .begins = 10 * SECOND, .ends = 160 * SECOND } };

    (void)state;
    expect_load(&good, outage, OUTCOME_PASS, "requests a second while faults were on");
    expect_load(&naive, outage, OUTCOME_FAIL, "requests a second while faults were on");
    expect_load(&once, outage, OUTCOME_PASS, "requests a second while faults were on");
    expect_load(&naive, early, OUTCOME_INCONCLUSIVE, "it takes 30");
    expect_load(&naive, blip, OUTCOME_INCONCLUSIVE, "it takes 20");
    expect_load(&naive, none, OUTCOME_INCONCLUSIVE, "no fault was exercised");
}

/* The world of `seed` with as many clients as told by `size`. */
static struct wire_world outage_of(const struct wire_client *client, uint64_t seed,
                                   unsigned clients)
{
    struct wire_world world = world_of(client, outage);

    world.seed = seed;
    world.clients = clients;
    return world;
}

static void false_alarms_are_rare_and_misses_too(void **state)
{
    static const char *const names[] = { "attempts", "hot-loop", "budget" };
    static const struct wire_client *const fine[] = { &good, &aws };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct bench_tally right = { 0 }, wrong = { 0 };

        for (uint64_t seed = 0; seed < bench_runs(); seed++) {
            struct wire_world world = outage_of(fine[seed % 2], seed, 1 + (unsigned)seed % 3);

            bench_count(names[i], &world, NULL, &right);
            world = outage_of(&naive, seed, 1 + (unsigned)seed % 3);
            bench_count(names[i], &world, NULL, &wrong);
        }
        bench_errors_within(names[i], &right, &wrong);
    }
}

static void load_is_judged_without_false_alarms(void **state)
{
    struct bench_tally right = { 0 }, wrong = { 0 };

    (void)state;
    for (uint64_t seed = 0; seed < bench_runs() / 2; seed++) {
        struct wire_world world = outage_of(seed % 2 ? &good : &once, seed, 5);
        struct history *history = wire_history(&world, NULL);

        bench_count("load-factor", &world, history, &right);
        history_free(history);
        world = outage_of(&naive, seed, 5);
        history = wire_history(&world, NULL);
        bench_count("load-factor", &world, history, &wrong);
        history_free(history);
    }
    bench_errors_within("load-factor", &right, &wrong);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_that_stops_after_three_passes),
        cmocka_unit_test(a_client_that_makes_ten_fails),
        cmocka_unit_test(ten_attempts_of_a_few_operations_are_no_verdict),
        cmocka_unit_test(one_endless_operation_fails_by_itself),
        cmocka_unit_test(dynamodbs_four_attempts_warn_but_not_in_their_profile),
        cmocka_unit_test(who_never_retries_passes_and_who_never_failed_is_not_judged),
        cmocka_unit_test(a_hot_loop_is_one_within_a_second),
        cmocka_unit_test(a_single_loop_fails_hard),
        cmocka_unit_test(a_loop_that_begins_late_is_found),
        cmocka_unit_test(a_budget_is_spent_in_a_long_outage),
        cmocka_unit_test(a_budget_that_cannot_have_been_spent_is_not_judged),
        cmocka_unit_test(ten_attempts_are_ten_times_the_load),
        cmocka_unit_test(false_alarms_are_rare_and_misses_too),
        cmocka_unit_test(load_is_judged_without_false_alarms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
