/* reset: the connection breaks. */
#include "faults/break_off.h"
#include "faults/fault.h"

static const char *const places[] = { "request", "head", "body", "connect", NULL };

static const struct field fields[] = {
    FIELD(struct break_off, at, int, FIELD_CHOICE, .name = "at", .choices = places,
          .fallback = "head", .main = true,
          .help = "before the origin is asked, in place of its answer, in its body, or as soon as "
                  "the client's connection is there"),
    FIELD(struct break_off, after, uint64_t, FIELD_SIZE, .name = "after", .fallback = "0",
          .help = "how much of the body still passes; with at: body"),
    END_OF_FIELDS,
};

static unsigned stands(const void *params)
{
    const struct break_off *reset = params;

    return reset->at == BREAK_CONNECT ? FAULT_ON_CONNECTION : FAULT_ON_HTTP | FAULT_ON_TUNNEL;
}

static void pump(void *state, const void *params, struct flow *flow)
{
    const struct break_off *reset = ((const struct hit *)params)->params;

    break_off_stream(flow, state, reset->after, CHUNK_RESET);
}

static const struct filter_ops filter = {
    .name = "reset",
    .state_size = sizeof(uint64_t),
    .pump = pump,
};

static void at_connection(const void *params, struct connection_plan *plan)
{
    const struct break_off *reset = params;

    if (reset->at != BREAK_CONNECT || plan->refuse)
        return;
    plan->refuse = true;
    plan->refuse_by = plan->hit;
}

static void at_request(const void *params, struct request_plan *plan)
{
    break_off_answer(params, plan, false);
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct break_off *reset = params;

    if (reset->at == BREAK_BODY)
        plan_filter_past(&plan->way, &filter, reset->after);
}

const struct fault_kind fault_reset = {
    .name = "reset",
    .family = "bytes",
    .summary = "the connection breaks with a TCP reset",
    .about =
        "The client's connection is broken by a TCP RST: before anything is read from it (at: "
        "connect), as soon as the request's head has come and before the origin is asked (at: "
        "request), when the origin has done its work and answers, so that the answer is lost (at: "
        "head), or when so much of the answer's body has passed (at: body). What the client has "
        "got by then stays valid, but is not the whole. A body that is no longer than `after` is "
        "not broken. In a tunnel, a body is what comes from the origin. Of several resets and "
        "closes the earliest counts. With at: connect the rule is about connections: behind a "
        "CONNECT the break comes when it has been answered, before anything inside it is.",
    .example = "reset: {at: body, after: 16KiB}",
    .fields = fields,
    .params_size = sizeof(struct break_off),
    .stands_on = FAULT_ON_HTTP | FAULT_ON_TUNNEL | FAULT_ON_CONNECTION,
    .check = break_off_check,
    .stands = stands,
    .at_request = at_request,
    .at_response = at_response,
    .at_connection = at_connection,
};
