/* check_resumption: are TLS sessions taken up again? */
#include "base/map.h"
#include "base/random.h"
#include "verdict/check.h"
#include "verdict/statistics.h"
#include "verdict/sure.h"

enum { PAIRS_MOST = 1 << 16 };
/* Until then the first handshake may not be over, and its ticket not there: connections of a pool
 * that are opened together cannot resume each other's sessions. */
#define TICKET SECOND

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
    struct map met; /* when clients and servers first did a handshake that is told of */
    uint64_t again, resumed;
};

/* Connections are told as they end, whichever was opened first. */
static void take(void *user, const void *limits, const struct link *link)
{
    struct state *state = user;
    uint64_t key = random_join(text_hash(1, link->client), text_hash(2, link->server_name));
    const char *met;

    (void)limits;
    if (!link->tls || link->failed || link->touched != 0)
        return;
    /* The moment is kept as a pointer that is never NULL. */
    met = map_find(&state->met, key);
    if (met && link->opened >= (usec)((uintptr_t)met - 1) + TICKET) {
        state->again++;
        state->resumed += link->resumed;
    } else if (met ? link->opened < (usec)((uintptr_t)met - 1) : state->met.count < PAIRS_MOST) {
        map_put(&state->met, key, (void *)(uintptr_t)(usec_max(link->opened, 0) + 1));
    }
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    struct bound bound;

    if (state->again < SURE_LEAST) {
        finding_unclear(finding, SURE_LEAST - state->again,
                        "%llu handshakes could have resumed a session, and it takes %d",
                        (unsigned long long)state->again, SURE_LEAST);
        return;
    }
    bound = sure_at_least(statistics_share(state->resumed, state->again, judging->alpha),
                          statistics_share(state->resumed, state->again, SURE_MISS));
    finding_measure(finding, UNIT_SHARE, bound.value, state->again, "handshakes");
    finding_bounds(finding, bound.low, bound.high);
    finding_say(finding, "%llu of %llu further handshakes resumed a session",
                (unsigned long long)state->resumed, (unsigned long long)state->again);
    finding_at_least(finding, limits->warn, limits->at_least,
                     sure_missing(statistics_share_until(state->resumed, state->again,
                                                         limits->at_least, judging->alpha),
                                  state->again));
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
             "a second or more before: how many resumed a session. Connections that a fault was "
             "done to are left "
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
