/* tls_version: only old versions of TLS are spoken. */
#include "faults/fault.h"

struct version_limit {
    int most;
};

/* In the order of enum tls_version, without any. */
static const char *const versions[] = { "1.0", "1.1", "1.2", NULL };

static const struct field fields[] = {
    FIELD(struct version_limit, most, int, FIELD_CHOICE, .name = "most", .choices = versions,
          .fallback = "1.1", .main = true, .help = "the latest version that is spoken"),
    END_OF_FIELDS,
};

static void at_connection(const void *params, struct connection_plan *plan)
{
    enum tls_version wish = (enum tls_version)(((const struct version_limit *)params)->most + 1);

    if (plan->version != VERSION_ANY && plan->version <= wish)
        return;
    plan->version = wish;
    plan->version_by = plan->hit;
}

const struct fault_kind fault_tls_version = {
    .name = "version",
    .family = "TLS",
    .summary = "old versions of TLS only",
    .about =
        "In the TLS handshake nothing later than this version is spoken: 1.2 is 1.2 alone, 1.1 "
        "is 1.1 or 1.0, and 1.0 is 1.0 alone. Most clients of today refuse to go below 1.2 "
        "and end the handshake, or are ended by the alert protocol_version; one that is "
        "willing is served. It counts as exercised where the client would have liked a later "
        "version. Of several versions the lowest counts.",
    .example = "version: 1.1",
    .fields = fields,
    .params_size = sizeof(struct version_limit),
    .stands_on = FAULT_ON_CONNECTION,
    .at_connection = at_connection,
};
