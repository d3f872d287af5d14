/* truncate_test: how much passes, what the end looks like, and what the head says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fault_table.h"

static const struct fault_setting settings[] = {
    { "" },
    { "after=16KiB; end=clean" },
    { "share=50%; end=reset; on=both" },
    { "share=50%; after=0" },
    { "share=50%; after=1", "wants after or share, not both" },
    { "share=100%", "share: 100% leaves nothing to cut off: wants less" },
    { "share=101%", "wants at most 100%, got \"101%\"" },
    { "end=soon", "wants clean, cut or reset, got \"soon\"" },
};

static void parameters_are_checked_together(void **state)
{
    (void)state;
    fault_check_settings("truncate", settings, COUNT_OF(settings));
}

static const struct fault_case bodies[] = {
    { "nothing passes", "", 0, 1, { { 0, "abc!", "~" } } },
    { "so much passes", "after=2", 0, 1, { { 0, "abc!", "ab~" } } },
    { "… over several chunks", "after=2", 1, 1, { { 0, "abcd!", "ab~" } } },
    { "with a clean end", "after=2; end=clean", 0, 1, { { 0, "abc!", "ab!" } } },
    { "with a break", "after=2; end=reset", 0, 1, { { 0, "abc!", "ab#" } } },
    { "it waits for the byte too many", "after=3", 0, 0, { { 0, "abc", "abc" } } },
    { "a body that ends there is whole", "after=3", 0, 0, { { 0, "abc!", "abc!" } } },
    { "a shorter body passes", "after=4", 0, 0, { { 0, "abc!", "abc!" } } },
    { "an empty body passes", "", 0, 0, { { 0, "!", "!" } } },
    { "another's cut stays one", "after=3; end=clean", 0, 0, { { 0, "abc~", "abc~" } } },
    { "another's break stays one", "after=3; end=clean", 0, 0, { { 0, "abc#", "abc#" } } },
    { "there is no share of an unknown length", "share=50%", 0, 0, { { 0, "abcd!", "abcd!" } } },
};

static void bodies_of_unknown_length_end_early(void **state)
{
    (void)state;
    fault_check_down(&(const struct fault_table){ "truncate", bodies, COUNT_OF(bodies) });
}

struct length_case {
    const char *claim, *settings;
    uint64_t length; /* what the head says after that */
    const char *out;
    uint64_t touched;
};

/* Of ten bytes. */
static const struct length_case lengths[] = {
    { "a cut keeps the promise", "after=4", 10, "abcd~", 6 },
    { "a break keeps the promise", "after=4; end=reset", 10, "abcd#", 6 },
    { "a clean end changes it", "after=4; end=clean", 4, "abcd!", 6 },
    { "a share of it", "share=50%; end=clean", 5, "abcde!", 5 },
    { "a share is rounded down", "share=39%; end=clean", 3, "abc!", 7 },
    { "a small share is nothing", "share=1%; end=clean", 0, "!", 10 },
    { "a large share is not all", "share=99.9%", 10, "abcdefghi~", 1 },
    { "the same length is no change", "after=10; end=clean", 10, "abcdefghij!", 0 },
    { "nor is a greater one", "after=11; end=clean", 10, "abcdefghij!", 0 },
};

static void check_length(const struct length_case *wanted)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *hit;
    char *out;

    fault_bench_length(bench, 10);
    hit = fault_bench_hit(bench, "truncate", wanted->settings);
    out = fault_bench_run(bench, "abcdefghij!", 3, PART_BODY, 0);
    if (strcmp(out, wanted->out) != 0)
        fail_msg("%s: wanted \"%s\", got \"%s\"", wanted->claim, wanted->out, out);
    if (!bench->answered.way.length_known || bench->answered.way.length != wanted->length ||
        fault_bench_touched(bench, hit) != wanted->touched)
        fail_msg("%s: length %llu, touched %llu", wanted->claim,
                 (unsigned long long)bench->answered.way.length,
                 (unsigned long long)fault_bench_touched(bench, hit));
    free(out);
    fault_bench_free(bench);
}

static void bodies_of_known_length_end_early(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lengths); i++)
        check_length(&lengths[i]);
}

/* The second one is about what the first one leaves. */
static void two_of_them_follow_one_another(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    char *out;

    (void)state;
    fault_bench_length(bench, 8);
    fault_bench_hit(bench, "truncate", "share=50%; end=clean");
    fault_bench_hit(bench, "truncate", "share=50%; end=clean");
    assert_int_equal(bench->answered.way.length, 2);
    out = fault_bench_run(bench, "abcdefgh!", 0, PART_BODY, 0);
    assert_string_equal(out, "ab!");
    free(out);
    fault_bench_free(bench);
}

static void requests_end_early(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    char *out;

    (void)state;
    bench->asked.way.length_known = true;
    bench->asked.way.length = 8;
    fault_bench_hit(bench, "truncate", "after=3; end=clean; on=request");
    assert_int_equal(bench->asked.way.length, 3);
    assert_null(bench->pipeline.first);
    out = fault_bench_run_up(bench, "abcdefgh!", 0, PART_BODY, 0);
    assert_string_equal(out, "abc!");
    free(out);
    fault_bench_free(bench);
}

static void a_message_without_a_body_is_left_alone(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    bench->asked.way.has_body = bench->answered.way.has_body = false;
    fault_bench_hit(bench, "truncate", "on=both");
    assert_null(bench->pipeline.first);
    assert_null(bench->up.first);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked_together),
        cmocka_unit_test(bodies_of_unknown_length_end_early),
        cmocka_unit_test(bodies_of_known_length_end_early),
        cmocka_unit_test(two_of_them_follow_one_another),
        cmocka_unit_test(requests_end_early),
        cmocka_unit_test(a_message_without_a_body_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
