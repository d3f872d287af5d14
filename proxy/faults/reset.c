/* reset: the connection breaks. */
#include "faults/fault.h"

enum reset_at { AT_REQUEST, AT_HEAD, AT_BODY };

struct reset {
    int at;
    uint64_t after;
};

static const char *const places[] = { "request", "head", "body", NULL };

static const struct field fields[] = {
    FIELD(struct reset, at, int, FIELD_CHOICE, .name = "at", .choices = places, .fallback = "head",
          .main = true,
          .help = "before the origin is asked, in place of its answer, or in its body"),
    FIELD(struct reset, after, uint64_t, FIELD_SIZE, .name = "after", .fallback = "0",
          .help = "how much of the body still passes; with at: body"),
    END_OF_FIELDS,
};

static bool check(void *params, struct buffer *complaint)
{
    const struct reset *reset = params;

    if (reset->at == AT_BODY || reset->after == 0)
        return true;
    buffer_add_string(complaint, "after counts bytes of the body: it goes with at: body");
    return false;
}

struct breakage {
    uint64_t passed;
};

static void pump(void *state, const void *params, struct flow *flow)
{
    struct breakage *breakage = state;
    const struct reset *reset = ((const struct hit *)params)->params;

    while (breakage->passed < reset->after && flow_can_move(flow)) {
        uint64_t left = reset->after - breakage->passed;

        breakage->passed += flow_pass_up_to(flow, left < SIZE_MAX ? (size_t)left : SIZE_MAX);
    }
    if (breakage->passed >= reset->after)
        flow_end(flow, CHUNK_RESET);
}

static const struct filter_ops filter = {
    .name = "reset",
    .state_size = sizeof(struct breakage),
    .pump = pump,
};

static void at_request(const void *params, struct request_plan *plan)
{
    const struct reset *reset = params;
    enum reset_place place = reset->at == AT_REQUEST ? RESET_REQUEST : RESET_HEAD;

    if (reset->at == AT_BODY || (plan->reset != RESET_NONE && plan->reset <= place))
        return;
    plan->reset = place;
    plan->reset_by = plan->way.hit;
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct reset *reset = params;

    if (reset->at == AT_BODY)
        plan_filter_past(&plan->way, &filter, reset->after);
}

const struct fault_kind fault_reset = {
    .name = "reset",
    .family = "bytes",
    .summary = "the connection breaks with a TCP reset",
    .about =
        "The client's connection is broken by a TCP RST: as soon as the request's head has come "
        "and before the origin is asked (at: request), when the origin has done its work and "
        "answers, so that the answer is lost (at: head), or when so much of the answer's body has "
        "passed (at: body). What the client has got by then stays valid, but is not the whole. A "
        "body that is no longer than `after` is not broken. In a tunnel, a body is what comes from "
        "the origin. Of several resets the earliest counts.",
    .example = "reset: {at: body, after: 16KiB}",
    .fields = fields,
    .params_size = sizeof(struct reset),
    .stands_on = FAULT_ON_HTTP | FAULT_ON_TUNNEL,
    .check = check,
    .at_request = at_request,
    .at_response = at_response,
};
