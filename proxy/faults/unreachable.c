/* unreachable: no way leads to the origin. */
#include "faults/fault.h"

struct unreachable {
    usec after;
};

static const struct field fields[] = {
    FIELD(struct unreachable, after, usec, FIELD_DURATION, .name = "after", .fallback = "0",
          .least = 0, .most = (double)HOUR, .clock = CLOCK_WALL, .main = true,
          .help = "how long it takes to find out"),
    END_OF_FIELDS,
};

static void at_request(const void *params, struct request_plan *plan)
{
    const struct unreachable *unreachable = params;

    if (plan->dial != DIAL_TROUBLE_NONE)
        return;
    plan->dial = DIAL_TROUBLE_UNREACHABLE;
    plan->dial_after = unreachable->after;
    plan->dial_by = plan->way.hit;
    plan->way.hit->asked = unreachable->after;
}

const struct fault_kind fault_unreachable = {
    .name = "unreachable",
    .family = "connection",
    .summary = "the origin cannot be reached",
    .about =
        "Where an exchange needs a new connection to the origin, none comes about, after the time "
        "given: a long one stands for packets that vanish. The client gets the 502 that it would "
        "get from any proxy, or, for a CONNECT, no tunnel. Connections to the origin that are open "
        "already are used on, and such an exchange is logged as not exercised. Of several such "
        "faults and unresolved the first counts. It is real time: a scenario's speed does not "
        "shorten it.",
    .example = "unreachable: 10s",
    .fields = fields,
    .params_size = sizeof(struct unreachable),
    .stands_on = FAULT_ON_HTTP | FAULT_ON_TUNNEL,
    .at_request = at_request,
};
