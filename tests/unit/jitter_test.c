/* jitter_test: latency at chunks: each has a wait of its own, and none overtakes another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "fault_bench.h"
#include "faults/distribution.h"
#include "flow_table.h"

enum { CHUNKS = 26 };

struct row {
    usec time;
    const char *in, *out;
};

struct steady_case {
    const char *claim;
    size_t piece;
    uint64_t touched;
    struct row rows[5];
};

static const struct steady_case steadies[] = {
    { "a chunk waits", 0, 4, { { 5, "abc!", "" }, { 104, "", "" }, { 105, "", "abc!" } } },
    { "chunks that come at once wait at once", 1, 4, { { 0, "abc!", "" }, { 100, "", "abc!" } } },
    { "each from when it comes",
      0,
      3,
      { { 0, "a", "" }, { 60, "b", "" }, { 100, "", "a" }, { 159, "!", "" }, { 160, "", "b!" } } },
    { "a cut waits for what stands before", 0, 2, { { 0, "a~", "" }, { 100, "", "a~" } } },
    { "an end alone does not wait", 0, 0, { { 0, "!", "!" } } },
};

static void check_rows(struct fault_bench *bench, const struct steady_case *wanted, bool up,
                       enum part part)
{
    for (size_t i = 0; i < COUNT_OF(wanted->rows) && wanted->rows[i].in; i++) {
        const struct row *row = &wanted->rows[i];
        char *out = (up ? fault_bench_run_up : fault_bench_run)(bench, row->in, wanted->piece, part,
                                                                row->time);

        if (strcmp(out, row->out) != 0)
            fail_msg("%s: row %zu: wanted \"%s\", got \"%s\"", wanted->claim, i + 1, row->out, out);
        free(out);
    }
}

static void check_steady(const struct steady_case *wanted, bool tunnel, bool up)
{
    struct fault_bench *bench = fault_bench_new();
    const struct hit *hit;

    if (tunnel)
        fault_bench_tunnel(bench);
    hit = fault_bench_hit(bench, "latency",
                          up ? "delay=100us; at=chunk; on=request" : "delay=100us; at=chunk");
    assert_int_equal(hit->asked, 0);
    assert_int_equal(bench->answered.delay, 0);
    check_rows(bench, wanted, up, tunnel ? PART_TUNNEL : PART_BODY);
    assert_int_equal(fault_bench_touched(bench, hit), wanted->touched);
    fault_bench_free(bench);
}

static void chunks_are_late(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(steadies); i++)
        for (unsigned how = 0; how < 4; how++)
            check_steady(&steadies[i], how & 1, how & 2);
}

/* What came out by now, and when: chunks that leave together have the same time. */
static usec run_until_quiet(struct fault_bench *bench, usec now, usec *left, size_t *count)
{
    usec wake = pipeline_run(&bench->pipeline, now);
    char *out = flow_drain(&bench->pipeline.out, false);

    for (size_t i = 0; out[i]; i++)
        left[(*count)++] = now;
    free(out);
    return wake;
}

static void each_chunk_has_its_own_draw_and_they_stay_in_order(void **state)
{
    const struct distribution decay = distribution_exponential(10 * MSEC);
    struct fault_bench *bench = fault_bench_new();
    usec left[CHUNKS + 1], wake = 0, due = 0;
    size_t count = 0, overtaken = 0;

    (void)state;
    fault_bench_hit(bench, "latency", "mean=10ms; at=chunk");
    for (usec i = 0; i < CHUNKS; i++) {
        for (wake = usec_min(wake, i * MSEC); wake < i * MSEC;)
            wake = run_until_quiet(bench, wake, left, &count);
        flow_feed(pipeline_in(&bench->pipeline), i + 1 < CHUNKS ? "x" : "x!", 0, PART_BODY,
                  i * MSEC);
        wake = run_until_quiet(bench, i * MSEC, left, &count);
    }
    while (wake != NEVER)
        wake = run_until_quiet(bench, wake, left, &count);
    assert_int_equal(count, CHUNKS + 1);
    for (usec i = 0; i < CHUNKS; i++) {
        usec own = i * MSEC + distribution_draw(&decay, random_join(42, (uint64_t)i));

        overtaken += own < due;
        due = usec_max(due, own);
        assert_int_equal(left[i], due);
    }
    assert_int_equal(left[CHUNKS], due);
    assert_in_range(overtaken, CHUNKS / 4, CHUNKS - 1);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_are_late),
        cmocka_unit_test(each_chunk_has_its_own_draw_and_they_stay_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
