/* drop_after: from some byte on everything is lost, and nobody is told. */
#include "faults/direction.h"
#include "faults/fault.h"

struct drop {
    uint64_t after;
    int on;
};

static const struct field fields[] = {
    FIELD(struct drop, after, uint64_t, FIELD_SIZE, .name = "after", .main = true, .fallback = "0",
          .help = "how much still passes"),
    FIELD(struct drop, on, int, FIELD_CHOICE, .name = "on", .choices = direction_choices,
          .fallback = "response", .help = "which way"),
    END_OF_FIELDS,
};

/* A chunk may be thrown away only when another that will be stands behind it: what is kept holds
 * back the end, and shows that something is. */
static bool may_discard(const struct chunk *front)
{
    const struct chunk *next = front->next;

    while (next && next->kind == CHUNK_BOUNDARY)
        next = next->next;
    return next && !chunk_is_final(next) && next->part == front->part;
}

static void pump(void *state, const void *params, struct flow *flow)
{
    uint64_t *passed = state;
    const struct drop *drop = ((const struct hit *)params)->params;

    while (flow_can_move(flow)) {
        uint64_t left = drop->after - *passed;

        if (left > 0 || chunk_is_final(flow_front(flow)))
            *passed += flow_pass_up_to(flow, left < SIZE_MAX ? (size_t)left : SIZE_MAX);
        else if (may_discard(flow_front(flow)))
            flow_discard(flow);
        else if (flow_must_wait(flow, NEVER))
            return;
    }
}

static const struct filter_ops filter = {
    .name = "drop-after",
    .state_size = sizeof(uint64_t),
    .pump = pump,
};

static void at_request(const void *params, struct request_plan *plan)
{
    const struct drop *drop = params;

    if (direction_has_request(drop->on))
        plan_filter_past(&plan->way, &filter, drop->after);
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct drop *drop = params;

    if (direction_has_response(drop->on))
        plan_filter_past(&plan->way, &filter, drop->after);
}

const struct fault_kind fault_drop_after = {
    .name = "drop-after",
    .family = "bytes",
    .summary = "everything behind so many bytes is lost in silence",
    .about =
        "So much of the body passes; all that comes behind it is read and thrown away, its end and "
        "a break of the connection, too. The connection stays open and silent until the client "
        "gives up or the run ends, as with a firewall that has forgotten about the connection: the "
        "sender sees nothing wrong. A body that is no longer than `after` is left alone. On the "
        "request's way it is the origin that waits for the rest, and the client for its answer. "
        "In a tunnel, all that its side sends counts.",
    .example = "drop-after: 16KiB",
    .fields = fields,
    .params_size = sizeof(struct drop),
    .stands_on = FAULT_ON_HTTP | FAULT_ON_TUNNEL,
    .at_request = at_request,
    .at_response = at_response,
};
