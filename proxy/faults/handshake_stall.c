/* handshake-stall: the TLS handshake begins and stands still. */
#include "faults/fault.h"

struct handshake_stall {
    usec lasts; /* 0: not limited */
    int at;
};

/* In the order of enum tls_stall, without none. */
static const char *const places[] = { "hello", "server-hello", "finished", NULL };

static const struct field fields[] = {
    FIELD(struct handshake_stall, lasts, usec, FIELD_DURATION, .name = "for", .least = 1,
          .most = (double)(24 * HOUR), .clock = CLOCK_WALL, .main = true,
          .help = "how long; without it, until the run ends"),
    FIELD(struct handshake_stall, at, int, FIELD_CHOICE, .name = "at", .choices = places,
          .fallback = "hello",
          .help = "before any answer, behind the ServerHello, or when the client has its turn"),
    END_OF_FIELDS,
};

static void at_connection(const void *params, struct connection_plan *plan)
{
    const struct handshake_stall *stall = params;

    if (plan->stall != STALL_NONE)
        return;
    plan->stall = (enum tls_stall)(stall->at + 1);
    plan->stall_for = stall->lasts ? stall->lasts : NEVER;
    plan->stall_by = plan->hit;
}

const struct fault_kind fault_handshake_stall = {
    .name = "handshake-stall",
    .family = "TLS",
    .summary = "a TLS handshake that stands still",
    .about =
        "The connection is accepted, and its TLS handshake stands still: the client's hello is not "
        "answered (at: hello), the ServerHello comes and nothing behind it (at: server-hello), or "
        "all comes, and what the client answers is not looked at (at: finished): it then waits for "
        "the end of the handshake under TLS 1.2, and for the answer to its request under TLS 1.3. "
        "When the time is over, the handshake goes on as if nothing had been; without a time it "
        "stands still until the run ends or the client gives up. Of several stalls the first "
        "counts. It is real time: a scenario's speed does not shorten it.",
    .example = "handshake-stall: {at: server-hello, for: 30s}",
    .fields = fields,
    .params_size = sizeof(struct handshake_stall),
    .stands_on = FAULT_ON_CONNECTION,
    .at_connection = at_connection,
};
