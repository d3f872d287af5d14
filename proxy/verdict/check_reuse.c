/* check_reuse: do connections serve more than one request? */
#include "base/map.h"
#include "base/random.h"
#include "verdict/check.h"
#include "verdict/statistics.h"
#include "verdict/sure.h"

enum { PAIRS_MOST = 1 << 16 };

struct limits {
    double at_least, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_least, double, FIELD_SHARE, .name = "at-least", .fallback = "20%",
          .main = true, .help = "share of requests on a connection that was there; fewer fail"),
    FIELD(struct limits, warn, double, FIELD_SHARE, .name = "warn", .fallback = "50%",
          .help = "share below which it warns"),
    END_OF_FIELDS,
};

struct state {
    struct map met;                     /* clients and servers */
    uint64_t requests, firsts, refused; /* firsts: of a connection; pairs past the bound */
    uint64_t lost;                      /* connections that had to be replaced */
};

static void take(void *user, const void *limits, const struct link *link)
{
    struct state *state = user;
    uint64_t key = random_join(text_hash(1, link->client), text_hash(2, link->server_name));

    (void)limits;
    if (link->requests == 0)
        return;
    state->requests += link->requests;
    state->firsts++;
    state->lost += link->lost || link->touched != 0;
    if (map_find(&state->met, key))
        return;
    if (state->met.count < PAIRS_MOST)
        map_put(&state->met, key, state);
    else
        state->refused++;
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    const struct state *state = user;
    const struct limits *limits = judging->limits;
    uint64_t forced = state->met.count + state->refused + state->lost, choices, reused;
    struct bound bound;

    forced = forced < state->firsts ? forced : state->firsts;
    choices = state->requests - forced;
    reused = state->requests - state->firsts;
    if (choices < SURE_LEAST) {
        finding_unclear(finding, SURE_LEAST - choices,
                        "%llu requests could have used a connection again, and it takes %d",
                        (unsigned long long)choices, SURE_LEAST);
        return;
    }
    bound = sure_at_least(statistics_share(reused, choices, judging->alpha),
                          statistics_share(reused, choices, SURE_MISS));
    finding_measure(finding, UNIT_SHARE, bound.value, choices, "requests");
    finding_bounds(finding, bound.low, bound.high);
    finding_say(finding, "%llu requests on %llu connections, of which %llu had to be opened",
                (unsigned long long)state->requests, (unsigned long long)state->firsts,
                (unsigned long long)forced);
    finding_at_least(
        finding, limits->warn, limits->at_least,
        sure_missing(statistics_share_until(reused, choices, limits->at_least, judging->alpha),
                     choices));
}

static void clear(void *user)
{
    map_free(&((struct state *)user)->met);
}

const struct check check_reuse = {
    .name = "reuse",
    .title = "Reused connections",
    .asks = "connections serve more than one request",
    .about =
        "Requests that were not the first on their connection, of all that need not have been: the "
        "first of a client (by address) to a server is left out, and one for each connection that "
        "broke off, hung until it was given up, or was ended by a fault. Bounds of the share are "
        "exact.",
    .pattern = "keep-alive",
    .remedy = "share one client or pool in the program, and read answers to their end",
    .source = "RFC 9112, 9.3, https://www.rfc-editor.org/rfc/rfc9112#section-9.3",
    .group = GROUP_CONNECTIONS,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .state_size = sizeof(struct state),
    .calm = true,
    .connection = take,
    .judge = judge,
    .clear = clear,
};
