/* check_breaker: does the client stop asking a service that does not answer? */
#include <stdlib.h>

#include "verdict/check.h"
#include "verdict/statistics.h"
#include "verdict/streaks.h"
#include "verdict/values.h"

struct limits {
    usec within, warn;
    uint64_t requests, samples;
};

static const struct field fields[] = {
    FIELD(struct limits, within, usec, FIELD_DURATION, .name = "within", .fallback = "60s",
          .main = true, .clock = CLOCK_WALL,
          .help = "of failing without a break the client stops asking; later fails"),
    FIELD(struct limits, warn, usec, FIELD_DURATION, .name = "warn", .fallback = "30s",
          .clock = CLOCK_WALL, .help = "time from where it warns"),
    FIELD(struct limits, requests, uint64_t, FIELD_COUNT, .name = "requests", .fallback = "100",
          .least = 1, .help = "it may also stop after so many failures, however long they took"),
    FIELD(struct limits, samples, uint64_t, FIELD_COUNT, .name = "samples", .fallback = "5",
          .least = 1, .help = "streaks of failures, of one client at one service, that it takes"),
    END_OF_FIELDS,
};

struct state {
    struct streaks *streaks;
    struct values times; /* seconds until it stopped, or, without a stop, as long as it went on */
    uint64_t stopped, went_on;
    struct proofs proofs;
};

static void went_on(struct state *state, const struct limits *limits, const struct streak *streak,
                    const struct attempt *last)
{
    if (streak->last - streak->began <= limits->within || streak->opened)
        return;
    state->went_on++;
    values_add(&state->times, (double)(streak->last - streak->began) / (double)SECOND);
    if (last)
        proofs_add(&state->proofs, last, "failing for %.0f s by then, without a pause",
                   (double)(streak->last - streak->began) / (double)SECOND);
}

static void take(void *user, const void *given, const struct attempt *attempt,
                 const struct operation *operation)
{
    const struct limits *limits = given;
    struct state *state = user;
    const struct streak *streak;
    uint64_t burst = 0;
    usec took;

    (void)operation;
    if (!state->streaks)
        state->streaks = streaks_new();
    switch (streaks_take(state->streaks, attempt, &streak, &burst)) {
    case STREAK_OPENED:
        took = streak->silent_since - streak->began;
        state->stopped++;
        /* So few requests are as good as little time. */
        values_add(&state->times, burst <= limits->requests ? 0 : (double)took / (double)SECOND);
        break;
    case STREAK_ENDED:
        went_on(state, limits, streak, attempt);
        break;
    case STREAK_PROBED:
    case STREAK_NOTHING:
        break;
    }
}

static void take_open_ones(struct state *state, const struct limits *limits)
{
    const struct streak *streak;

    for (size_t i = 0; state->streaks && (streak = streaks_at(state->streaks, i)) != NULL; i++)
        if (streak->failures >= STREAK_FAILURES)
            went_on(state, limits, streak, NULL);
}

/* Without a breaker a budget alone may keep the load low: it fails only where one is expected. */
static void soften(struct finding *finding)
{
    if (finding->outcome == OUTCOME_FAIL && !finding->expectation)
        finding->outcome = OUTCOME_WARN;
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    struct bound bound;

    take_open_ones(state, limits);
    if (state->times.seen < limits->samples) {
        finding_unclear(finding, limits->samples - state->times.seen,
                        "%llu streaks of failures were long enough to tell, or ended in silence",
                        (unsigned long long)state->times.seen);
        return;
    }
    bound = statistics_median(values_sorted(&state->times), state->times.count, judging->alpha);
    finding_measure(finding, UNIT_TIME, bound.value, state->times.seen, "streaks of failures");
    finding_bounds(finding, bound.low > 0 ? bound.low : 0, bound.high);
    finding->proofs = state->proofs;
    finding_say(finding, "of %llu long streaks of failures, %llu ended in silence; %llu went on",
                (unsigned long long)state->times.seen, (unsigned long long)state->stopped,
                (unsigned long long)state->went_on);
    finding_at_most(finding, (double)limits->warn / (double)SECOND,
                    (double)limits->within / (double)SECOND,
                    bound.needed > state->times.seen ? bound.needed - state->times.seen : 0);
    soften(finding);
}

static void clear(void *user)
{
    struct state *state = user;

    streaks_free(state->streaks);
    values_clear(&state->times);
}

const struct check check_breaker = {
    .name = "breaker",
    .title = "Breaker",
    .asks = "the client stops asking a service that fails without a break",
    .about = "For each client and service: how long it goes on asking while nothing but failures "
             "comes back, until it is silent for 5 s and for five of its usual pauses. A silence "
             "counts only if it ends: else the client may be gone. What is usual is known from 20 "
             "good answers. A client that stops within 100 failures is not late. Without an "
             "expectation it only warns: a retry budget may do as well.",
    .pattern = "circuit breaker",
    .remedy = "open after some failures in a row, and ask again with single probes",
    .source = "Nygard, Release It!, 2nd edition, Circuit Breaker; Polly, "
              "https://www.pollydocs.org/strategies/circuit-breaker",
    .group = GROUP_RECOVERY,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .scopes = SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .calm = true,
    .attempt = take,
    .judge = judge,
    .clear = clear,
};
