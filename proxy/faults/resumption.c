/* resumption: each TLS handshake is a full one. */
#include "faults/fault.h"

struct resumption {
    int denied;
};

static const char *const choices[] = { "denied", NULL };

static const struct field fields[] = {
    FIELD(struct resumption, denied, int, FIELD_CHOICE, .name = "sessions", .choices = choices,
          .fallback = "denied", .main = true, .help = "what becomes of TLS sessions"),
    END_OF_FIELDS,
};

static void at_connection(const void *params, struct connection_plan *plan)
{
    (void)params;
    if (plan->no_resumption)
        return;
    plan->no_resumption = true;
    plan->resumption_by = plan->hit;
}

const struct fault_kind fault_resumption = {
    .name = "resumption",
    .family = "TLS",
    .summary = "no TLS session is resumed",
    .about =
        "A TLS session that the client offers (by its id, a ticket, or a PSK of TLS 1.3) is not "
        "resumed, and none is handed out, so that each handshake costs both sides the whole "
        "of it. Nothing fails by that: it is what a farm of servers does that share no ticket "
        "key. It counts as exercised where a client offered a session, or ended its "
        "handshake without one.",
    .example = "resumption: denied",
    .fields = fields,
    .params_size = sizeof(struct resumption),
    .stands_on = FAULT_ON_CONNECTION,
    .at_connection = at_connection,
};
