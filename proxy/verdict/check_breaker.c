/* check_breaker: does the client stop asking a service that does not answer? */
#include <math.h>
#include <stdio.h>

#include "verdict/check.h"
#include "verdict/statistics.h"
#include "verdict/streaks.h"
#include "verdict/sure.h"
#include "verdict/values.h"

struct limits {
    usec within, warn;
    uint64_t requests;
};

static const struct field fields[] = {
    FIELD(struct limits, within, usec, FIELD_DURATION, .name = "within", .fallback = "60s",
          .main = true, .clock = CLOCK_WALL,
          .help = "of failing without a break the client stops asking; later fails"),
    FIELD(struct limits, warn, usec, FIELD_DURATION, .name = "warn", .fallback = "30s",
          .clock = CLOCK_WALL, .help = "time from where it warns"),
    FIELD(struct limits, requests, uint64_t, FIELD_COUNT, .name = "requests", .fallback = "100",
          .least = 1, .help = "it may also stop after so many failures, however long they took"),
    END_OF_FIELDS,
};

/* A streak counts no more often than that. */
#define CHANCES_MOST 100

struct state {
    struct streaks *streaks;
    struct values times; /* seconds until it stopped, or, without a stop, as long as it went on */
    uint64_t stopped, went_on;
    struct proofs proofs;
};

/* Who goes on has not stopped once for each time in which it should have. */
static uint64_t chances(const struct limits *limits, usec took, uint64_t failures)
{
    uint64_t times = (uint64_t)(took / usec_max(limits->within, 1));

    times = failures / limits->requests < times ? failures / limits->requests : times;
    return times < CHANCES_MOST ? times : CHANCES_MOST;
}

static void add(struct state *state, usec took, uint64_t times)
{
    for (uint64_t i = 0; i < times; i++)
        values_add(&state->times, (double)took / (double)SECOND);
}

static void prove(struct state *state, const struct streak *streak, usec took)
{
    struct proof proof = { .exchange = streak->exchange, .at = streak->last };

    (void)snprintf(proof.words, sizeof proof.words,
                   "after %.0f s and %llu failures without a pause", (double)took / (double)SECOND,
                   (unsigned long long)streak->failures);
    proofs_add_raw(&state->proofs, &proof);
}

static void stopped(struct state *state, const struct limits *limits, const struct streak *streak,
                    uint64_t failures)
{
    usec took = streak->silent_since - streak->began;
    uint64_t late = chances(limits, took, failures);

    state->stopped++;
    if (took > limits->warn && failures > limits->requests)
        prove(state, streak, took);
    /* So few failures are as good as little time. */
    add(state, failures <= limits->requests ? 0 : took, late > 0 ? late : 1);
}

/* Less than one chance says nothing: it might have stopped. */
static void went_on(struct state *state, const struct limits *limits, const struct streak *streak)
{
    usec took = streak->last - streak->began;
    uint64_t missed = streak->opened ? 0 : chances(limits, took, streak->failures);

    if (missed == 0)
        return;
    state->went_on++;
    add(state, took, missed);
    prove(state, streak, took);
}

static void take(void *user, const void *limits, const struct attempt *attempt,
                 const struct operation *operation)
{
    struct state *state = user;
    const struct streak *streak;
    uint64_t burst = 0;

    (void)operation;
    if (!state->streaks)
        state->streaks = streaks_new();
    switch (streaks_take(state->streaks, attempt, &streak, &burst)) {
    case STREAK_OPENED:
        stopped(state, limits, streak, burst);
        break;
    case STREAK_ENDED:
        went_on(state, limits, streak);
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
        if (streak->failing)
            went_on(state, limits, streak);
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
    const double *times;
    struct bound bound;

    take_open_ones(state, limits);
    times = values_sorted(&state->times);
    bound = sure_at_most(statistics_median(times, state->times.count, judging->alpha),
                         statistics_median(times, state->times.count, SURE_MISS));
    if (state->times.seen == 0) {
        finding_unclear(finding, bound.needed,
                        "no client failed for %.3g s and %llu times on end, or stopped asking",
                        (double)limits->within / (double)SECOND,
                        (unsigned long long)limits->requests);
        return;
    }
    finding_measure(finding, UNIT_TIME, bound.value, state->times.seen, "chances to stop");
    finding_bounds(finding, fmax(bound.low, 0), bound.high);
    finding->proofs = state->proofs;
    finding_say(finding, "of %llu long streaks of failures, %llu ended in silence; %llu went on",
                (unsigned long long)state->stopped + (unsigned long long)state->went_on,
                (unsigned long long)state->stopped, (unsigned long long)state->went_on);
    finding_at_most(finding, (double)limits->warn / (double)SECOND,
                    (double)limits->within / (double)SECOND,
                    sure_missing(bound.needed, state->times.seen));
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
    .about =
        "For each client and service: how long it goes on asking while nothing but failures comes "
        "back, until it is silent for 5 s, for five of its usual pauses and for three times the "
        "longest of them; what it was asked to wait does not count. A silence counts only if it "
        "ends: else the client may be gone. What is usual is known from 50 pauses between good "
        "answers. A client that stops within 100 failures (requests) is not late. Who goes on "
        "counts once for each such time with as many failures. The median is in exact bounds: it "
        "takes 5 stops to pass, and some 12 such times to fail. Without an expectation it only "
        "warns: a retry budget may do as well.",
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
