/* refuse: nobody takes the connection. */
#include "faults/fault.h"

static const struct field fields[] = { END_OF_FIELDS };

static void at_connection(const void *params, struct connection_plan *plan)
{
    (void)params;
    if (plan->refuse)
        return;
    plan->refuse = true;
    plan->refuse_by = plan->hit;
}

const struct fault_kind fault_refuse = {
    .name = "refuse",
    .family = "connection",
    .summary = "connections are refused",
    .about =
        "A new connection of the client's gets a TCP RST at once. Connections that stand already "
        "live on. In forward mode it is the CONNECT, or the connection's first request, that gets "
        "the RST instead of an answer. Where a rule without when refuses all connections of a "
        "reverse listener, at a share of 100%, and nothing but that service is behind it, the "
        "listener is really closed for as long, so that the kernel refuses: the client sees "
        "\"connection refused\" from connect itself.",
    .example = "refuse: {}",
    .fields = fields,
    .params_size = 0,
    .stands_on = FAULT_ON_CONNECTION,
    .at_connection = at_connection,
};
