/* alert: the client's hello is answered by a TLS alert. */
#include "faults/fault.h"

struct alert {
    int alert; /* index in `names` */
};

static const char *const names[] = {
#define ALERT(number, name) #name,
#include "base/tls_alerts.h"
#undef ALERT
    NULL
};

static const unsigned char numbers[] = {
#define ALERT(number, name) number,
#include "base/tls_alerts.h"
#undef ALERT
};

static const struct field fields[] = {
    FIELD(struct alert, alert, int, FIELD_CHOICE, .name = "alert", .choices = names,
          .fallback = "handshake_failure", .main = true, .help = "the alert's name in RFC 8446"),
    END_OF_FIELDS,
};

static void at_connection(const void *params, struct connection_plan *plan)
{
    const struct alert *alert = params;

    if (plan->alert >= 0)
        return;
    plan->alert = numbers[alert->alert];
    plan->alert_by = plan->hit;
}

const struct fault_kind fault_alert = {
    .name = "alert",
    .family = "TLS",
    .summary = "a TLS alert in place of a handshake",
    .about = "The client's first message of the TLS handshake, the ClientHello, is answered by an "
             "alert, and the connection is closed in good order, so that the client reads it. "
             "The names are those of RFC 8446 and RFC 5246. All alerts end the handshake; "
             "close_notify, user_canceled and no_renegotiation are sent as warnings, the others "
             "as fatal. Of several alerts the first counts.",
    .example = "alert: handshake_failure",
    .fields = fields,
    .params_size = sizeof(struct alert),
    .stands_on = FAULT_ON_CONNECTION,
    .at_connection = at_connection,
};
