/* slow_test: which piece passes when, and what is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fault_table.h"

static const struct fault_setting settings[] = {
    { "" },
    { "every=1ms; size=1MiB; on=both; after=1GiB" },
    { "every=999us", "wants at least 1ms, got \"999us\"" },
    { "every=2h", "wants at most 1h, got \"2h\"" },
    { "size=0", "wants at least 1B, got \"0\"" },
    { "size=2MiB", "wants at most 1MiB, got \"2MiB\"" },
    { "on=down", "wants request, response or both, got \"down\"" },
};

static void parameters_are_checked_together(void **state)
{
    (void)state;
    fault_check_settings("slow", settings, COUNT_OF(settings));
}

/* Times in milliseconds. */
static const struct fault_case drips[] = {
    { "a byte every 100 ms",
      "",
      0,
      3,
      { { 5, "abc", "" },
        { 104, "", "" },
        { 105, "", "a" },
        { 205, "", "b" },
        { 305, "!", "c!" } } },
    { "the end goes with the last byte",
      "every=10ms",
      0,
      3,
      { { 0, "ab!", "" }, { 10, "", "a" }, { 20, "", "b!" } } },
    { "pieces of a size, the last one shorter",
      "every=10ms; size=2B",
      0,
      4,
      { { 0, "abc!", "" }, { 10, "", "ab" }, { 19, "", "" }, { 20, "", "c!" } } },
    { "… over several chunks",
      "every=10ms; size=2B",
      1,
      4,
      { { 0, "abc!", "" }, { 10, "", "ab" }, { 20, "", "c!" } } },
    { "a piece is filled up by what comes later",
      "every=10ms; size=2B",
      0,
      3,
      { { 0, "a", "" }, { 10, "", "a" }, { 12, "bcd", "b" }, { 20, "", "cd" }, { 21, "!", "!" } } },
    { "a late look does not move the beat",
      "every=10ms",
      0,
      4,
      { { 0, "abc!", "" }, { 15, "", "a" }, { 19, "", "" }, { 20, "", "b" }, { 30, "", "c!" } } },
    { "nothing is made up for",
      "every=10ms",
      0,
      4,
      { { 0, "abc!", "" }, { 45, "", "a" }, { 54, "", "" }, { 55, "", "b" }, { 65, "", "c!" } } },
    { "what comes slower than that passes",
      "every=10ms",
      0,
      1,
      { { 0, "a", "" }, { 10, "", "a" }, { 50, "b", "b" }, { 90, "c!", "c!" } } },
    { "so much passes before",
      "every=10ms; after=2",
      0,
      2,
      { { 0, "abc", "ab" }, { 9, "", "" }, { 10, "d", "c" }, { 20, "!", "d!" } } },
    { "a shorter body passes", "after=3", 0, 0, { { 0, "abc!", "abc!" } } },
    { "a cut comes behind the rest", "every=10ms", 0, 2, { { 0, "a~", "" }, { 10, "", "a~" } } },
};

static const struct fault_table table = { "slow", drips, COUNT_OF(drips), .unit = MSEC };

static void bodies_and_tunnels_drip(void **state)
{
    (void)state;
    fault_check_down(&table);
    fault_check_up(&table);
}

static void each_way_drips_for_itself(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    char *outs[4];

    (void)state;
    fault_bench_hit(bench, "slow", "on=both");
    outs[0] = fault_bench_run_up(bench, "ab!", 0, PART_BODY, 0);
    outs[1] = fault_bench_run(bench, "cd!", 0, PART_BODY, 50 * MSEC);
    outs[2] = fault_bench_run_up(bench, "", 0, PART_BODY, 100 * MSEC);
    outs[3] = fault_bench_run(bench, "", 0, PART_BODY, 150 * MSEC);
    assert_string_equal(outs[0], "");
    assert_string_equal(outs[1], "");
    assert_string_equal(outs[2], "a");
    assert_string_equal(outs[3], "c");
    for (size_t i = 0; i < COUNT_OF(outs); i++)
        free(outs[i]);
    fault_bench_free(bench);
}

static void what_has_no_such_body_is_left_alone(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    fault_bench_length(bench, 5);
    fault_bench_hit(bench, "slow", "after=5");
    assert_null(bench->pipeline.first);
    bench->answered.way.has_body = bench->asked.way.has_body = false;
    fault_bench_hit(bench, "slow", "on=both");
    assert_null(bench->pipeline.first);
    assert_null(bench->up.first);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked_together),
        cmocka_unit_test(bodies_and_tunnels_drip),
        cmocka_unit_test(each_way_drips_for_itself),
        cmocka_unit_test(what_has_no_such_body_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
