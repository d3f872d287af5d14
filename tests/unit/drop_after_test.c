/* drop_after_test: what passes, and that nothing behind it does, least of all the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fault_table.h"

static const struct fault_setting settings[] = {
    { "" },
    { "after=16KiB; on=request" },
    { "after=much", "wants a size such as 4KiB, got \"much\"" },
};

static void parameters_are_read(void **state)
{
    (void)state;
    fault_check_settings("drop-after", settings, COUNT_OF(settings));
}

/* An end that is held back counts one. */
static const struct fault_case cases[] = {
    { "nothing passes", "", 0, 4, { { 0, "abc!", "" }, { HOUR, "", "" } } },
    { "so much passes", "after=2", 0, 3, { { 0, "abcd!", "ab" }, { HOUR, "", "" } } },
    { "… over several chunks", "after=2", 1, 3, { { 0, "abcd!", "ab" } } },
    { "whatever comes later",
      "after=2",
      0,
      7,
      { { 0, "ab", "ab" }, { 1, "cd", "" }, { 2, "efg", "" }, { 3, "h!", "" } } },
    { "a body of that length is whole", "after=3", 0, 0, { { 0, "abc", "abc" }, { 1, "!", "!" } } },
    { "a shorter one, too", "after=4", 0, 0, { { 0, "abc!", "abc!" } } },
    { "an empty one, too", "", 0, 0, { { 0, "!", "!" } } },
    { "a break behind it is lost", "after=2", 0, 3, { { 0, "abcd#", "ab" } } },
    { "a cut behind it is lost", "after=2", 0, 3, { { 0, "abcd~", "ab" } } },
    { "a break before it is not", "after=2", 0, 0, { { 0, "ab#", "ab#" } } },
    { "boundaries are no end", "", 0, 3, { { 0, "a|b|", "|" }, { 1, "!", "" }, { 2, "", "" } } },
};

static const struct fault_table table = { "drop-after", cases, COUNT_OF(cases) };

static void the_rest_is_lost(void **state)
{
    (void)state;
    fault_check_down(&table);
    fault_check_up(&table);
}

static void trailers_go_with_the_end(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    char *out;

    (void)state;
    fault_bench_hit(bench, "drop-after", "after=2");
    out = fault_bench_run(bench, "abcd", 0, PART_BODY, 0);
    assert_string_equal(out, "ab");
    free(out);
    out = fault_bench_run(bench, "x: y\r\n!", 0, PART_TRAILER, 1);
    assert_string_equal(out, "");
    free(out);
    fault_bench_free(bench);
}

/* However much comes, and however small the pieces. */
static void what_is_lost_takes_no_memory(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *hit;
    char piece[4097];

    (void)state;
    memset(piece, 'x', sizeof(piece) - 1);
    piece[sizeof(piece) - 1] = '\0';
    hit = fault_bench_hit(bench, "drop-after", "");
    for (usec now = 0; now < 1000; now++) {
        char *out = fault_bench_run(bench, piece, now % 2 ? 4096 : 50, PART_BODY, now);

        assert_string_equal(out, "");
        free(out);
        assert_in_range(bench->budget.held, 1, BLOCK_SIZE);
    }
    assert_int_equal(fault_bench_touched(bench, hit), 1000 * 4096);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_read),
        cmocka_unit_test(the_rest_is_lost),
        cmocka_unit_test(trailers_go_with_the_end),
        cmocka_unit_test(what_is_lost_takes_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
