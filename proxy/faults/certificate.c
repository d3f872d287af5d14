/* certificate: the client is shown one that it should not accept. */
#include "faults/fault.h"

struct certificate {
    int kind;
};

/* In the order of enum tls_certificate, without the good one. */
static const char *const kinds[] = { "expired",     "not-yet-valid",  "wrong-name",
                                     "self-signed", "unknown-issuer", "missing-intermediate",
                                     "weak-key",    "sha1",           NULL };

static const struct field fields[] = {
    FIELD(struct certificate, kind, int, FIELD_CHOICE, .name = "kind", .choices = kinds,
          .fallback = "expired", .main = true, .help = "what is wrong with it"),
    END_OF_FIELDS,
};

static void at_connection(const void *params, struct connection_plan *plan)
{
    const struct certificate *certificate = params;

    if (plan->certificate != CERTIFICATE_GOOD)
        return;
    plan->certificate = (enum tls_certificate)(certificate->kind + 1);
    plan->certificate_by = plan->hit;
}

const struct fault_kind fault_certificate = {
    .name = "certificate",
    .family = "TLS",
    .summary = "a certificate with one thing wrong",
    .about =
        "In the TLS handshake the client is shown a certificate that is as it should be but for "
        "one thing: it ended yesterday (expired) or begins tomorrow (not-yet-valid), is for "
        "wrong-name.invalid (wrong-name), is signed by its own key (self-signed), by an authority "
        "that nobody knows (unknown-issuer), or by one below the local authority that is not sent "
        "along (missing-intermediate), has an RSA key of 1,024 bits (weak-key), or is signed with "
        "SHA-1 (sha1). A client that checks ends the handshake; one that does not goes on, and is "
        "served. No session is resumed, so the certificate is shown each time. Of several "
        "certificates the first counts.",
    .example = "certificate: expired",
    .fields = fields,
    .params_size = sizeof(struct certificate),
    .stands_on = FAULT_ON_CONNECTION,
    .needs = FAULT_NEEDS_AUTHORITY,
    .at_connection = at_connection,
};
