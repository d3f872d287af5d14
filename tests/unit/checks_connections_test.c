/* The checks of connections (churn, reuse, resumption) tell clients that keep what they have from
 * those that do not, and hold nothing against them that a fault made them do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "history_bench.h"

#define STEADY .rate = { 10, 10, 10 }, .failing = { 0, 1, 0 }

static const struct bench_flow kept = { STEADY, .clients = 3, .pool = 4 };
static const struct bench_flow fresh = { STEADY, .links = BENCH_FRESH };
static const struct bench_flow broken = { STEADY, .clients = 3, .pool = 4, .breaks = true };
static const struct bench_flow leaving = { STEADY, .clients = 3, .links = BENCH_AFTER_ERROR };
/* Some failures in the calm, too, so that there is something usual. */
static const struct bench_flow used_to_it = { .rate = { 20, 20, 20 },
                                              .failing = { 0.1, 0.2, 0.1 },
                                              .links = BENCH_AFTER_ERROR };
static const struct bench_flow retrying = { .rate = { 10, 40, 10 },
                                            .failing = { 0, 1, 0 },
                                            .links = BENCH_FRESH };
static const struct bench_flow well = { .rate = { 10, 10, 10 }, .links = BENCH_FRESH };

static void expect_of(const struct bench_question *question, const struct bench_flow *flow,
                      usec calm, usec outage, enum outcome outcome, const char *words)
{
    struct bench_world world = { .seed = 3, .lasts = { calm, outage, 10 * SECOND }, .flows = flow };

    bench_answers(&world, question, outcome, words);
}

static void expect_flow(const char *check, const struct bench_flow *flow, enum outcome outcome,
                        const char *words)
{
    expect_of(&(struct bench_question){ .check = check }, flow, MINUTE, MINUTE, outcome, words);
}

static void who_keeps_connections_through_errors_passes(void **state)
{
    (void)state;
    expect_flow("churn", &kept, OUTCOME_PASS, "0 connections more than had to be, for");
    expect_flow("churn", &fresh, OUTCOME_PASS, "connections a second more than had to be");
}

static void connections_that_broke_off_may_be_replaced(void **state)
{
    (void)state;
    expect_flow("churn", &broken, OUTCOME_PASS, "connections more than had to be, for");
}

static void who_drops_them_after_each_error_fails(void **state)
{
    (void)state;
    expect_flow("churn", &leaving, OUTCOME_FAIL, "a second more than had to be while faults");
    expect_flow("churn", &retrying, OUTCOME_FAIL, "a second more than had to be while faults");
}

/* That 60 connections are opened at first is neither usual nor a burst to be expected again. */
static void filling_a_pool_is_not_usual(void **state)
{
    static const struct bench_flow pools = { .rate = { 60, 20, 20 },
                                             .failing = { 0, 1, 0 },
                                             .clients = 15,
                                             .pool = 4,
                                             .links = BENCH_AFTER_ERROR };

    (void)state;
    expect_of(&(struct bench_question){ .check = "churn" }, &pools, 32 * SECOND, MINUTE,
              OUTCOME_FAIL, "connections a second more than had to be");
}

static void churn_keeps_to_its_limits(void **state)
{
    static const struct bench_question lax = { .check = "churn", .limits = "at-most=x10" },
                                       most = { .check = "churn", .limits = "share=100%" },
                                       strict = { .check = "churn",
                                                  .limits = "at-most=x1.3 warn=x1.2" };

    (void)state;
    expect_of(&lax, &retrying, MINUTE, MINUTE, OUTCOME_WARN, "connections a second");
    expect_of(&most, &leaving, MINUTE, MINUTE, OUTCOME_PASS, "more than had to be, for 6");
    expect_of(&strict, &used_to_it, 5 * MINUTE, 5 * MINUTE, OUTCOME_FAIL, "connections a second");
    expect_flow("churn", &used_to_it, OUTCOME_PASS, "connections a second");
}

static void churn_wants_a_calm_and_a_fault(void **state)
{
    static const struct bench_question churn = { .check = "churn" };

    (void)state;
    expect_of(&churn, &leaving, 10 * SECOND, MINUTE, OUTCOME_INCONCLUSIVE, "it takes 20 s and 50");
    expect_of(&churn, &leaving, MINUTE, 15 * SECOND, OUTCOME_INCONCLUSIVE,
              "faults were on for 14 s, and it takes 20");
    expect_of(&churn, &well, MINUTE, MINUTE, OUTCOME_INCONCLUSIVE, "no fault was on");
}

static void connections_are_used_again(void **state)
{
    (void)state;
    expect_flow("reuse", &kept, OUTCOME_PASS, "requests on 12 connections, of which 3 had to");
    expect_flow("reuse", &fresh, OUTCOME_FAIL, "of which 1 had to be opened");
}

