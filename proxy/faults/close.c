/* close: the connection ends in good order, but too early. */
#include "faults/break_off.h"
#include "faults/fault.h"

static const char *const places[] = { "request", "head", "body", NULL };

static const struct field fields[] = {
    FIELD(struct break_off, at, int, FIELD_CHOICE, .name = "at", .choices = places,
          .fallback = "head", .main = true,
          .help = "before the origin is asked, in place of its answer, or in its body"),
    FIELD(struct break_off, after, uint64_t, FIELD_SIZE, .name = "after", .fallback = "0",
          .help = "how much of the body still passes; with at: body"),
    END_OF_FIELDS,
};

static void pump(void *state, const void *params, struct flow *flow)
{
    const struct break_off *close = ((const struct hit *)params)->params;

    break_off_stream(flow, state, close->after, CHUNK_CUT);
}

static const struct filter_ops filter = {
    .name = "close",
    .state_size = sizeof(uint64_t),
    .pump = pump,
};

static void at_request(const void *params, struct request_plan *plan)
{
    break_off_answer(params, plan, true);
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct break_off *close = params;

    if (close->at == BREAK_BODY)
        plan_filter_past(&plan->way, &filter, close->after);
}

const struct fault_kind fault_close = {
    .name = "close",
    .family = "bytes",
    .summary = "the connection is closed too early",
    .about =
        "The client's connection is closed in good order, by a FIN and under TLS by a "
        "close_notify before it, though an answer is owed: as soon as the request's head has come "
        "and before the origin is asked (at: request), when the origin has done its work and "
        "answers, so that the answer is lost (at: head), or when so much of the answer's body has "
        "passed (at: body). It is what a server does that is restarted, or whose idle time-out "
        "and the client's next request cross. A body that is no longer than `after` is not cut. "
        "Where only the end of the connection ends a body, without a length and chunks, the client "
        "cannot tell this from the whole. In a tunnel, a body is what comes from the origin. Of "
        "several resets and closes the earliest counts.",
    .example = "close: {at: body, after: 16KiB}",
    .fields = fields,
    .params_size = sizeof(struct break_off),
    .stands_on = FAULT_ON_HTTP | FAULT_ON_TUNNEL,
    .check = break_off_check,
    .at_request = at_request,
    .at_response = at_response,
};
