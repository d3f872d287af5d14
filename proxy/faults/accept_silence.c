/* accept-silence: the connection is taken, and nobody says a word. */
#include "faults/fault.h"

struct accept_silence {
    usec lasts; /* 0: not limited */
};

static const struct field fields[] = {
    FIELD(struct accept_silence, lasts, usec, FIELD_DURATION, .name = "for", .least = 1,
          .most = (double)(24 * HOUR), .clock = CLOCK_WALL, .main = true,
          .help = "how long; without it, until the run ends or the client gives up"),
    END_OF_FIELDS,
};

static void at_connection(const void *params, struct connection_plan *plan)
{
    const struct accept_silence *silence = params;
    usec lasts = silence->lasts ? silence->lasts : NEVER;

    if (plan->silence >= lasts)
        return;
    plan->silence = lasts;
    plan->silence_by = plan->hit;
    plan->hit->asked = lasts == NEVER ? 0 : lasts;
}

const struct fault_kind fault_accept_silence = {
    .name = "accept-silence",
    .family = "connection",
    .summary = "connections open, and then nothing is said",
    .about =
        "The client's connection is accepted, and nothing that it sends is answered, not even the "
        "first byte of a TLS handshake. A connect time-out does not help the client here, only one "
        "for the handshake or the answer. In forward mode it is the CONNECT, or the connection's "
        "first request, that gets no answer. When the time given is over, everything goes on as if "
        "nothing had been. Of several silences the longest counts. It is real time: a scenario's "
        "speed does not shorten it.",
    .example = "accept-silence: 30s",
    .fields = fields,
    .params_size = sizeof(struct accept_silence),
    .stands_on = FAULT_ON_CONNECTION,
    .at_connection = at_connection,
};
