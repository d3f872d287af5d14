/* check_fallback: is the other way taken when the first one fails? */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "verdict/check.h"
#include "verdict/statistics.h"
#include "verdict/sure.h"

enum { SERVICES_MOST = 64, FAILURES_MOST = 1024 };
#define PATIENCE (10 * SECOND)

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

/* An operation that has failed so far. */
struct failed {
    usec began, failed; /* the operation; its latest attempt, when that ended */
    uint64_t answered;  /* services whose answer took its place, a bit each */
    uint16_t service;
};

/* Those of a client that are not older than `within`, in the order of their beginnings as far as
 * can be. */
struct failures {
    struct failed *items;
    size_t count, room;
};

struct state {
    struct failures *clients;
    size_t client_count;
    uint64_t failed[SERVICES_MOST], crowded;       /* crowded: too many at once to follow */
    uint64_t helped[SERVICES_MOST][SERVICES_MOST]; /* from, to */
};

static struct failures *failures_of(struct state *state, uint32_t client)
{
    if (client >= state->client_count) {
        size_t count = client + (size_t)client / 2 + 16;

        state->clients = memory_grow(state->clients, count * sizeof(*state->clients));
        for (size_t i = state->client_count; i < count; i++)
            state->clients[i] = (struct failures){ 0 };
        state->client_count = count;
    }
    return &state->clients[client];
}

static void drop(struct failures *failures, size_t index)
{
    failures->count--;
    memmove(&failures->items[index], &failures->items[index + 1],
            (failures->count - index) * sizeof(failures->items[0]));
}

static void settle(struct state *state, const struct failed *failed)
{
    state->failed[failed->service]++;
    for (size_t to = 0; to < SERVICES_MOST; to++)
        state->helped[failed->service][to] += failed->answered >> to & 1;
}

/* What began within the time may still be under way for a while. */
static void settle_old(struct state *state, struct failures *failures, const struct limits *limits,
                       usec now)
{
    while (failures->count > 0 &&
           usec_after(failures->items[0].failed, limits->within) < now - PATIENCE) {
        settle(state, &failures->items[0]);
        drop(failures, 0);
    }
}

static void make_room(struct state *state, struct failures *failures, const struct limits *limits,
                      usec now)
{
    if (failures->count == FAILURES_MOST) {
        struct failed *oldest = &failures->items[0];

        if (oldest->answered != 0 || usec_after(oldest->failed, limits->within) < now)
            settle(state, oldest);
        else
            state->crowded++;
        drop(failures, 0);
    }
    if (failures->count == failures->room) {
        failures->room = failures->room > 0 ? 2 * failures->room : 8;
        failures->items = memory_grow(failures->items, failures->room * sizeof(*failures->items));
    }
}

/* One answer takes the place of one failure of each other service, the oldest. */
static void help(struct failures *failures, const struct limits *limits,
                 const struct attempt *attempt)
{
    uint64_t helped = 0, bit = UINT64_C(1) << attempt->service;

    for (size_t i = 0; i < failures->count; i++) {
        struct failed *failed = &failures->items[i];
        uint64_t from = UINT64_C(1) << failed->service;

        if (failed->service == attempt->service || (failed->answered & bit) || (helped & from) ||
            attempt->began < failed->began ||
            attempt->began > usec_after(failed->failed, limits->within))
            continue;
        failed->answered |= bit;
        helped |= from;
    }
}

static struct failed *find(struct failures *failures, const struct attempt *attempt,
                           const struct operation *operation)
{
    for (size_t i = failures->count; i-- > 0;)
        if (failures->items[i].service == attempt->service &&
            failures->items[i].began == operation->began)
            return &failures->items[i];
    return NULL;
}

static void note_failure(struct state *state, struct failures *failures,
                         const struct limits *limits, const struct attempt *attempt,
                         const struct operation *operation)
{
    struct failed *known = attempt->index > 0 ? find(failures, attempt, operation) : NULL;

    if (known) {
        known->failed = attempt->ended;
        return;
    }
    if (attempt->index > 0 || attempt->touched == 0)
        return;
    make_room(state, failures, limits, attempt->ended);
    failures->items[failures->count++] = (struct failed){ .began = operation->began,
                                                          .failed = attempt->ended,
                                                          .service = attempt->service };
}

