/* slow_close: the answer is whole, but the connection's end is late. */
#include "faults/fault.h"

struct slow_close {
    usec lasts;
};

static const struct field fields[] = {
    FIELD(struct slow_close, lasts, usec, FIELD_DURATION, .name = "for", .least = 1,
          .most = (double)HOUR, .clock = CLOCK_WALL, .main = true, .fallback = "5s",
          .help = "how long after the answer's end"),
    END_OF_FIELDS,
};

/* Of several the longest stays. */
static void at_response(const void *params, struct response_plan *plan)
{
    const struct slow_close *slow = params;

    if (slow->lasts <= plan->close_after)
        return;
    plan->close_after = slow->lasts;
    plan->close_by = plan->way.hit;
}

const struct fault_kind fault_slow_close = {
    .name = "slow-close",
    .family = "bytes",
    .summary = "the connection is closed long after the answer",
    .about =
        "The answer comes whole and at once, and says Connection: close, but the connection is "
        "closed only so long after it. A client that takes the end of the connection for the end "
        "of the answer waits; one that counts the answer's bytes does not, and one that keeps the "
        "socket in a pool finds it closed later. Where only the end of the connection ends the "
        "body, everybody waits. Of several the longest counts. It is real time: a scenario's speed "
        "does not shorten it.",
    .example = "slow-close: 10s",
    .fields = fields,
    .params_size = sizeof(struct slow_close),
    .stands_on = FAULT_ON_HTTP,
    .at_response = at_response,
};
