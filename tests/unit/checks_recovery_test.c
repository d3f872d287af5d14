/* The checks of recovery (breaker, probes, recovery, overshoot, metastability, bulkhead, fallback)
 * tell clients that stop asking and come back well from those that do not, and say so when they
 * cannot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "history_bench.h"

/* -- Breaker and probes, by clients' policies ----------------------------------------------------
 */

#define BROKEN .rate = 5, .attempts = 1, .breaker = 5
static const struct wire_client careful = { BROKEN, .breaker_pause = 12 * SECOND };
static const struct wire_client even = { BROKEN, .regular = true, .breaker_pause = 10 * SECOND };
static const struct wire_client slow_breaker = {
    .rate = 5, .attempts = 1, .breaker = 225, .breaker_pause = 30 * SECOND
};
/* Lets all through until the first of them has timed out. */
static const struct wire_client flooding = {
    .rate = 20, .attempts = 1, .timeout = 2 * SECOND, .breaker = 20, .breaker_pause = 10 * SECOND
};
static const struct wire_client dogged = { .rate = 5, .attempts = 1 };
/* Asks too rarely for 100 failures. */
static const struct wire_client rare = { .rate = 0.3, .attempts = 1 };

static const struct wire_fault outage = { .begins = 60 * SECOND, .ends = 240 * SECOND };
static const struct wire_fault blip = { .begins = 60 * SECOND,
                                        .ends = 90 * SECOND,
                                        .hurt = WIRE_HANG };
static const struct wire_fault long_outage = { .begins = 60 * SECOND, .ends = 960 * SECOND };
static const struct wire_fault asks = { .begins = 60 * SECOND,
                                        .ends = 240 * SECOND,
                                        .retry_after = 20 * SECOND };

static const struct wire_fault hanging = { .begins = 60 * SECOND,
                                           .ends = 240 * SECOND,
                                           .hurt = WIRE_HANG };

static struct wire_world wire_of(const struct wire_client *client, unsigned count,
                                 const struct wire_fault *fault)
{
    return (struct wire_world){ .seed = 1,
                                .lasts = fault->ends + 60 * SECOND,
                                .clients = count,
                                .kinds = client,
                                .faults = fault,
                                .fault_count = 1 };
}

static void expect_wire(const char *check, const struct wire_client *client, unsigned count,
                        const struct wire_fault *fault, enum outcome outcome, const char *words)
{
    struct wire_world world = wire_of(client, count, fault);

    bench_expect(check, PROFILE_DEFAULT, &world, outcome, words);
}

static void a_client_that_stops_asking_passes(void **state)
{
    (void)state;
    expect_wire("breaker", &careful, 8, &outage, OUTCOME_PASS, "8 ended in silence; 0 went on");
    expect_wire("breaker", &even, 8, &outage, OUTCOME_PASS, "8 ended in silence; 0 went on");
}

/* Unless it was expected, it is no failure: a budget may do as well. */
static void a_client_that_goes_on_is_warned_of(void **state)
{
    (void)state;
    expect_wire("breaker", &dogged, 8, &outage, OUTCOME_WARN, "0 ended in silence; 8 went on");
    expect_wire("breaker", &dogged, 1, &long_outage, OUTCOME_WARN, "1 went on");
}

static void a_client_that_stops_late_is_warned_of(void **state)
{
    (void)state;
    expect_wire("breaker", &slow_breaker, 16, &outage, OUTCOME_WARN, "16 ended in silence");
}

static void one_short_outage_says_nothing_of_a_breaker(void **state)
{
    (void)state;
    expect_wire("breaker", &dogged, 1, &outage, OUTCOME_INCONCLUSIVE, "more chances to stop");
    expect_wire("breaker", &careful, 1, &outage, OUTCOME_INCONCLUSIVE, "more chances to stop");
    expect_wire("breaker", &rare, 20, &outage, OUTCOME_INCONCLUSIVE,
                "no client failed for 60 s and 100 times");
}

/* A wait that the service asks for is no silence of the client's own. */
static void waiting_as_asked_is_no_breaker(void **state)
{
    static const struct wire_client polite = {
        .rate = 5, .attempts = 1, .breaker = 5, .breaker_pause = 20 * SECOND
    };

    (void)state;
    expect_wire("probes", &polite, 4, &outage, OUTCOME_PASS, "tried again with 1 requests");
    expect_wire("probes", &polite, 4, &asks, OUTCOME_INCONCLUSIVE, "no client that had stopped");
    expect_wire("breaker", &polite, 4, &asks, OUTCOME_INCONCLUSIVE, "no client failed for 60 s");
}