static void take(void *user, const void *given, const struct attempt *attempt,
                 const struct operation *operation)
{
    const struct limits *limits = given;
    struct state *state = user;
    struct failures *failures;
    struct failed *own;

    /* Only an expectation names one. */
    if (text_is_empty(limits->to) || attempt->client == HISTORY_NOBODY ||
        attempt->service >= SERVICES_MOST || (!attempt->ok && !attempt->failed))
        return;
    failures = failures_of(state, attempt->client);
    settle_old(state, failures, limits, attempt->ended);
    if (attempt->failed) {
        note_failure(state, failures, limits, attempt, operation);
        return;
    }
    /* Its own service answers after all: no fallback was needed. */
    own = attempt->index > 0 ? find(failures, attempt, operation) : NULL;
    if (own)
        drop(failures, (size_t)(own - failures->items));
    help(failures, limits, attempt);
}

/* What failed just before the end might still have been helped. */
static void settle_rest(struct state *state, const struct limits *limits, usec end)
{
    for (size_t i = 0; i < state->client_count; i++) {
        struct failures *failures = &state->clients[i];

        for (size_t at = 0; at < failures->count; at++)
            if (failures->items[at].answered != 0 ||
                usec_after(failures->items[at].failed, limits->within) <= end)
                settle(state, &failures->items[at]);
    }
}

static void conclude(const struct state *state, const struct judging *judging, uint64_t helped,
                     uint64_t failed, struct finding *finding)
{
    const struct limits *limits = judging->limits;
    struct bound bound;

    if (failed == 0 && state->crowded > 0) {
        finding_unclear(finding, 0, "too much failed at once to be followed");
        return;
    }
    if (failed < SURE_LEAST) {
        finding_unclear(finding, SURE_LEAST - failed,
                        "%llu operations failed that there is a fallback for, and it takes %d",
                        (unsigned long long)failed, SURE_LEAST);
        return;
    }
    bound = sure_at_least(statistics_share(helped, failed, judging->alpha),
                          statistics_share(helped, failed, SURE_MISS));
    finding_measure(finding, UNIT_SHARE, bound.value, failed, "failed operations");
    finding_bounds(finding, bound.low, bound.high);
    finding_say(finding, "after %llu of %llu failures %.*s was used", (unsigned long long)helped,
                (unsigned long long)failed, (int)limits->to.length, limits->to.at);
    finding_at_least(
        finding, limits->warn, limits->at_least,
        sure_missing(statistics_share_until(helped, failed, limits->at_least, judging->alpha),
                     failed));
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    uint16_t to = history_find_service(judging->history, limits->to),
             from = history_find_service(judging->history, limits->from);
    uint64_t failed = 0, helped = 0;

    if (text_is_empty(limits->to)) {
        finding_unclear(finding, 0, "no service is named that is to be used instead");
        return;
    }
    settle_rest(state, limits, history_length(judging->history));
    for (size_t i = 0; i < SERVICES_MOST; i++) {
        if (i == to || (!text_is_empty(limits->from) && i != from))
            continue;
        failed += state->failed[i];
        helped += to < SERVICES_MOST ? state->helped[i][to] : 0;
    }
    conclude(state, judging, helped, failed, finding);
}

static void clear(void *user)
{
    struct state *state = user;

    for (size_t i = 0; i < state->client_count; i++)
        free(state->clients[i].items);
    free(state->clients);
}

const struct check check_fallback = {
    .name = "fallback",
    .title = "Fallback",
    .asks = "where another way is known, it is taken when the first one fails",
    .about =
        "Operations whose first attempt failed by a fault, and after which the same client got "
        "a good answer from the service named by to, asked for within 5 s of the last failure. One "
        "answer stands for one failure. Failures that the failing service itself made good are "
        "left out. Only an expectation can name a fallback: without one it is inconclusive. Bounds "
        "of the share are exact.",
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
