/* slice: the same bytes, in small writes. */
#include "faults/direction.h"
#include "faults/fault.h"

/* Slices on their way at a time: they take more memory than the bytes in them. */
#define SLICES_AHEAD 64

struct slice {
    uint64_t size;
    usec every;
    int on;
};

static const struct field fields[] = {
    FIELD(struct slice, size, uint64_t, FIELD_SIZE, .name = "size", .least = 1,
          .most = 1024.0 * 1024, .fallback = "1", .main = true,
          .help = "how many bytes a write has at most"),
    FIELD(struct slice, every, usec, FIELD_DURATION, .name = "every", .least = 1,
          .most = (double)HOUR, .clock = CLOCK_WALL, .help = "how long the next slice waits"),
    FIELD(struct slice, on, int, FIELD_CHOICE, .name = "on", .choices = direction_choices,
          .fallback = "response", .help = "which way"),
    END_OF_FIELDS,
};

struct knife {
    uint64_t left; /* of the present slice */
    bool begun;    /* there is one */
    usec due;      /* of the next one */
};

/* Between two slices. False: not yet. */
static bool may_go_on(const struct knife *knife, const struct slice *slice, struct flow *flow)
{
    if (!knife->begun)
        return true;
    if (flow_ahead(flow) >= slice->size * SLICES_AHEAD)
        return false;
    if (slice->every > 0 && flow_must_wait(flow, knife->due))
        return false;
    flow_boundary(flow);
    return true;
}

static void pump(void *state, const void *params, struct flow *flow)
{
    struct knife *knife = state;
    const struct slice *slice = ((const struct hit *)params)->params;

    while (flow_can_move(flow)) {
        if (chunk_is_final(flow_front(flow))) {
            flow_pass(flow);
            return;
        }
        if (knife->left == 0) {
            if (!may_go_on(knife, slice, flow))
                return;
            knife->begun = true;
            knife->left = slice->size;
        }
        knife->left -= flow_pass_up_to(flow, (size_t)knife->left);
        if (knife->left == 0)
            knife->due = usec_after(flow->now, slice->every);
    }
}

static const struct filter_ops filter = {
    .name = "slice",
    .state_size = sizeof(struct knife),
    .pump = pump,
};

static void at_request(const void *params, struct request_plan *plan)
{
    const struct slice *slice = params;

    if (direction_has_request(slice->on))
        plan_filter_past(&plan->way, &filter, slice->size);
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct slice *slice = params;

    if (direction_has_response(slice->on))
        plan_filter_past(&plan->way, &filter, slice->size);
}

const struct fault_kind fault_slice = {
    .name = "slice",
    .family = "bytes",
    .summary = "bytes arrive in small pieces",
    .about =
        "The body leaves in slices of so many bytes, each in a write, and under TLS in a record, "
        "of its own; where the body is chunked, each is a chunk, too. With every, each slice waits "
        "so long after the one before it. Nothing is changed: what was valid stays valid, and a "
        "client that takes what one read gives for the whole goes wrong. The first slice may share "
        "its write with the head. A body that is no longer than a slice is not cut. The network "
        "may join what was written apart. A slice has from 1 byte to 1 MiB.",
    .example = "slice: {size: 1B, every: 5ms}",
    .fields = fields,
    .params_size = sizeof(struct slice),
    .stands_on = FAULT_ON_HTTP | FAULT_ON_TUNNEL,
    .at_request = at_request,
    .at_response = at_response,
};
