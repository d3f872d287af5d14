/* malformed_test: which malformation an answer gets, and with what size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fault_bench.h"

static const struct fault_setting settings[] = {
    { "" },
    { "what=length-long" },
    { "what=length-long; size=1GiB" },
    { "what=oversized-head; size=1MiB" },
    { "what=garbage-after; size=64KiB" },
    { "what=length", "wants length-long, length-short, chunk-size, last-chunk, empty, "
                     "garbage-before, garbage-after, version, duplicate-length, folded, bare-lf or "
                     "oversized-head, got \"length\"" },
    { "what=empty; size=1", "size says nothing about empty: leave it out" },
    { "what=chunk-size; size=1", "size says nothing about chunk-size: leave it out" },
    { "what=last-chunk; size=1", "size says nothing about last-chunk: leave it out" },
    { "what=version; size=1", "size says nothing about version: leave it out" },
    { "what=folded; size=1", "size says nothing about folded: leave it out" },
    { "what=bare-lf; size=1", "size says nothing about bare-lf: leave it out" },
    { "what=length-short; size=0", "wants at least 1B, got \"0\"" },
    { "what=length-short; size=2GiB", "wants at most 1GiB, got \"2GiB\"" },
    { "what=garbage-before; size=65KiB", "size wants at most 64KiB with garbage-before" },
    { "what=oversized-head; size=2MiB", "size wants at most 1MiB with oversized-head" },
};

static void parameters_are_checked(void **state)
{
    (void)state;
    fault_check_settings("malformed", settings, COUNT_OF(settings));
}

struct claim {
    const char *settings;
    enum malformed kind;
    uint64_t size;
    bool chunked;
};

static const struct claim claims[] = {
    { "", MALFORMED_EMPTY, 0, false },
    { "what=length-long", MALFORMED_LENGTH_LONG, 16, false },
    { "what=length-long; size=3", MALFORMED_LENGTH_LONG, 3, false },
    { "what=length-short", MALFORMED_LENGTH_SHORT, 1, false },
    { "what=chunk-size", MALFORMED_CHUNK_SIZE, 0, true },
    { "what=last-chunk", MALFORMED_LAST_CHUNK, 0, true },
    { "what=garbage-before", MALFORMED_GARBAGE_BEFORE, 64, false },
    { "what=garbage-after; size=2KiB", MALFORMED_GARBAGE_AFTER, 2048, false },
    { "what=version", MALFORMED_VERSION, 0, false },
    { "what=duplicate-length", MALFORMED_DUPLICATE_LENGTH, 1, false },
    { "what=folded", MALFORMED_FOLDED, 0, false },
    { "what=bare-lf", MALFORMED_BARE_LF, 0, false },
    { "what=oversized-head", MALFORMED_OVERSIZED_HEAD, 128 * 1024, false },
};

static void the_plan_says_what(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        struct fault_bench *bench = fault_bench_new();
        const struct hit *hit = fault_bench_hit(bench, "malformed", claims[i].settings);
        const struct malformation *malformation = &bench->answered.malformation;

        if (malformation->kind != claims[i].kind || malformation->size != claims[i].size ||
            bench->answered.chunked != claims[i].chunked)
            fail_msg("%s: %d, %d", claims[i].settings, malformation->kind, (int)malformation->size);
        assert_ptr_equal(bench->answered.malformed_by, hit);
        assert_false(hit->shadowed);
        fault_bench_free(bench);
    }
}

static void the_first_one_counts(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *first = fault_bench_hit(bench, "malformed", "what=folded");
    const struct hit *second = fault_bench_hit(bench, "malformed", "what=chunk-size");

    (void)state;
    assert_int_equal(bench->answered.malformation.kind, MALFORMED_FOLDED);
    assert_ptr_equal(bench->answered.malformed_by, first);
    assert_true(second->shadowed && !bench->answered.chunked);
    fault_bench_free(bench);
}

static void what_has_no_body_gets_no_chunks(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    bench->answered.way.has_body = false;
    fault_bench_hit(bench, "malformed", "what=last-chunk");
    assert_false(bench->answered.chunked);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked),
        cmocka_unit_test(the_plan_says_what),
        cmocka_unit_test(the_first_one_counts),
        cmocka_unit_test(what_has_no_body_gets_no_chunks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
