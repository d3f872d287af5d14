/* slice_test: where writes are cut apart, and when the next piece goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fault_table.h"

static const struct fault_setting settings[] = {
    { "" },
    { "size=1B" },
    { "size=1MiB; every=5ms; on=both" },
    { "size=0", "wants at least 1B, got \"0\"" },
    { "size=2MiB", "wants at most 1MiB, got \"2MiB\"" },
    { "every=0", "wants at least 1us, got \"0\"" },
    { "every=61m", "wants at most 1h, got \"61m\"" },
    { "on=off", "wants request, response or both, got \"off\"" },
};

static void parameters_are_bounded(void **state)
{
    (void)state;
    fault_check_settings("slice", settings, COUNT_OF(settings));
}

static const struct fault_case cases[] = {
    { "bytes go one by one", "", 0, 3, { { 0, "abcd!", "a|b|c|d!" } } },
    { "the last slice may be short", "size=3", 0, 2, { { 0, "abcdefgh!", "abc|def|gh!" } } },
    { "however they came", "size=3", 1, 2, { { 0, "abcdefgh!", "abc|def|gh!" } } },
    { "whenever they came",
      "size=3",
      0,
      2,
      { { 0, "ab", "ab" }, { 1, "cd", "c|d" }, { 2, "efgh", "ef|gh" }, { 3, "!", "!" } } },
    { "nothing follows the last", "size=2", 0, 1, { { 0, "abcd!", "ab|cd!" } } },
    { "one slice is not cut", "size=4", 0, 0, { { 0, "abcd!", "abcd!" } } },
    { "an empty body is not cut", "", 0, 0, { { 0, "!", "!" } } },
    { "a cut stays one", "size=2", 0, 1, { { 0, "abc~", "ab|c~" } } },
    { "a break stays one", "size=2", 0, 1, { { 0, "abc#", "ab|c#" } } },
    { "each waits for its turn",
      "size=2; every=10us",
      0,
      6, /* four bytes were held back, and two cuts made */
      { { 5, "abcdef", "ab" },
        { 14, "", "" },
        { 15, "", "|cd" },
        { 24, "", "" },
        { 25, "", "|ef" },
        { 26, "!", "!" } } },
    { "who comes late need not wait",
      "size=2; every=10us",
      0,
      1,
      { { 0, "ab", "ab" }, { 10, "cd!", "|cd!" } } },
};

static const struct fault_table table = { "slice", cases, COUNT_OF(cases) };

static void answers_are_sliced(void **state)
{
    (void)state;
    fault_check_down(&table);
}

static void requests_are_sliced(void **state)
{
    (void)state;
    fault_check_up(&table);
}

static void the_other_way_is_left_alone(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    fault_bench_hit(bench, "slice", "on=request");
    assert_null(bench->pipeline.first);
    assert_non_null(bench->up.first);
    fault_bench_hit(bench, "slice", "on=response");
    assert_non_null(bench->pipeline.first);
    assert_ptr_equal(bench->up.first, bench->up.last);
    fault_bench_free(bench);
}

static void a_known_body_within_one_slice_is_left_alone(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    fault_bench_length(bench, 5);
    fault_bench_hit(bench, "slice", "size=5");
    assert_null(bench->pipeline.first);
    fault_bench_hit(bench, "slice", "size=4");
    assert_non_null(bench->pipeline.first);
    fault_bench_free(bench);
}

/* A slice of a byte takes a hundred times its size. */
static void few_slices_are_on_their_way_at_a_time(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    char in[1000];
    size_t came = 0;

    (void)state;
    memset(in, 'x', sizeof(in) - 1);
    in[sizeof(in) - 1] = '\0';
    fault_bench_hit(bench, "slice", "size=1");
    for (int turn = 0; turn < 1000 && came < sizeof(in) - 1; turn++) {
        char *out = fault_bench_run(bench, turn == 0 ? in : "", 0, PART_BODY, 0);
        size_t length = strlen(out);

        assert_in_range(length, 1, 2 * 64);
        for (size_t i = 0; i < length; i++)
            came += out[i] == 'x';
        free(out);
    }
    assert_int_equal(came, sizeof(in) - 1);
    fault_bench_free(bench);
}

/* … but what waits for another fault before this one is not on its way. */
static void what_another_holds_back_does_not_count(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    char in[1000];
    char *out;

    (void)state;
    memset(in, 'x', sizeof(in) - 1);
    in[sizeof(in) - 1] = '\0';
    fault_bench_hit(bench, "hang", "at=body; after=4");
    fault_bench_hit(bench, "slice", "size=1");
    out = fault_bench_run(bench, in, 0, PART_BODY, 0);
    assert_string_equal(out, "x|x|x|x");
    free(out);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_bounded),
        cmocka_unit_test(answers_are_sliced),
        cmocka_unit_test(requests_are_sliced),
        cmocka_unit_test(the_other_way_is_left_alone),
        cmocka_unit_test(a_known_body_within_one_slice_is_left_alone),
        cmocka_unit_test(few_slices_are_on_their_way_at_a_time),
        cmocka_unit_test(what_another_holds_back_does_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
