/* slow_close_test: how late the connection's end is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fault_bench.h"

static const struct fault_setting settings[] = {
    { "" },
    { "for=10s" },
    { "for=0", "wants at least 1us, got \"0\"" },
    { "for=61m", "wants at most 1h, got \"61m\"" },
};

static void parameters_are_bounded(void **state)
{
    (void)state;
    fault_check_settings("slow-close", settings, COUNT_OF(settings));
}

struct wait_case {
    const char *claim;
    const char *settings, *more; /* of one, and of a second */
    usec wanted;
    int by; /* 0, 1: which of the two */
};

static const struct wait_case waits[] = {
    { "by itself", "", NULL, 5 * SECOND, 0 },
    { "as long as asked", "for=10s", NULL, 10 * SECOND, 0 },
    { "the longer counts", "for=1s", "for=2s", 2 * SECOND, 1 },
    { "whatever the order", "for=2s", "for=1s", 2 * SECOND, 0 },
    { "the first of equals", "for=2s", "for=2s", 2 * SECOND, 0 },
};

static void waits_are_planned(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(waits); i++) {
        struct fault_bench *bench = fault_bench_new();
        struct hit *hits[2] = { fault_bench_hit(bench, "slow-close", waits[i].settings) };

        if (waits[i].more)
            hits[1] = fault_bench_hit(bench, "slow-close", waits[i].more);
        if (bench->answered.close_after != waits[i].wanted ||
            bench->answered.close_by != hits[waits[i].by] || bench->pipeline.first)
            fail_msg("%s: the plan says otherwise", waits[i].claim);
        fault_bench_free(bench);
    }
}

static void tunnels_have_none(void **state)
{
    (void)state;
    assert_int_equal(fault_find(text_from("slow-close"))->stands_on, FAULT_ON_HTTP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_bounded),
        cmocka_unit_test(waits_are_planned),
        cmocka_unit_test(tunnels_have_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
