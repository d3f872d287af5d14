/* pipeline: a chain of filters, run without callbacks between them. */
#ifndef PANNE_STREAM_PIPELINE_H
#define PANNE_STREAM_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/time.h"
#include "stream/filter.h"
#include "stream/queue.h"

struct stage {
    struct stage *next, *previous;
    const struct filter_ops *ops;
    const void *params;
    void *state;
    struct queue in;  /* what waits for this stage */
    unsigned parts;   /* enum part bits */
    int tag;          /* the caller's: which rule this stage is for */
    uint64_t touched; /* what the filter did: see struct flow; stands after pipeline_close too */
    size_t waiting;   /* as in struct flow */
    bool ended;
};

/* Zero-fill, then pipeline_init. Without stages it costs one queue: in and out are the same. */
struct pipeline {
    struct stage *first, *last;
    struct queue out; /* the far end: what the encoder takes from */
    bool open;
};

void pipeline_init(struct pipeline *pipeline, struct pool *pool, struct budget *budget);
/* Adds a stage behind the others; what stands in `out` by then has passed it. `params` must outlive
 * the pipeline. Stage and state come from `arena`, so close the pipeline before that is cleared. */
struct stage *pipeline_add(struct pipeline *pipeline, const struct filter_ops *ops,
                           const void *params, unsigned parts, struct arena *arena);
/* Where bytes enter. */
static inline struct queue *pipeline_in(struct pipeline *pipeline)
{
    return pipeline->first ? &pipeline->first->in : &pipeline->out;
}
/* Whether filters stand between: without, bytes may pass as pipes. */
static inline bool pipeline_is_bare(const struct pipeline *pipeline)
{
    return pipeline->first == NULL;
}

/* Moves everything that can move at `now`, from the far end back, until nothing does. Returns when
 * to call again even if nothing arrives or drains before that, or NEVER. */
usec pipeline_run(struct pipeline *pipeline, usec now);
/* Closes the filters and frees all chunks; the stages can still be read. Safe on a zero-filled
 * pipeline, and twice. */
void pipeline_close(struct pipeline *pipeline);

#endif
