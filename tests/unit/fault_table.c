/* fault_table: the test of a fault in bodies and tunnels as a table of (time, in, out). */
#include "fault_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef char *run(struct fault_bench *bench, const char *in, size_t piece, enum part part,
                  usec now);

struct passage {
    run *run;
    const char *on; /* added to the settings */
    bool tunnel;
};

static void check_rows(struct fault_bench *bench, const struct fault_case *wanted,
                       const struct passage *passage, usec unit)
{
    enum part part = passage->tunnel ? PART_TUNNEL : PART_BODY;

    for (size_t i = 0; i < COUNT_OF(wanted->rows) && wanted->rows[i].in; i++) {
        const struct fault_row *row = &wanted->rows[i];
        char *out = passage->run(bench, row->in, wanted->piece, part, row->time * unit);

        if (strcmp(out, row->out) != 0)
            fail_msg("%s: row %zu: wanted \"%s\", got \"%s\"", wanted->claim, i + 1, row->out, out);
        free(out);
    }
}

static void check_case(const struct fault_table *table, const struct fault_case *wanted,
                       const struct passage *passage)
{
    struct fault_bench *bench = fault_bench_new();
    char settings[128];
    const struct hit *hit;
    uint64_t touched;

    if (table->phase_ends)
        bench->asked.phase_ends = table->phase_ends;
    if (passage->tunnel)
        fault_bench_tunnel(bench);
    snprintf(settings, sizeof(settings), "%s%s", wanted->settings, passage->on);
    hit = fault_bench_hit(bench, table->kind, settings);
    assert_int_equal(bench->asked.reset, RESET_NONE);
    assert_int_equal(bench->asked.hang, HANG_NONE);
    assert_false(bench->asked.closes);
    check_rows(bench, wanted, passage, table->unit ? table->unit : 1);
    touched = fault_bench_touched(bench, hit);
    if (touched != wanted->touched)
        fail_msg("%s: wanted %llu touched, got %llu", wanted->claim,
                 (unsigned long long)wanted->touched, (unsigned long long)touched);
    fault_bench_free(bench);
}

static void check_ways(const struct fault_table *table, const struct passage *ways, size_t count)
{
    for (size_t i = 0; i < table->count; i++)
        for (size_t j = 0; j < count; j++)
            check_case(table, &table->cases[i], &ways[j]);
}

void fault_check_down(const struct fault_table *table)
{
    static const struct passage ways[] = {
        { fault_bench_run, "", false },
        { fault_bench_run, "", true },
    };

    check_ways(table, ways, COUNT_OF(ways));
}

void fault_check_up(const struct fault_table *table)
{
    static const struct passage ways[] = {
        { fault_bench_run_up, "; on=request", false },
        { fault_bench_run_up, "; on=request", true },
        { fault_bench_run_up, "; on=both", false },
        { fault_bench_run_up, "; on=both", true },
    };

    check_ways(table, ways, COUNT_OF(ways));
}
