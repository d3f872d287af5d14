/* fault_bench: one exchange's plans, for a fault to work upon. */
#ifndef PANNE_TESTS_FAULT_BENCH_H
#define PANNE_TESTS_FAULT_BENCH_H

#include <stdbool.h>

#include "base/counters.h"
#include "faults/fault.h"

/* Rows leave out what is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* The kind, and its parameters as `name=value; name=value`, read by its own rows and checked.
 * False with a complaint. `params` is zero-filled memory of the kind's size. */
bool fault_read(const struct fault_kind *kind, const char *settings, void *params,
                struct buffer *complaint);

struct fault_bench {
    struct pool pool;
    struct budget budget;
    struct arena arena;
    struct pipeline pipeline, up; /* of the answer, of the request */
    struct counters *counters;
    struct head request, response;
    struct request_plan asked;
    struct response_plan answered;
    struct connection_plan connected;
    struct scenario *scenario; /* of fault_bench_rule */
};

/* A GET answered by 200 with a body of unknown length; 256 KiB of budget. Never NULL. */
struct fault_bench *fault_bench_new(void);
/* Fails the test if anything stays in the budget. */
void fault_bench_free(struct fault_bench *bench);
/* A header field of the answer. */
void fault_bench_field(struct fault_bench *bench, const char *name, const char *value);
/* Both plans are a tunnel's. */
void fault_bench_tunnel(struct fault_bench *bench);
void fault_bench_length(struct fault_bench *bench, uint64_t length);
/* Adds a hit, and calls its hooks. Fails the test if the parameters are refused. */
struct hit *fault_bench_hit(struct fault_bench *bench, const char *kind, const char *settings);
/* The same for a fault as it stands in a rule, `header: {remove: ETag}`: for parameters that only a
 * tree can give. Once for each bench. */
struct hit *fault_bench_rule(struct fault_bench *bench, const char *fault);
/* The first fault of bench->scenario, which the bench frees. */
struct hit *fault_bench_first(struct fault_bench *bench);
/* What came out, as flow_drain; the caller frees. */
char *fault_bench_run(struct fault_bench *bench, const char *in, size_t piece, enum part part,
                      usec now);
/* The same for the request's way. */
char *fault_bench_run_up(struct fault_bench *bench, const char *in, size_t piece, enum part part,
                         usec now);
/* What all stages of the hit have touched, and the hit itself. */
uint64_t fault_bench_touched(const struct fault_bench *bench, const struct hit *hit);

/* A row of a table about parameters: refused with exactly this complaint, or good if that is NULL.
 */
struct fault_setting {
    const char *settings, *complaint;
};
void fault_check_settings(const char *kind_name, const struct fault_setting *rows, size_t count);
/* The same for faults as they stand in a rule: complaints are what stands behind the place. */
void fault_check_rules(const struct fault_setting *rows, size_t count);

#endif
