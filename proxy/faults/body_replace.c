/* body_replace: another body in place of the one that comes. */
#include "faults/body.h"
#include "faults/plan.h"

struct replace {
    bool begun;
};

/* A body of no bytes may still have a trailer. What broke off before it began is not replaced. */
static bool tells_of_body(const struct chunk *chunk)
{
    return !chunk_is_final(chunk) || chunk->kind == CHUNK_END;
}

/* The text goes ahead: what it takes the place of may take its time. A trailer would be about the
 * other body. */
static void pump(void *state, const void *params, struct flow *flow)
{
    const struct body *body = ((const struct hit *)params)->params;
    struct replace *replace = state;

    while (flow_can_move(flow)) {
        const struct chunk *front = flow_front(flow);

        if (!replace->begun && tells_of_body(front))
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
