/* body_edit: a body that is held back until it is whole, and then edited. */
#include "base/buffer.h"
#include "base/json_tree.h"
#include "base/pattern.h"
#include "faults/body.h"
#include "faults/flood.h"
#include "faults/plan.h"

struct edit {
    struct pattern *pattern; /* NULL: a merge */
    bool settled;            /* what comes passes */
};

static const struct body *body_of(const void *params)
{
    return ((const struct hit *)params)->params;
}

static void open_edit(void *state, const void *params, struct arena *arena)
{
    const struct body *body = body_of(params);
    struct edit *edit = state;
    struct buffer complaint = { 0 };

    (void)arena;
    if (body->find.at)
        edit->pattern = pattern_new(body->find, &complaint);
    buffer_free(&complaint); /* there was none when the scenario was loaded */
}

static void close_edit(void *state)
{
    struct edit *edit = state;

    pattern_free(edit->pattern);
}

static bool is_bytes(const struct chunk *chunk)
{
    return !chunk_is_final(chunk) && chunk->part == PART_BODY;
}

/* What stands behind the body's bytes, its trailer or its end; NULL: not here yet. */
static const struct chunk *find_end(const struct queue *in)
{
    for (const struct chunk *chunk = queue_front(in); chunk; chunk = chunk->next)
        if (chunk_is_final(chunk) || chunk->part == PART_TRAILER)
            return chunk;
    return NULL;
}

static void gather(const struct queue *in, struct buffer *whole)
{
    for (const struct chunk *chunk = queue_front(in); chunk; chunk = chunk->next)
        if (is_bytes(chunk))
            buffer_add(whole, chunk->start, chunk->length);
}

static bool rewrite(const struct edit *edit, const struct body *body, struct text before,
                    struct buffer *after)
{
    if (edit->pattern)
        return pattern_replace(edit->pattern, before, body->with, body->limit, after) ==
                   PATTERN_REPLACED &&
               !text_equal(before, buffer_text(after));
    return json_patch(before, body->merge, after) && after->length <= body->limit;
}

static void put_in_place(struct flow *flow, const struct buffer *after)
{
    while (flow_can_move(flow) && is_bytes(flow_front(flow)))
        flow_discard(flow);
    flow_emit(flow, after->at, after->length, PART_BODY);
}

static void settle(struct edit *edit, const struct body *body, struct flow *flow)
{
    struct buffer before = { 0 }, after = { 0 };

    gather(flow->in, &before);
    if (before.length > 0 && rewrite(edit, body, buffer_text(&before), &after))
        put_in_place(flow, &after);
    buffer_free(&before);
    buffer_free(&after);
}

/* Whether nothing is left to wait for. Without room no more can come. */
static bool is_ready(struct edit *edit, const struct body *body, struct flow *flow)
{
    const struct chunk *end = find_end(flow->in);

    if (edit->settled)
        return true;
    edit->settled = end != NULL || flow->in->bytes > body->limit || flow_room(flow) == 0;
    if (end && (end->part == PART_TRAILER || end->kind == CHUNK_END) &&
        flow->in->bytes <= body->limit)
        settle(edit, body, flow);
    return edit->settled;
}

static void pump(void *state, const void *params, struct flow *flow)
{
    struct edit *edit = state;

    if (!is_ready(edit, body_of(params), flow))
        return;
    while (flow_can_move(flow)) {
        const struct chunk *front = flow_front(flow);

        if (!chunk_is_final(front) && front->part == PART_TRAILER)
            flood_pass_trailer(flow);
        else
            flow_pass(flow);
    }
}

const struct filter_ops body_edit = {
    .name = "body-edit",
    .state_size = sizeof(struct edit),
    .open = open_edit,
    .pump = pump,
    .close = close_edit,
};
