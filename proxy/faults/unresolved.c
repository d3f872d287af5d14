/* unresolved: the origin's name leads nowhere. */
#include "faults/fault.h"

struct unresolved {
    usec after;
};

static const struct field fields[] = {
    FIELD(struct unresolved, after, usec, FIELD_DURATION, .name = "after", .fallback = "0",
          .least = 0, .most = (double)HOUR, .clock = CLOCK_WALL, .main = true,
          .help = "how long it takes to find out"),
    END_OF_FIELDS,
};

static void at_request(const void *params, struct request_plan *plan)
{
    const struct unresolved *unresolved = params;

    if (plan->dial != DIAL_TROUBLE_NONE)
        return;
    plan->dial = DIAL_TROUBLE_UNRESOLVED;
    plan->dial_after = unresolved->after;
    plan->dial_by = plan->way.hit;
    plan->way.hit->asked = unresolved->after;
}

const struct fault_kind fault_unresolved = {
    .name = "unresolved",
    .family = "connection",
    .summary = "the origin's name cannot be resolved",
    .about =
        "Where an exchange needs a new connection to the origin, the name is not found, after the "
        "time given; the client gets the 502 that it would get from any proxy, or, for a CONNECT, "
        "no tunnel. Connections to the origin that are open already are used on, as they were in "
        "the outages of this kind, and such an exchange is logged as not exercised. Of several "
        "such faults and unreachable the first counts. It is real time: a scenario's speed does "
        "not shorten it.",
    .example = "unresolved: 5s",
    .fields = fields,
    .params_size = sizeof(struct unresolved),
    .stands_on = FAULT_ON_HTTP | FAULT_ON_TUNNEL,
    .at_request = at_request,
};
