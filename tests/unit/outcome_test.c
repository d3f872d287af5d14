/* outcome_test: claims about the exit status where several things hold at once. */
#include "outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "command.h"

static const char with_rules[] = "panne: 1\n"
                                 "title: x\n"
                                 "services: {api: {match: {}}}\n"
                                 "phases:\n"
                                 "  - name: down\n"
                                 "    faults: [{service: api, error: 503, share: 100%}]\n"
                                 "expect: {amplification: {at-most: 1.2}}\n";
static const char without_rules[] = "panne: 1\n"
                                    "title: x\n"
                                    "services: {api: {match: {}}}\n"
                                    "phases: [{name: calm}]\n";

static void add_generation(struct run *run, const char *source)
{
    struct problems *problems = problems_new();
    struct scenario *scenario = scenario_load(text_from(source), "x", problems);
    struct timeline_options options = { .speed = 1, .until = NEVER };
    struct buffer complaint = { 0 };
    struct timeline timeline;

    assert_non_null(scenario);
    assert_true(timeline_lay(&timeline, scenario, &options, &complaint));
    run_renew(run, generation_new(scenario, &timeline, 1));
    problems_free(problems);
}

static const struct {
    const char *name;
    struct result outcome;
    bool rules, exercised;
    int status;
} claims[] = {
    { "nothing to do, nothing done", { 0 }, false, false, EXIT_PASSED },
    { "a fault was exercised", { 0 }, true, true, EXIT_PASSED },
    { "no fault was", { 0 }, true, false, EXIT_INCONCLUSIVE },
    { "COMMAND failed", { .command_failed = true }, true, true, EXIT_FAILED },
    { "failing leads before inconclusive", { .command_failed = true }, true, false, EXIT_FAILED },
    { "a lost event", { .log.lost = 1 }, false, false, EXIT_BROKEN },
    { "a line that could not be written", { .log.failed = 1 }, true, true, EXIT_BROKEN },
    { "a lost line leads before failing",
      { .command_failed = true, .log.lost = 1 },
      true,
      false,
      EXIT_BROKEN },
    { "broken leads before all",
      { .broken = true, .command_failed = true },
      true,
      false,
      EXIT_BROKEN },
};

static void statuses_have_an_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        struct run run = { 0 };
        const char *why = NULL;

        print_message("  %s\n", claims[i].name);
        add_generation(&run, claims[i].rules ? with_rules : without_rules);
        tally_fault(run_generation(&run)->tally, 0, claims[i].exercised, false);
        assert_int_equal(outcome_status(&claims[i].outcome, &run, &why), claims[i].status);
        assert_non_null(why);
        run_free_generations(&run);
    }
}

/* A scenario loaded again does not forget what the one before did. */
static void all_generations_count(void **state)
{
    struct run run = { 0 };
    struct result outcome = { 0 };
    struct buffer summary = { 0 };
    const char *why;

    (void)state;
    add_generation(&run, with_rules);
    tally_fault(run_generation(&run)->tally, 0, true, false);
    tally_request(run_generation(&run)->tally, 0, 0, 503, false, 1);
    add_generation(&run, with_rules);
    tally_request(run_generation(&run)->tally, 0, 0, 200, false, 1);
    assert_int_equal(outcome_requests(&run), 2);
    assert_int_equal(outcome_exercised(&run), 1);
    assert_int_equal(outcome_status(&outcome, &run, &why), EXIT_PASSED);
    outcome_summary(&run, false, &summary);
    assert_non_null(strstr(summary.at, "before the scenario was loaded again:\n"));
    buffer_free(&summary);
    run_free_generations(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_have_an_order),
        cmocka_unit_test(all_generations_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
