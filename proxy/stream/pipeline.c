/* pipeline: a chain of filters, run without callbacks between them. */
#include "stream/pipeline.h"

#include <assert.h>

void pipeline_init(struct pipeline *pipeline, struct pool *pool, struct budget *budget)
{
    *pipeline = (struct pipeline){ .open = true };
    queue_init(&pipeline->out, pool, budget);
}

struct stage *pipeline_add(struct pipeline *pipeline, const struct filter_ops *ops,
                           const void *params, unsigned parts, struct arena *arena)
{
    struct stage *stage = ARENA_NEW(arena, struct stage);

    assert(pipeline->open);
    stage->ops = ops;
    stage->params = params;
    stage->parts = parts;
    stage->state = ops->state_size > 0 ? arena_take(arena, ops->state_size) : NULL;
    queue_init(&stage->in, pipeline->out.pool, pipeline->out.budget);
    if (ops->open)
        ops->open(stage->state, params, arena);

    stage->previous = pipeline->last;
    if (pipeline->last)
        pipeline->last->next = stage;
    else
        pipeline->first = stage;
    pipeline->last = stage;
    return stage;
}

static size_t bytes_behind(const struct stage *stage)
{
    size_t bytes = 0;

    while ((stage = stage->previous) != NULL)
        bytes += stage->in.bytes;
    return bytes;
}

/* Returns whether anything moved. */
static bool run_stage(struct pipeline *pipeline, struct stage *stage, usec now, usec *wake)
{
    struct flow flow = {
        .in = &stage->in,
        .out = stage->next ? &stage->next->in : &pipeline->out,
        .now = now,
        .wake = NEVER,
        .parts = stage->parts,
        .waiting = stage->waiting,
        .behind = bytes_behind(stage),
    };

    /* What would be thrown away behind it need not be waited for. */
    if (stage->next && stage->next->ended)
        stage->ended = true;
    if (!stage->ended)
        stage->ops->pump(stage->state, stage->params, &flow);
    stage->ended = stage->ended || flow.ended;
    stage->touched += flow.touched;
    stage->waiting = flow.waiting;
    if (stage->ended)
        queue_clear(&stage->in);
    *wake = usec_min(*wake, flow.wake);
    return flow.moved;
}

/* From the far end back. Moving alone would not tell when to go on: what one stage throws away is
 * room for another to make bytes. */
static bool run_once(struct pipeline *pipeline, usec now, usec *wake)
{
    const struct budget *budget = pipeline->out.budget;
    size_t held = budget->held;
    bool moved = false;

    *wake = NEVER;
    for (struct stage *stage = pipeline->last; stage; stage = stage->previous)
        if (run_stage(pipeline, stage, now, wake))
            moved = true;
    return moved || budget->held < held;
}

usec pipeline_run(struct pipeline *pipeline, usec now)
{
    usec wake = NEVER;

    if (!pipeline->open)
        return NEVER;
    while (pipeline->first && run_once(pipeline, now, &wake))
        ;
    return wake;
}

void pipeline_close(struct pipeline *pipeline)
{
    if (!pipeline->open)
        return;
    pipeline->open = false;
    for (struct stage *stage = pipeline->first; stage; stage = stage->next) {
        if (stage->ops->close)
            stage->ops->close(stage->state);
        queue_clear(&stage->in);
    }
    queue_clear(&pipeline->out);
}
