/* hang_test: where it hangs, for how long, and what stays behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fault_table.h"

static const struct fault_setting settings[] = {
    { "" },
    { "for=30s" },
    { "at=body; after=4KiB; until=phase" },
    { "for=0", "wants at least 1us, got \"0\"" },
    { "for=25h", "wants at most 1d, got \"25h\"" },
    { "after=1", "after counts bytes of the body: it goes with at: body" },
    { "at=body; on=request" },
    { "on=both", "on says whose body stops: it goes with at: body" },
    { "at=tail", "wants head or body, got \"tail\"" },
    { "until=dawn", "wants run or phase, got \"dawn\"" },
};

static void parameters_are_checked_together(void **state)
{
    (void)state;
    fault_check_settings("hang", settings, COUNT_OF(settings));
}

struct head_case {
    const char *claim;
    const char *settings, *more; /* of one hang, and of a second */
    usec lasts;
    bool until_phase;
    int by; /* 0, 1: which of the two */
};

static const struct head_case heads[] = {
    { "for ever", "", NULL, NEVER, false, 0 },
    { "for a time", "for=30s", NULL, 30 * SECOND, false, 0 },
    { "until the phase ends", "until=phase", NULL, NEVER, true, 0 },
    { "the longer counts", "for=1s", "for=2s", 2 * SECOND, false, 1 },
    { "whatever the order", "for=2s", "for=1s", 2 * SECOND, false, 0 },
    { "the first of equals", "for=2s", "for=2s", 2 * SECOND, false, 0 },
    { "without the phase's end", "until=phase", "", NEVER, false, 1 },
};

static void check_head(const struct head_case *wanted)
{
    struct fault_bench *bench = fault_bench_new();
    struct hit *hits[2] = { fault_bench_hit(bench, "hang", wanted->settings) };
    const struct request_plan *plan = &bench->asked;

    if (wanted->more)
        hits[1] = fault_bench_hit(bench, "hang", wanted->more);
    if (plan->hang != HANG_HEAD || plan->hang_for != wanted->lasts ||
        plan->hang_until_phase != wanted->until_phase || plan->hang_by != hits[wanted->by] ||
        bench->pipeline.first)
        fail_msg("%s: the plan says otherwise", wanted->claim);
    fault_bench_free(bench);
}

static void heads_are_held(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(heads); i++)
        check_head(&heads[i]);
}

static const struct fault_case bodies[] = {
    { "nothing passes", "at=body", 0, 4, { { 0, "abc!", "" }, { HOUR, "", "" } } },
    { "so much passes",
      "at=body; after=2; for=1s",
      0,
      3,
      { { 5, "abcd!", "ab" }, { 5 + SECOND - 1, "", "" }, { 5 + SECOND, "", "cd!" } } },
    { "… over several chunks",
      "at=body; after=2; for=1s",
      1,
      3,
      { { 5, "abcd!", "ab" }, { 5 + SECOND, "", "cd!" } } },
    { "it begins when something is held",
      "at=body; after=2; for=1s",
      0,
      2,
      { { 0, "ab", "ab" },
        { SECOND, "c!", "" },
        { 2 * SECOND - 1, "", "" },
        { 2 * SECOND, "", "c!" } } },
    { "it is over for what comes later",
      "at=body; for=1s",
      0,
      1,
      { { 0, "a", "" }, { SECOND, "b", "ab" }, { 2 * SECOND, "c!", "c!" } } },
    { "the end alone is held",
      "at=body; after=3; for=1s",
      0,
      1,
      { { 0, "abc!", "abc" }, { SECOND, "", "!" } } },
    { "a shorter body passes", "at=body; after=4", 0, 0, { { 0, "abc!", "abc!" } } },
    { "a cut is held, too", "at=body; for=1s", 0, 2, { { 0, "a~", "" }, { SECOND, "", "a~" } } },
    { "the phase ends it", "at=body; until=phase", 0, 2, { { 0, "a!", "" }, { 700, "", "a!" } } },
    { "whichever comes first",
      "at=body; until=phase; for=1us",
      0,
      2,
      { { 0, "a!", "" }, { 1, "", "a!" } } },
};

static void bodies_and_tunnels_are_held(void **state)
{
    static const struct fault_table table = { "hang", bodies, COUNT_OF(bodies), .phase_ends = 700 };

    (void)state;
    fault_check_down(&table);
}

static void check_direction(const char *wish, const char *up, const char *down)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *hit = fault_bench_hit(bench, "hang", wish);
    char *outs[2] = { fault_bench_run_up(bench, "abc!", 0, PART_BODY, 0),
                      fault_bench_run(bench, "defg!", 0, PART_BODY, 0) };

    assert_string_equal(outs[0], up);
    assert_string_equal(outs[1], down);
    assert_int_equal(fault_bench_touched(bench, hit), 4 + 5 - (int)strlen(up) - (int)strlen(down));
    free(outs[0]);
    free(outs[1]);
    fault_bench_free(bench);
}

static void the_body_named_stops(void **state)
{
    (void)state;
    check_direction("at=body; after=2", "abc!", "de");
    check_direction("at=body; after=2; on=response", "abc!", "de");
    check_direction("at=body; after=2; on=request", "ab", "defg!");
    check_direction("at=body; after=2; on=both", "ab", "de");
    check_direction("at=body; after=3; on=both", "abc", "def");
}

/* Known beforehand: then the bytes need not pass a filter. */
static void a_body_that_is_too_short_is_left_alone(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    fault_bench_length(bench, 5);
    fault_bench_hit(bench, "hang", "at=body; after=5");
    assert_null(bench->pipeline.first);
    fault_bench_hit(bench, "hang", "at=body; after=4");
    assert_non_null(bench->pipeline.first);
    fault_bench_free(bench);
}

static void an_answer_without_a_body_is_left_alone(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    bench->answered.way.has_body = false;
    fault_bench_hit(bench, "hang", "at=body");
    assert_null(bench->pipeline.first);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked_together),
        cmocka_unit_test(heads_are_held),
        cmocka_unit_test(bodies_and_tunnels_are_held),
        cmocka_unit_test(the_body_named_stops),
        cmocka_unit_test(a_body_that_is_too_short_is_left_alone),
        cmocka_unit_test(an_answer_without_a_body_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