/* Each of 600 requests broke its connection: there was no choice but to open another. */
static void what_broke_off_could_not_be_used_again(void **state)
{
    static const struct bench_flow nothing_else = { .rate = { 0.1, 10, 0.1 },
                                                    .failing = { 0, 1, 0 },
                                                    .breaks = true },
                                   once_each = { .rate = { 1, 1, 1 },
                                                 .clients = 10000,
                                                 .failing = { 0, 1, 0 },
                                                 .links = BENCH_FRESH },
                                   short_lived = { .rate = { 0.1, 0.1, 0.1 },
                                                   .failing = { 0, 1, 0 },
                                                   .links = BENCH_FRESH };

    (void)state;
    expect_flow("reuse", &broken, OUTCOME_PASS, "had to be opened");
    expect_flow("reuse", &nothing_else, OUTCOME_INCONCLUSIVE,
                "used a connection again, and it takes");
    expect_flow("reuse", &once_each, OUTCOME_INCONCLUSIVE, "used a connection again, and it takes");
    expect_flow("reuse", &short_lived, OUTCOME_INCONCLUSIVE, "more requests are needed");
}

static void reuse_keeps_to_its_limits(void **state)
{
    static const struct bench_question all = { .check = "reuse",
                                               .limits = "at-least=99% warn=99%" },
                                       none = { .check = "reuse", .limits = "at-least=0% warn=0%" };
    static const struct bench_flow every_third = { .rate = { 20, 20, 20 },
                                                   .failing = { 0, 0.9, 0 },
                                                   .links = BENCH_AFTER_ERROR };

    (void)state;
    expect_of(&all, &every_third, MINUTE, MINUTE, OUTCOME_FAIL, "requests on");
    expect_of(&none, &fresh, MINUTE, MINUTE, OUTCOME_PASS, "requests on");
    expect_of(&(struct bench_question){ .check = "reuse" }, &every_third, 15 * SECOND, 2 * MINUTE,
              OUTCOME_WARN, "requests on");
}

static void sessions_are_resumed(void **state)
{
    static const struct bench_flow resumes = { STEADY, .links = BENCH_FRESH, .tls = true,
                                               .resumes = 0.9 },
                                   never = { STEADY, .links = BENCH_FRESH, .tls = true },
                                   some = { STEADY, .links = BENCH_FRESH, .tls = true,
                                            .resumes = 0.25 },
                                   rare = { .rate = { 0.1, 0.1, 0.1 },
                                            .failing = { 0, 1, 0 },
                                            .links = BENCH_FRESH,
                                            .tls = true };
    static const struct bench_question half = { .check = "resumption", .limits = "at-least=50%" };

    (void)state;
    expect_flow("resumption", &resumes, OUTCOME_PASS, "further handshakes resumed a session");
    expect_flow("resumption", &never, OUTCOME_FAIL, "0 of 12");
    expect_flow("resumption", &some, OUTCOME_WARN, "further handshakes resumed");
    expect_flow("resumption", &rare, OUTCOME_INCONCLUSIVE, "handshakes are needed");
    expect_flow("resumption", &fresh, OUTCOME_INCONCLUSIVE,
                "could have resumed a session, and it takes 10");
    expect_of(&half, &some, MINUTE, MINUTE, OUTCOME_FAIL, "further handshakes resumed");
}

/* A pool that is opened at once has no ticket yet. */
static void a_pool_has_no_session_to_resume(void **state)
{
    static const struct bench_flow pool = {
        .rate = { 2000, 10, 10 }, .failing = { 0, 1, 0 }, .pool = 200, .tls = true
    };

    (void)state;
    expect_of(&(struct bench_question){ .check = "resumption" }, &pool, 2 * SECOND, MINUTE,
              OUTCOME_INCONCLUSIVE, "could have resumed a session, and it takes 10");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_keeps_connections_through_errors_passes),
        cmocka_unit_test(connections_that_broke_off_may_be_replaced),
        cmocka_unit_test(who_drops_them_after_each_error_fails),
        cmocka_unit_test(filling_a_pool_is_not_usual),
        cmocka_unit_test(churn_keeps_to_its_limits),
        cmocka_unit_test(churn_wants_a_calm_and_a_fault),
        cmocka_unit_test(connections_are_used_again),
        cmocka_unit_test(what_broke_off_could_not_be_used_again),
        cmocka_unit_test(reuse_keeps_to_its_limits),
        cmocka_unit_test(sessions_are_resumed),
        cmocka_unit_test(a_pool_has_no_session_to_resume),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
