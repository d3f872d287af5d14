/* slow: bytes drip, a few at a time. */
#include "faults/direction.h"
#include "faults/fault.h"

struct slow {
    usec every;
    uint64_t size, after;
    int on;
};

static const struct field fields[] = {
    FIELD(struct slow, every, usec, FIELD_DURATION, .name = "every", .least = (double)MSEC,
          .most = (double)HOUR, .clock = CLOCK_WALL, .main = true, .fallback = "100ms",
          .help = "the time from piece to piece, and before the first"),
    FIELD(struct slow, size, uint64_t, FIELD_SIZE, .name = "size", .least = 1, .most = 1 << 20,
          .fallback = "1B", .help = "how long a piece is; the last one may be shorter"),
    FIELD(struct slow, on, int, FIELD_CHOICE, .name = "on", .choices = direction_choices,
          .fallback = "response", .help = "whose body drips"),
    FIELD(struct slow, after, uint64_t, FIELD_SIZE, .name = "after", .fallback = "0",
          .help = "how much of the body passes as it comes, before"),
    END_OF_FIELDS,
};

struct drip {
    uint64_t passed; /* of what goes before */
    uint64_t left;   /* of the present piece */
    bool begun;
    usec due; /* of the next piece */
};

/* Pieces keep to their beat, unless there was nothing to send, or they are late by a whole one. */
static void begin_piece(struct drip *drip, const struct slow *slow, usec now)
{
    drip->left = slow->size;
    drip->due = usec_after(drip->due, slow->every);
    if (drip->due <= now)
        drip->due = usec_after(now, slow->every);
}

/* How much of the front chunk may pass now; 0: it must wait. */
static size_t allowed(struct drip *drip, const struct slow *slow, struct flow *flow)
{
    uint64_t before = slow->after - drip->passed;

    if (before > 0)
        return before < SIZE_MAX ? (size_t)before : SIZE_MAX;
    if (!drip->begun) {
        drip->begun = true;
        drip->due = usec_after(flow->now, slow->every);
    }
    if (drip->left == 0) {
        if (flow_must_wait(flow, drip->due))
            return 0;
        begin_piece(drip, slow, flow->now);
    }
    return (size_t)drip->left;
}

static void pump(void *state, const void *params, struct flow *flow)
{
    struct drip *drip = state;
    const struct slow *slow = ((const struct hit *)params)->params;

    while (flow_can_move(flow)) {
        size_t most, length;

        if (chunk_is_final(flow_front(flow))) {
            flow_pass(flow);
            continue;
        }
        most = allowed(drip, slow, flow);
        if (most == 0)
            return;
        length = flow_pass_up_to(flow, most);
        if (drip->passed < slow->after)
            drip->passed += length;
        else
            drip->left -= length < drip->left ? length : drip->left;
    }
}

static const struct filter_ops filter = {
    .name = "slow",
    .state_size = sizeof(struct drip),
    .pump = pump,
};

static void at_request(const void *params, struct request_plan *plan)
{
    const struct slow *slow = params;

    if (direction_has_request(slow->on))
        plan_filter_past(&plan->way, &filter, slow->after);
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct slow *slow = params;

    if (direction_has_response(slow->on))
        plan_filter_past(&plan->way, &filter, slow->after);
}

const struct fault_kind fault_slow = {
    .name = "slow",
    .family = "time",
    .summary = "a body drips, a few bytes at a time",
    .about =
        "The body arrives in small pieces, the first of them after a wait, so that a time-out for "
        "silence does not help, but one for the whole does: 1 byte every 100 ms if nothing else "
        "is said. Every byte arrives in the end, and the message stays valid. Heads are not "
        "slowed. A body that is no longer than `after` is left alone. In a tunnel, a body is what "
        "comes from that side. It is real time: a scenario's speed does not shorten the waits.",
    .example = "slow: {every: 200ms, size: 16B}",
    .fields = fields,
    .params_size = sizeof(struct slow),
    .stands_on = FAULT_ON_HTTP | FAULT_ON_TUNNEL,
    .at_request = at_request,
    .at_response = at_response,
};
