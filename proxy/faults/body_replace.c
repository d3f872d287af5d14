/* body_replace: another body in place of the one that comes. */
#include "faults/body.h"
#include "faults/plan.h"

struct replace {
    bool begun;
};

static bool is_body(const struct chunk *chunk)
{
    return !chunk_is_final(chunk) && chunk->part == PART_BODY;
}

/* The text goes ahead: what it takes the place of may take its time. A trailer would be about the
 * other body. */
static void pump(void *state, const void *params, struct flow *flow)
{
    const struct body *body = ((const struct hit *)params)->params;
    struct replace *replace = state;

    while (flow_can_move(flow)) {
        const struct chunk *front = flow_front(flow);

        if (!replace->begun && (is_body(front) || front->kind == CHUNK_END))
            flow_emit(flow, body->replace.at, body->replace.length, PART_BODY);
        replace->begun = true;
        if (chunk_is_final(front))
            flow_pass(flow);
        else
            flow_discard(flow);
    }
}

const struct filter_ops body_replace = {
    .name = "body-replace",
    .state_size = sizeof(struct replace),
    .pump = pump,
};
