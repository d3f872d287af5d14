/* check_probes: how does a client that has stopped asking try again? */
#include <math.h>

#include "verdict/check.h"
#include "verdict/statistics.h"
#include "verdict/streaks.h"
#include "verdict/sure.h"
#include "verdict/values.h"

struct limits {
    uint64_t at_most, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, uint64_t, FIELD_COUNT, .name = "at-most", .fallback = "10",
          .least = 1, .main = true,
          .help = "requests between two silences, for the median; more of them fail"),
    FIELD(struct limits, warn, uint64_t, FIELD_COUNT, .name = "warn", .fallback = "3", .least = 1,
          .help = "requests from where it warns"),
    END_OF_FIELDS,
};

struct state {
    struct streaks *streaks;
    struct values bursts;
    uint64_t most;
    struct proofs proofs;
};

static void take(void *user, const void *given, const struct attempt *attempt,
                 const struct operation *operation)
{
    const struct limits *limits = given;
    struct state *state = user;
    const struct streak *streak;
    uint64_t burst = 0;

    (void)operation;
    if (!state->streaks)
        state->streaks = streaks_new();
    if (streaks_take(state->streaks, attempt, &streak, &burst) != STREAK_PROBED)
        return;
    values_add(&state->bursts, (double)burst);
    state->most = burst > state->most ? burst : state->most;
    if (burst > limits->at_most)
        proofs_add(&state->proofs, attempt, "after %llu requests between two silences",
                   (unsigned long long)burst);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    const double *bursts = values_sorted(&state->bursts);
    struct bound bound =
        sure_at_most(statistics_median(bursts, state->bursts.count, judging->alpha),
                     statistics_median(bursts, state->bursts.count, SURE_MISS));

    if (state->bursts.seen == 0) {
        finding_unclear(finding, bound.needed,
                        "no client that had stopped asking tried again and failed");
        return;
    }
    finding_measure(finding, UNIT_COUNT, bound.value, state->bursts.seen, "probes");
    finding_bounds(finding, fmax(bound.low, 0), bound.high);
    finding->proofs = state->proofs;
    finding_say(finding,
                "a client that had stopped asking tried again with %.3g requests, %llu at most",
                bound.value, (unsigned long long)state->most);
    finding_at_most(finding, (double)limits->warn, (double)limits->at_most,
                    sure_missing(bound.needed, state->bursts.seen));
}

static void clear(void *user)
{
    struct state *state = user;

    streaks_free(state->streaks);
    values_clear(&state->bursts);
}

const struct check check_probes = {
    .name = "probes",
    .title = "Probes",
    .asks = "a client that has stopped asking tries again with few requests",
    .about = "Requests of one client to one service between two of its silences (see breaker), "
             "while nothing but failures comes back: the median, in exact bounds. It takes 5 "
             "such times to pass, and some 12 to fail.",
    .pattern = "half-open breaker",
    .remedy = "let one request through at a time, and wait at least 5 s before the next",
    .source = "resilience4j, https://resilience4j.readme.io/docs/circuitbreaker",
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
