/* The simulated clients do what their policies say: checks are measured against them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire_bench.h"

struct seen {
    uint64_t attempts, retries, operations, gave_up, succeeded;
    uint32_t most;
    usec gaps[8], least[8], last_ended;
    uint64_t counts[8];
    bool backwards, before_end;
};

static void see_attempt(void *user, const struct attempt *attempt,
                        const struct operation *operation)
{
    struct seen *seen = user;

    assert_true(operation->attempts == attempt->index + 1);
    seen->attempts++;
    seen->backwards = seen->backwards || attempt->ended < seen->last_ended;
    seen->last_ended = attempt->ended;
    if (attempt->index == 0) {
        assert_true(attempt->gap == NEVER);
        return;
    }
    assert_true(attempt->gap == operation_gap(operation, attempt->index));
    seen->retries++;
    if (attempt->index <= 8) {
        usec *least = &seen->least[attempt->index - 1];

        if (seen->counts[attempt->index - 1]++ == 0 || attempt->gap < *least)
            *least = attempt->gap;
        seen->gaps[attempt->index - 1] += attempt->gap;
    }
}

static void see_operation(void *user, const struct operation *operation)
{
    struct seen *seen = user;

    seen->operations++;
    seen->gave_up += operation->close == CLOSE_GAVE_UP;
    seen->succeeded += operation->close == CLOSE_SUCCEEDED;
    seen->most = operation->attempts > seen->most ? operation->attempts : seen->most;
}

static const struct wire_fault outage[] = { { .begins = 30 * SECOND, .ends = 90 * SECOND } };

static struct seen play(const struct wire_client *client, uint64_t seed)
{
    struct seen seen = { 0 };
    struct wire_world world = { .seed = seed,
                                .lasts = 120 * SECOND,
                                .clients = 4,
                                .kinds = client,
                                .faults = outage,
                                .fault_count = 1 };
    struct history_watcher watcher = { &seen, see_attempt, see_operation, NULL };

    wire_play(&world, &watcher);
    assert_false(seen.backwards);
    assert_int_equal(seen.attempts, seen.operations + seen.retries);
    return seen;
}

static void an_exponential_client_doubles_its_pauses(void **state)
{
    const struct wire_client client = {
        .rate = 1, .attempts = 4, .pace = WIRE_EXPONENTIAL, .base = 100 * MSEC
    };
    struct seen seen = play(&client, 1);

    (void)state;
    assert_int_equal(seen.most, 4);
    for (int i = 0; i < 3; i++)
        assert_true(seen.gaps[i] / (usec)seen.counts[i] == 100 * MSEC << i);
    assert_true(seen.gave_up > 150 && seen.gave_up < 330);
    assert_true(seen.succeeded > 150);
}

static void full_jitter_has_half_the_mean(void **state)
{
    const struct wire_client client = {
        .rate = 5, .attempts = 2, .pace = WIRE_CONSTANT, .jitter = WIRE_FULL, .base = 100 * MSEC
    };
    struct seen seen = play(&client, 2);
    usec mean = seen.gaps[0] / (usec)seen.counts[0];

    (void)state;
    assert_in_range(mean, 45 * MSEC, 55 * MSEC);
    assert_true(seen.least[0] < 5 * MSEC);
}

static void a_budget_holds_retries_to_its_share(void **state)
{
    const struct wire_client client = { .rate = 10, .attempts = 3, .budget = 0.1, .purse = 5 };
    struct seen seen = play(&client, 3);

    (void)state;
    assert_true(seen.retries <= 4 * 6 + seen.attempts / 10);
    assert_true(seen.retries > seen.attempts / 20);
}

static void a_breaker_keeps_silent(void **state)
{
    const struct wire_client client = {
        .rate = 10, .attempts = 1, .breaker = 5, .breaker_pause = 10 * SECOND
    };
    struct seen seen = play(&client, 4);

    (void)state;
    assert_true(seen.gave_up <= 4 * (5 + 6));
    assert_true(seen.gave_up >= 4 * 5);
}

static void the_same_seed_plays_the_same(void **state)
{
    const struct wire_client client = {
        .rate = 3, .attempts = 5, .pace = WIRE_DECORRELATED, .base = 10 * MSEC, .cap = 2 * SECOND
    };
    struct seen one = play(&client, 5), same = play(&client, 5), other = play(&client, 6);

    (void)state;
    assert_memory_equal(&one, &same, sizeof one);
    assert_true(one.gaps[3] != other.gaps[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exponential_client_doubles_its_pauses),
        cmocka_unit_test(full_jitter_has_half_the_mean),
        cmocka_unit_test(a_budget_holds_retries_to_its_share),
        cmocka_unit_test(a_breaker_keeps_silent),
        cmocka_unit_test(the_same_seed_plays_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