static void single_probes_pass_and_floods_fail(void **state)
{
    (void)state;
    expect_wire("probes", &careful, 1, &outage, OUTCOME_PASS, "with 1 requests, 1 at most");
    expect_wire("probes", &flooding, 2, &hanging, OUTCOME_FAIL, "tried again with 4");
    expect_wire("probes", &flooding, 1, &blip, OUTCOME_INCONCLUSIVE, "more probes are needed");
    expect_wire("probes", &dogged, 8, &outage, OUTCOME_INCONCLUSIVE,
                "no client that had stopped asking tried again and failed");
}

/* -- What comes of rates -------------------------------------------------------------------------
 */

#define LASTS                                  \
    {                                          \
        60 * SECOND, 60 * SECOND, 240 * SECOND \
    }
#define DOWN    \
    {           \
        0, 1, 0 \
    }

static void expect_flows(const struct bench_question *question, const struct bench_flow *flows,
                         size_t count, enum outcome outcome, const char *words)
{
    struct bench_world world = { .seed = 7, .lasts = LASTS, .flows = flows, .flow_count = count };

    bench_answers(&world, question, outcome, words);
}

static void expect_flow(const char *check, const struct bench_flow *flow, enum outcome outcome,
                        const char *words)
{
    expect_flows(&(struct bench_question){ .check = check }, flow, 1, outcome, words);
}

static void expect_short(const char *check, const struct bench_flow *flow, usec calm, usec after,
                         const char *words)
{
    struct bench_world world = { .seed = 7, .lasts = { calm, MINUTE, after }, .flows = flow };

    bench_answers(&world, &(struct bench_question){ .check = check }, OUTCOME_INCONCLUSIVE, words);
}

static const struct bench_flow back_at_once = { .rate = { 10, 10, 10 }, .failing = DOWN };
static const struct bench_flow late = { .rate = { 10, 10, 10 },
                                        .failing = DOWN,
                                        .back = 80 * SECOND };
static const struct bench_flow too_late = { .rate = { 10, 10, 10 },
                                            .failing = DOWN,
                                            .back = 150 * SECOND };
static const struct bench_flow dead = { .rate = { 10, 10, 0 }, .failing = DOWN };
static const struct bench_flow halved = { .rate = { 10, 10, 5 }, .failing = DOWN };
static const struct bench_flow quiet = { .rate = { 0.9, 0.9, 0 }, .failing = DOWN };
static const struct bench_flow batches = { .rate = { 10, 10, 10 }, .failing = DOWN, .batch = 30 };
static const struct bench_flow herd = { .rate = { 20, 20, 20 }, .failing = DOWN, .surge = 200 };
static const struct bench_flow doubled = { .rate = { 20, 20, 20 }, .failing = DOWN, .surge = 50 };
static const struct bench_flow steady = { .rate = { 20, 20, 20 }, .failing = DOWN };
static const struct bench_flow seldom = { .rate = { 1, 1, 1 }, .failing = DOWN };
static const struct bench_flow well = { .rate = { 10, 10, 10 } };

static void a_client_that_is_back_soon_passes(void **state)
{
    (void)state;
    expect_flow("recovery", &back_at_once, OUTCOME_PASS, "good answers a second again 0 s after");
    expect_flow("recovery", &late, OUTCOME_WARN, "a second again 7");
    expect_flow("recovery", &batches, OUTCOME_PASS, "good answers a second again");
}

static void a_client_that_is_back_late_or_never_fails(void **state)
{
    (void)state;
    expect_flow("recovery", &too_late, OUTCOME_FAIL, "a second again 15");
    expect_flow("recovery", &dead, OUTCOME_FAIL, "1 clients were not heard of");
    expect_flow("recovery", &halved, OUTCOME_FAIL, "never had its 9.92");
    expect_flow("recovery", &quiet, OUTCOME_FAIL, "never had its 0.");
}

static void recovery_keeps_to_its_limits(void **state)
{
    static const struct bench_question soon = { .check = "recovery", .limits = "within=30s" },
                                       strict = { .check = "recovery", .profile = PROFILE_STRICT },
                                       lenient = { .check = "recovery",
                                                   .profile = PROFILE_LENIENT };

    (void)state;
    expect_flows(&soon, &late, 1, OUTCOME_FAIL, "a second again 7");
    expect_flows(&strict, &late, 1, OUTCOME_FAIL, "a second again 7");
    expect_flows(&lenient, &late, 1, OUTCOME_PASS, "a second again 7");
    expect_flows(&lenient, &dead, 1, OUTCOME_INCONCLUSIVE, "the run ended 240 s after the faults");
}

