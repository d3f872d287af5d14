/* check_fallback: is the other way taken when the first one fails? */
#include <stdlib.h>

#include "base/arena.h"
#include "verdict/check.h"
#include "verdict/statistics.h"

enum { SERVICES_MOST = 64 };

struct limits {
    struct text to, from;
    double at_least, warn;
    usec within;
};

static const struct field fields[] = {
    FIELD(struct limits, to, struct text, FIELD_TEXT, .name = "to", .main = true,
          .help = "the service that is to be used instead"),
    FIELD(struct limits, from, struct text, FIELD_TEXT, .name = "from",
          .help = "the service that fails; without it, any other"),
    FIELD(struct limits, at_least, double, FIELD_SHARE, .name = "at-least", .fallback = "90%",
          .help = "share of failed operations that fall back; fewer fail"),
    FIELD(struct limits, warn, double, FIELD_SHARE, .name = "warn", .fallback = "90%",
          .help = "share below which it warns"),
    FIELD(struct limits, within, usec, FIELD_DURATION, .name = "within", .fallback = "5s",
          .clock = CLOCK_WALL, .help = "how long after the failure"),
    END_OF_FIELDS,
};

/* A client's last failed attempt, and the services that have answered it since. */
struct pending {
    usec failed;
    uint64_t answered;
    uint16_t service;
    bool on;
};

struct state {
    struct pending *clients;
    size_t client_count;
    uint32_t failed[SERVICES_MOST];
    uint32_t helped[SERVICES_MOST][SERVICES_MOST]; /* from, to */
};

static struct pending *pending_of(struct state *state, uint32_t client)
{
    if (client >= state->client_count) {
        size_t count = client + (size_t)client / 2 + 16;

        state->clients = memory_grow(state->clients, count * sizeof(*state->clients));
        for (size_t i = state->client_count; i < count; i++)
            state->clients[i] = (struct pending){ 0 };
        state->client_count = count;
    }
    return &state->clients[client];
}

/* Its own service answers again: no fallback was needed. */
static void settle(struct state *state, struct pending *pending)
{
    if (pending->on && !(pending->answered & UINT64_C(1) << pending->service))
        state->failed[pending->service]++;
    pending->on = false;
}

static void take(void *user, const void *given, const struct attempt *attempt,
                 const struct operation *operation)
{
    const struct limits *limits = given;
    struct state *state = user;
    struct pending *pending;

    (void)operation;
    if (attempt->client == HISTORY_NOBODY || attempt->service >= SERVICES_MOST)
        return;
    pending = pending_of(state, attempt->client);
    if (pending->on && attempt->ok && attempt->began - pending->failed <= limits->within) {
        uint64_t bit = UINT64_C(1) << attempt->service;

        if (!(pending->answered & bit))
            state->helped[pending->service][attempt->service]++;
        pending->answered |= bit;
    }
    if (!attempt->failed || attempt->touched == 0 || attempt->index > 0)
        return;
    settle(state, pending);
    *pending =
        (struct pending){ .failed = attempt->ended, .service = attempt->service, .on = true };
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    uint16_t to = history_find_service(judging->history, limits->to),
             from = history_find_service(judging->history, limits->from);
    uint64_t failed = 0, helped = 0;
    struct bound bound;

    for (size_t i = 0; i < state->client_count; i++)
        settle(state, &state->clients[i]);
    if (text_is_empty(limits->to) || to >= SERVICES_MOST) {
        finding_unclear(finding, 0, "no service is named that is to be used instead");
        return;
    }
    for (size_t i = 0; i < SERVICES_MOST; i++) {
        if (i == to || (!text_is_empty(limits->from) && i != from))
            continue;
        failed += state->failed[i];
        helped += state->helped[i][to];
    }
    if (failed == 0) {
        finding_unclear(finding, statistics_needed_above(limits->at_least, judging->alpha),
                        "nothing failed that there is a fallback for");
        return;
    }
    bound = statistics_share(helped < failed ? helped : failed, failed, judging->alpha);
    finding_measure(finding, UNIT_SHARE, bound.value, failed, "failed operations");
    finding_bounds(finding, bound.low, bound.high);
    finding_say(finding, "after %llu of %llu failures %.*s was used", (unsigned long long)helped,
                (unsigned long long)failed, (int)limits->to.length, limits->to.at);
    finding_at_least(finding, limits->warn, limits->at_least, 0);
}

static void clear(void *user)
{
    free(((struct state *)user)->clients);
}

const struct check check_fallback = {
    .name = "fallback",
    .title = "Fallback",
    .asks = "where another way is known, it is taken when the first one fails",
    .about =
        "Operations whose first attempt failed by a fault, and after which the same client got "
        "a good answer from the service named by to, within 5 s. Failures that the failing "
        "service itself made good are left out. Only an expectation can name a fallback: "
        "without one it is inconclusive. Bounds of the share are exact.",
    .pattern = "fallback",
    .remedy = "use the local or cached way at once when the remote one fails",
    .source = "Google SRE Book, Addressing Cascading Failures (Graceful degradation), "
              "https://sre.google/sre-book/addressing-cascading-failures/",
    .group = GROUP_RECOVERY,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .scopes = SCOPE_PHASE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .attempt = take,
    .judge = judge,
    .clear = clear,
};
