/* check_resumption: are TLS sessions taken up again? */
#include "base/map.h"
#include "base/random.h"
#include "verdict/check.h"
#include "verdict/statistics.h"

enum { PAIRS_MOST = 1 << 16 };

struct limits {
    double at_least, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_least, double, FIELD_SHARE, .name = "at-least", .fallback = "10%",
          .main = true,
          .help = "share of further handshakes with a server that resume a session; fewer fail"),
    FIELD(struct limits, warn, double, FIELD_SHARE, .name = "warn", .fallback = "50%",
          .help = "share below which it warns"),
    END_OF_FIELDS,
};

struct state {
    struct map met; /* clients and servers that have met */
    uint64_t again, resumed;
};

static void take(void *user, const void *limits, const struct link *link)
{
    struct state *state = user;
    uint64_t key = random_join(text_hash(1, link->client), text_hash(2, link->server_name));

    (void)limits;
    if (!link->tls || link->failed || link->touched != 0)
        return;
    if (map_find(&state->met, key)) {
        state->again++;
        state->resumed += link->resumed;
    } else if (state->met.count < PAIRS_MOST) {
        map_put(&state->met, key, state);
    }
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    struct bound bound;

    if (state->again == 0) {
        finding_unclear(finding, statistics_needed_above(limits->at_least, judging->alpha),
                        "no client did a second TLS handshake with a server");
        return;
    }
    bound = statistics_share(state->resumed, state->again, judging->alpha);
    finding_measure(finding, UNIT_SHARE, bound.value, state->again, "handshakes");
    finding_bounds(finding, bound.low, bound.high);
    finding_say(finding, "%llu of %llu further handshakes resumed a session",
                (unsigned long long)state->resumed, (unsigned long long)state->again);
    finding_at_least(finding, limits->warn, limits->at_least, 0);
}

static void clear(void *user)
{
    map_free(&((struct state *)user)->met);
}

const struct check check_resumption = {
    .name = "resumption",
    .title = "TLS resumption",
    .asks = "a client that has met a server before resumes its TLS session",
    .about = "Handshakes of a client (by address) with a server name that it has finished one with "
             "before: how many resumed a session. Connections that a fault was done to are left "
             "out. Bounds of the share are exact.",
    .pattern = "session tickets",
    .remedy = "keep TLS sessions across connections; a full handshake costs both sides most",
    .source = "RFC 8446, 2.2, https://www.rfc-editor.org/rfc/rfc8446#section-2.2",
    .group = GROUP_CONNECTIONS,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .state_size = sizeof(struct state),
    .calm = true,
    .connection = take,
    .judge = judge,
    .clear = clear,
};