static void profiles_have_limits_of_their_own(void **state)
{
    static const struct bench_question iot = { .check = "recovery", .profile = PROFILE_IOT },
                                       strict = { .check = "overshoot", .profile = PROFILE_STRICT };
    static const struct bench_flow twice = { .rate = { 100, 100, 100 },
                                             .failing = DOWN,
                                             .surge = 190 };

    (void)state;
    expect_flows(&iot, &late, 1, OUTCOME_PASS, "a second again 7");
    expect_flows(&strict, &twice, 1, OUTCOME_FAIL, "requests in a second");
    expect_flow("overshoot", &twice, OUTCOME_WARN, "requests in a second");
}

static void of_too_short_a_run_nothing_is_said(void **state)
{
    static const char *const names[] = { "recovery", "overshoot", "metastability" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        expect_short(names[i], &back_at_once, 10 * SECOND, 4 * MINUTE,
                     "before the first fault do not say what is usual: it takes 20 s and 50");
        expect_short(names[i], &back_at_once, MINUTE, 5 * SECOND, "after the faults");
    }
    expect_short("recovery", &well, MINUTE, MINUTE, "no fault was on");
    expect_short("recovery", &dead, MINUTE, MINUTE,
                 "ended 60 s after the faults, and it takes 130");
}

static void a_herd_fails_and_a_few_more_are_none(void **state)
{
    static const struct bench_question most = { .check = "overshoot", .limits = "at-most=x20" };

    (void)state;
    expect_flow("overshoot", &steady, OUTCOME_PASS, "usual are");
    expect_flow("overshoot", &herd, OUTCOME_FAIL, "requests in a second, 0");
    expect_flows(&most, &herd, 1, OUTCOME_WARN, "requests in a second");
    expect_flow("overshoot", &doubled, OUTCOME_INCONCLUSIVE, "chance makes such seconds");
    expect_flow("overshoot", &seldom, OUTCOME_INCONCLUSIVE, "chance makes such seconds");
    expect_flow("overshoot", &batches, OUTCOME_INCONCLUSIVE, "chance makes such seconds");
}

static void trouble_that_goes_on_without_its_cause_fails(void **state)
{
    static const struct bench_flow failing = { .rate = { 10, 10, 10 }, .failing = { 0, 1, 0.3 } },
                                   storm = { .rate = { 10, 20, 30 }, .failing = DOWN },
                                   ever = { .rate = { 10, 10, 10 }, .failing = { 0.3, 1, 0.3 } };

    (void)state;
    expect_flow("metastability", &back_at_once, OUTCOME_PASS, "times the usual requests");
    expect_flow("metastability", &storm, OUTCOME_FAIL, "times the usual requests, 60 s and more");
    expect_flow("metastability", &failing, OUTCOME_FAIL, "requests failed long after");
    /* It did so before, too. */
    expect_flow("metastability", &ever, OUTCOME_INCONCLUSIVE, "not told from 5 %");
}

/* One that was expected fails, of the service and of the client that it was expected of. */
static void scopes_narrow_what_is_judged(void **state)
{
    static const struct bench_flow flows[] = { { .rate = { 5, 5, 0 }, .failing = DOWN },
                                               { .service = "other", .rate = { 5, 5, 5 } } };
    static const char *const names[] = { "recovery", "overshoot", "metastability" };
    struct bench_world world = {
        .seed = 7, .lasts = { MINUTE, 15 * MINUTE, 4 * MINUTE }, .flows = flows, .flow_count = 2
    };
    struct bench_question breaker = { .check = "breaker", .limits = "", .service = "api" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct bench_question asked = { .check = names[i], .limits = "", .service = "other" };

        expect_flows(&asked, flows, 2, OUTCOME_INCONCLUSIVE, "");
    }
    expect_flows(&(struct bench_question){ .check = "recovery", .limits = "", .service = "api" },
                 flows, 2, OUTCOME_FAIL, "never had its");
    bench_answers(&world, &breaker, OUTCOME_FAIL, "0 ended in silence; 1 went on");
    breaker.client = "client-1";
    bench_answers(&world, &breaker, OUTCOME_FAIL, "0 ended in silence; 1 went on");
    breaker.client = "client-2";
    bench_answers(&world, &breaker, OUTCOME_INCONCLUSIVE, "no client is like client-2");
    breaker = (struct bench_question){ .check = "breaker", .limits = "", .service = "other" };
    bench_answers(&world, &breaker, OUTCOME_INCONCLUSIVE, "no client failed for 60 s");
}

