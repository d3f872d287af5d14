/* check_bad_certificate: is anything said to a server that is not who it should be? */
#include "verdict/check.h"

struct limits {
    uint64_t at_most, samples;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, uint64_t, FIELD_COUNT, .name = "at-most", .fallback = "0",
          .main = true, .help = "connections on which something was sent; more of them fail"),
    FIELD(struct limits, samples, uint64_t, FIELD_COUNT, .name = "samples", .fallback = "5",
          .least = 1, .help = "bad certificates that it takes before it passes"),
    END_OF_FIELDS,
};

struct state {
    uint64_t shown, used;
    struct proofs proofs;
};

static void take(void *user, const void *limits, const struct link *link)
{
    struct state *state = user;
    struct proof proof = { .connection = link->connection,
                           .exchange = link->sent_exchange,
                           .at = link->opened,
                           .words = "a request on a connection with a bad certificate" };

    (void)limits;
    if (!link->deceived)
        return;
    state->shown++;
    if (link->sent_exchange == 0)
        return;
    state->used++;
    proofs_add_raw(&state->proofs, &proof);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;

    if (state->shown == 0) {
        finding_unclear(finding, limits->samples, "nobody was shown a bad certificate");
        return;
    }
    finding_measure(finding, UNIT_COUNT, (double)state->used, state->shown, "connections");
    finding->proofs = state->proofs;
    finding_say(finding, "%llu of %llu connections with a bad certificate were used",
                (unsigned long long)state->used, (unsigned long long)state->shown);
    finding_at_most(finding, (double)limits->at_most, (double)limits->at_most, 0);
    if (finding->outcome == OUTCOME_PASS && state->shown < limits->samples)
        finding_unclear(finding, limits->samples - state->shown,
                        "only %llu connections were shown a bad certificate",
                        (unsigned long long)state->shown);
}

const struct check check_bad_certificate = {
    .name = "bad-certificate",
    .title = "Bad certificates",
    .asks = "nothing is sent over a connection whose certificate does not hold",
    .about = "Requests that came over a connection that was shown a certificate that is expired, "
             "for another name, or signed by nobody known. One is proof; it takes several refused "
             "connections to pass.",
    .pattern = "certificate verification",
    .remedy = "verify the chain, the name and the dates, in every build; never fall back to less",
    .source = "RFC 9110, 4.3.4, https://www.rfc-editor.org/rfc/rfc9110#section-4.3.4",
    .group = GROUP_SAFETY,
    .gate = true,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .state_size = sizeof(struct state),
    .calm = true,
    .connection = take,
    .judge = judge,
};
