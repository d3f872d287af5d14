/* The connection's kinds: what each wishes for, and which one counts where several hit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fault_bench.h"

static void refusal_is_booked_to_the_first(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct hit *first = fault_bench_hit(bench, "refuse", "");

    (void)state;
    fault_bench_hit(bench, "refuse", "");
    assert_true(bench->connected.refuse);
    assert_ptr_equal(bench->connected.refuse_by, first);
    assert_int_equal(bench->asked.reset, RESET_NONE);
    fault_bench_free(bench);
}

static void the_longest_silence_counts(void **state)
{
    static const struct {
        const char *settings[3];
        usec silence;
        size_t by;
    } rows[] = {
        { { "for=2s" }, 2 * SECOND, 0 },
        { { "for=2s", "for=3s", "for=1s" }, 3 * SECOND, 1 },
        { { "for=2s", "", "for=3s" }, NEVER, 1 },
        { { "", "" }, NEVER, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct fault_bench *bench = fault_bench_new();
        struct hit *hits[3] = { NULL };

        for (size_t k = 0; k < 3 && rows[i].settings[k]; k++)
            hits[k] = fault_bench_hit(bench, "accept-silence", rows[i].settings[k]);
        assert_true(bench->connected.silence == rows[i].silence);
        assert_ptr_equal(bench->connected.silence_by, hits[rows[i].by]);
        fault_bench_free(bench);
    }
}

static void the_lowest_age_counts(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct hit *lowest;

    (void)state;
    fault_bench_hit(bench, "max-age", "age=5s");
    lowest = fault_bench_hit(bench, "max-age", "age=1s");
    fault_bench_hit(bench, "max-age", "age=1s");
    assert_int_equal(bench->connected.max_age, SECOND);
    assert_ptr_equal(bench->connected.max_age_by, lowest);
    fault_bench_free(bench);
}

static void the_first_failure_to_connect_counts(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct hit *first = fault_bench_hit(bench, "unreachable", "after=2s");

    (void)state;
    fault_bench_hit(bench, "unresolved", "after=1s");
    assert_int_equal(bench->asked.dial, DIAL_TROUBLE_UNREACHABLE);
    assert_int_equal(bench->asked.dial_after, 2 * SECOND);
    assert_int_equal(first->asked, 2 * SECOND);
    assert_ptr_equal(bench->asked.dial_by, first);
    fault_bench_free(bench);
}

static void a_name_is_not_found_at_once_unless_told(void **state)
{
    struct fault_bench *bench = fault_bench_new();

    (void)state;
    fault_bench_hit(bench, "unresolved", "");
    assert_int_equal(bench->asked.dial, DIAL_TROUBLE_UNRESOLVED);
    assert_int_equal(bench->asked.dial_after, 0);
    fault_bench_free(bench);
}

static void bounds_are_kept(void **state)
{
    static const struct fault_setting silences[] = {
        { "for=24h", NULL },
        { "for=25h", "wants at most 1d, got \"25h\"" },
    };
    static const struct fault_setting dials[] = {
        { "after=1h", NULL },
        { "after=61m", "wants at most 1h, got \"61m\"" },
    };

    (void)state;
    fault_check_settings("accept-silence", silences, COUNT_OF(silences));
    fault_check_settings("unresolved", dials, COUNT_OF(dials));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusal_is_booked_to_the_first),
        cmocka_unit_test(the_longest_silence_counts),
        cmocka_unit_test(the_lowest_age_counts),
        cmocka_unit_test(the_first_failure_to_connect_counts),
        cmocka_unit_test(a_name_is_not_found_at_once_unless_told),
        cmocka_unit_test(bounds_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
