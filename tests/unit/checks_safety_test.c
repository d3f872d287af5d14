/* The checks of what a client must never do, and of how long it waits: each on a client that keeps
 * the rule and on one that breaks it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire_bench.h"

enum { LIMITS_ROOM = 256 };

static const struct wire_fault resets[] = {
    { .begins = 20 * SECOND, .ends = 80 * SECOND, .share = 0.5, .hurt = WIRE_RESET }
};
static const struct wire_fault hangs[] = {
    { .begins = 20 * SECOND, .ends = 400 * SECOND, .hurt = WIRE_HANG }
};
static const struct wire_fault notfound[] = {
    { .begins = 20 * SECOND, .ends = 80 * SECOND, .hurt = WIRE_STATUS, .status = 404 }
};

/* A good client; each test changes one thing. */
static struct wire_client good(void)
{
    return (struct wire_client){ .rate = 4,
                                 .attempts = 3,
                                 .pace = WIRE_EXPONENTIAL,
                                 .jitter = WIRE_FULL,
                                 .base = 100 * MSEC,
                                 .cap = 2 * SECOND,
                                 .timeout = 5 * SECOND,
                                 .deadline = 20 * SECOND,
                                 .bytes_up = 200 };
}

static enum outcome judge(const char *name, const struct wire_client *client,
                          const struct wire_fault *fault, usec lasts)
{
    const struct check *check = check_find(text_from(name));
    struct wire_world world = { .seed = 11,
                                .lasts = lasts,
                                .clients = 5,
                                .kinds = client,
                                .faults = fault,
                                .fault_count = fault ? 1 : 0 };
    union {
        char room[LIMITS_ROOM];
        double align;
    } limits = { { 0 } };
    struct arena arena = { 0 };
    struct finding finding;

    assert_non_null(check);
    assert_true(check->limits_size <= sizeof limits);
    check_limits(check, PROFILE_DEFAULT, &limits);
    finding = wire_judge(check, &limits, &world, NULL, 0.0003, &arena);
    if (finding.outcome == OUTCOME_INCONCLUSIVE)
        assert_false(text_is_empty(finding.because));
    else
        assert_false(text_is_empty(finding.evidence));
    if (finding.outcome == OUTCOME_FAIL)
        assert_true(finding.proofs.total > 0 || strcmp(name, "eager-timeouts") == 0);
    arena_clear(&arena);
    return finding.outcome;
}

#define EXPECT(name, client, fault, lasts, wanted) \
    assert_string_equal(outcome_name(judge(name, client, fault, lasts)), outcome_name(wanted))

static void a_post_in_doubt_is_not_sent_again(void **state)
{
    struct wire_client client = good();

    (void)state;
    client.method = "POST";
    EXPECT("unsafe-repeats", &client, resets, 2 * MINUTE, OUTCOME_FAIL);
    client.key = WIRE_STABLE_KEY;
    EXPECT("unsafe-repeats", &client, resets, 2 * MINUTE, OUTCOME_PASS);
    client.key = WIRE_NO_KEY;
    client.attempts = 1;
    EXPECT("unsafe-repeats", &client, resets, 2 * MINUTE, OUTCOME_PASS);
    EXPECT("unsafe-repeats", &client, notfound, 2 * MINUTE, OUTCOME_INCONCLUSIVE);
    client.attempts = 3;
    client.method = "PUT";
    EXPECT("unsafe-repeats", &client, resets, 2 * MINUTE, OUTCOME_PASS);
}

static void a_key_stays_with_its_operation(void **state)
{
    struct wire_client client = good();

    (void)state;
    client.method = "POST";
    EXPECT("key-stability", &client, resets, 2 * MINUTE, OUTCOME_INCONCLUSIVE);
    client.key = WIRE_STABLE_KEY;
    EXPECT("key-stability", &client, resets, 2 * MINUTE, OUTCOME_PASS);
    client.key = WIRE_FRESH_KEY;
    EXPECT("key-stability", &client, resets, 2 * MINUTE, OUTCOME_FAIL);
}

static void final_answers_are_taken(void **state)
{
    struct wire_client client = good();

    (void)state;
    EXPECT("final-errors", &client, notfound, 2 * MINUTE, OUTCOME_PASS);
    client.repeats_final = true;
    EXPECT("final-errors", &client, notfound, 2 * MINUTE, OUTCOME_FAIL);
    EXPECT("final-errors", &client, resets, 2 * MINUTE, OUTCOME_INCONCLUSIVE);
}

static void silence_is_given_up(void **state)
{
    struct wire_client client = good();

    (void)state;
    EXPECT("timeout", &client, hangs, 420 * SECOND, OUTCOME_PASS);
    EXPECT("open-hangs", &client, hangs, 420 * SECOND, OUTCOME_PASS);
    client.timeout = 40 * SECOND;
    EXPECT("timeout", &client, hangs, 420 * SECOND, OUTCOME_WARN);
    client.timeout = 90 * SECOND;
    EXPECT("timeout", &client, hangs, 420 * SECOND, OUTCOME_FAIL);
    client.timeout = 0;
    EXPECT("timeout", &client, hangs, 420 * SECOND, OUTCOME_FAIL);
    EXPECT("open-hangs", &client, hangs, 420 * SECOND, OUTCOME_FAIL);
    EXPECT("timeout", &client, resets, 2 * MINUTE, OUTCOME_INCONCLUSIVE);
    EXPECT("open-hangs", &client, resets, 2 * MINUTE, OUTCOME_INCONCLUSIVE);
}

static void an_operation_has_an_end(void **state)
{
    struct wire_client client = good();

    (void)state;
    EXPECT("deadline", &client, resets, 2 * MINUTE, OUTCOME_PASS);
    client.attempts = 20;
    client.deadline = 0;
    client.timeout = 30 * SECOND;
    EXPECT("deadline", &client, hangs, 10 * MINUTE, OUTCOME_FAIL);
    EXPECT("deadline", &client, NULL, 2 * MINUTE, OUTCOME_INCONCLUSIVE);
}

static void what_would_have_come_is_waited_for(void **state)
{
    static const struct wire_fault slow[] = {
        { .begins = 20 * SECOND, .ends = 400 * SECOND, .hurt = WIRE_SLOW, .delay = 8 * SECOND }
    };
    struct wire_client client = good();

    (void)state;
    EXPECT("eager-timeouts", &client, slow, 420 * SECOND, OUTCOME_PASS);
    client.timeout = 3 * MSEC;
    EXPECT("eager-timeouts", &client, slow, 420 * SECOND, OUTCOME_FAIL);
    client.timeout = 0;
    EXPECT("eager-timeouts", &client, slow, 420 * SECOND, OUTCOME_INCONCLUSIVE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_post_in_doubt_is_not_sent_again),
        cmocka_unit_test(a_key_stays_with_its_operation),
        cmocka_unit_test(final_answers_are_taken),
        cmocka_unit_test(silence_is_given_up),
        cmocka_unit_test(an_operation_has_an_end),
        cmocka_unit_test(what_would_have_come_is_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
