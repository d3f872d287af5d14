/* filter: what a filter may do to its two queues in one turn. */
#include "stream/filter.h"

#include <assert.h>

/* An end has no bytes, but holding one back is a deed. */
static size_t weight_of(const struct chunk *chunk)
{
    return chunk_is_final(chunk) ? 1 : chunk->length;
}

/* Notes that `weight` of what was at the front is gone, and gives how much of that had not been
 * held back. */
static size_t forget(struct flow *flow, size_t weight)
{
    size_t held = flow->waiting < weight ? flow->waiting : weight;

    flow->waiting -= held;
    return weight - held;
}

static size_t move(struct flow *flow, struct chunk *chunk)
{
    size_t length = chunk->length;

    forget(flow, weight_of(chunk));
    if (chunk_is_final(chunk))
        flow->ended = true;
    queue_put(flow->out, chunk, flow->now);
    flow->moved = true;
    return length;
}

static bool ends_in_boundary(const struct queue *queue)
{
    return queue->last && queue->last->kind == CHUNK_BOUNDARY;
}

static void pass_by(struct flow *flow)
{
    struct chunk *chunk = queue_take(flow->in);

    if (chunk->kind == CHUNK_BOUNDARY && ends_in_boundary(flow->out))
        chunk_free(flow->in->pool, chunk);
    else
        move(flow, chunk);
}

bool flow_can_move(struct flow *flow)
{
    const struct chunk *front;

    while (!flow->ended && (front = queue_front(flow->in)) != NULL) {
        if (chunk_is_final(front) || (front->part & flow->parts) != 0)
            return true;
        pass_by(flow);
    }
    return false;
}

struct chunk *flow_front(const struct flow *flow)
{
    return queue_front(flow->in);
}

bool flow_must_wait(struct flow *flow, usec due)
{
    const struct chunk *last = flow->in->last;
    size_t held = flow->in->bytes;

    if (due <= flow->now)
        return false;
    flow->wake = usec_min(flow->wake, due);
    if (last && chunk_is_final(last))
        held++;
    if (held > flow->waiting) {
        flow->touched += held - flow->waiting;
        flow->waiting = held;
    }
    return true;
}

size_t flow_pass(struct flow *flow)
{
    assert(!flow->ended && !queue_is_empty(flow->in));
    return move(flow, queue_take(flow->in));
}

size_t flow_pass_up_to(struct flow *flow, size_t length)
{
    struct chunk *chunk;

    assert(!flow->ended && !queue_is_empty(flow->in));
    chunk = queue_take_up_to(flow->in, length);
    return chunk ? move(flow, chunk) : 0;
}

size_t flow_discard(struct flow *flow)
{
    struct chunk *chunk = queue_take(flow->in);
    size_t length;

    assert(chunk && !chunk_is_final(chunk));
    length = chunk->length;
    flow->touched += forget(flow, length);
    chunk_free(flow->in->pool, chunk);
    return length;
}

size_t flow_room(const struct flow *flow)
{
    const struct budget *budget = flow->out->budget;

    return budget_has_room(budget) ? budget->limit - budget->held : 0;
}

size_t flow_ahead(const struct flow *flow)
{
    return flow->out->budget->held - flow->behind - flow->in->bytes;
}

void flow_emit(struct flow *flow, const void *bytes, size_t length, enum part part)
{
    assert(!flow->ended);
    if (length == 0)
        return;
    queue_put_copy(flow->out, bytes, length, part, flow->now);
    flow->touched += length;
    flow->moved = true;
}

static void make_mark(struct flow *flow, enum chunk_kind kind)
{
    queue_put_mark(flow->out, kind, flow->now);
    flow->touched++;
    flow->moved = true;
}

void flow_boundary(struct flow *flow)
{
    assert(!flow->ended);
    if (!ends_in_boundary(flow->out))
        make_mark(flow, CHUNK_BOUNDARY);
}

void flow_end(struct flow *flow, enum chunk_kind end)
{
    assert(end >= CHUNK_END);
    if (flow->ended)
        return;
    make_mark(flow, end);
    flow->ended = true;
}