/* -- Several services ----------------------------------------------------------------------------
 */

static void what_works_is_to_go_on_working(void **state)
{
    static const struct bench_flow fine[] = { { .rate = { 10, 10, 10 }, .failing = DOWN },
                                              { .service = "other", .rate = { 10, 10, 10 } } },
                                   sunk[] = { { .rate = { 10, 10, 10 }, .failing = DOWN },
                                              { .service = "other", .rate = { 10, 4, 10 } } },
                                   fewer[] = { { .rate = { 20, 20, 20 }, .failing = DOWN },
                                               { .service = "other", .rate = { 400, 350, 400 } },
                                               { .service = "spare", .rate = { 10, 1, 10 } } };
    static const struct bench_question asked = { .check = "bulkhead" }, spare = {
        .check = "bulkhead", .limits = "", .service = "spare"
    };

    (void)state;
    expect_flows(&asked, fine, 2, OUTCOME_PASS, "other, which stayed up, gave");
    expect_flows(&asked, sunk, 2, OUTCOME_FAIL, "other, which stayed up, gave 39.5 %");
    expect_flows(&asked, fewer, 3, OUTCOME_WARN, "other, which stayed up, gave 8");
    expect_flows(&spare, fewer, 3, OUTCOME_FAIL, "spare, which stayed up, gave");
    expect_flows(&asked, fine, 1, OUTCOME_INCONCLUSIVE,
                 "other gave no good answer before the first fault");
    expect_short("bulkhead", fine, MINUTE, 0, "other gave no good answer");
    expect_short("bulkhead", fine, 5 * SECOND, 0, "it takes 20 each");
    expect_flows(&asked, &well, 1, OUTCOME_INCONCLUSIVE, "no fault was on");
}

static void a_fallback_is_to_be_used(void **state)
{
    static const struct bench_question to = { .check = "fallback", .limits = "to=spare" },
                                       from = { .check = "fallback",
                                                .limits = "to=spare from=other" },
                                       soon = { .check = "fallback",
                                                .limits = "to=spare within=100ms" },
                                       none = { .check = "fallback" };
    /* Many at once, and each answered late: one answer stands for one failure. */
    static const struct bench_flow good = { .rate = { 10, 20, 10 },
                                            .failing = DOWN,
                                            .fallback = "spare",
                                            .falls_back = 1,
                                            .waits = 400 * MSEC },
                                   half = { .rate = { 10, 20, 10 },
                                            .failing = DOWN,
                                            .fallback = "spare",
                                            .falls_back = 0.5 };

    (void)state;
    expect_flows(&to, &good, 1, OUTCOME_PASS, "failures spare was used");
    expect_flows(&to, &half, 1, OUTCOME_FAIL, "failures spare was used");
    expect_flows(&soon, &good, 1, OUTCOME_FAIL, "failures spare was used");
    expect_flows(&from, &half, 1, OUTCOME_INCONCLUSIVE,
                 "0 operations failed that there is a fallback for");
    expect_flows(&none, &half, 1, OUTCOME_INCONCLUSIVE, "no service is named");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_that_stops_asking_passes),
        cmocka_unit_test(a_client_that_goes_on_is_warned_of),
        cmocka_unit_test(a_client_that_stops_late_is_warned_of),
        cmocka_unit_test(one_short_outage_says_nothing_of_a_breaker),
        cmocka_unit_test(waiting_as_asked_is_no_breaker),
        cmocka_unit_test(single_probes_pass_and_floods_fail),
        cmocka_unit_test(a_client_that_is_back_soon_passes),
        cmocka_unit_test(a_client_that_is_back_late_or_never_fails),
        cmocka_unit_test(recovery_keeps_to_its_limits),
        cmocka_unit_test(profiles_have_limits_of_their_own),
        cmocka_unit_test(of_too_short_a_run_nothing_is_said),
        cmocka_unit_test(a_herd_fails_and_a_few_more_are_none),
        cmocka_unit_test(trouble_that_goes_on_without_its_cause_fails),
        cmocka_unit_test(scopes_narrow_what_is_judged),
        cmocka_unit_test(what_works_is_to_go_on_working),
        cmocka_unit_test(a_fallback_is_to_be_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
