/* check_timeout: after how long does the client give a silent server up? */
#include "verdict/check.h"
#include "verdict/statistics.h"
#include "verdict/values.h"

#define MOST 0.9 /* as in check_deadline.c */

struct limits {
    usec at_most, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, usec, FIELD_DURATION, .name = "at-most", .fallback = "60s",
          .main = true, .clock = CLOCK_WALL,
          .help = "after which nine of ten requests that get no answer are given up; beyond it "
                  "fails"),
    FIELD(struct limits, warn, usec, FIELD_DURATION, .name = "warn", .fallback = "30s",
          .clock = CLOCK_WALL, .help = "time from where it warns"),
    END_OF_FIELDS,
};

struct state {
    struct values times; /* seconds until it was given up, or longer */
    uint64_t cut;        /* hangs that ended before anybody knew */
    usec longest_cut;
    struct proofs proofs;
};

static void take(void *user, const void *given, const struct attempt *attempt,
                 const struct operation *operation)
{
    const struct limits *limits = given;
    struct state *state = user;
    usec waited = attempt->ended - attempt->began;

    (void)operation;
    if (!(attempt->touched & TOUCH_HANG))
        return;
    /* A hang that ended by itself says only that the client would have waited for longer. */
    if (attempt->end != ATTEMPT_LEFT && waited <= limits->at_most) {
        state->cut++;
        state->longest_cut = usec_max(state->longest_cut, waited);
        return;
    }
    values_add(&state->times, (double)waited / (double)SECOND);
    if (waited > limits->at_most)
        proofs_add(&state->proofs, attempt, "after %.1f s", (double)waited / (double)SECOND);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    struct bound bound;

    if (state->times.seen == 0) {
        if (state->cut > 0)
            finding_unclear(finding, 0,
                            "no hang was given up before it ended by itself, after %.1f s at most",
                            (double)state->longest_cut / (double)SECOND);
        else
            finding_unclear(finding, 0, "no request was left without an answer");
        return;
    }
    bound =
        statistics_quantile(values_sorted(&state->times), state->times.count, MOST, judging->alpha);
    finding_measure(finding, UNIT_TIME, bound.value, state->times.seen, "hung requests");
    finding_bounds(finding, bound.low, bound.high);
    finding->proofs = state->proofs;
    finding_say(finding,
                "nine of ten hung requests were given up within %.3g s, the longest took "
                "%.3g s",
                bound.value, state->times.items[state->times.count - 1]);
    finding_at_most(finding, (double)limits->warn / (double)SECOND,
                    (double)limits->at_most / (double)SECOND,
                    bound.needed > state->times.seen ? bound.needed - state->times.seen : 0);
}

static void clear(void *user)
{
    values_clear(&((struct state *)user)->times);
}

const struct check check_timeout = {
    .name = "timeout",
    .title = "Time-out",
    .asks = "a server that does not answer is given up in time",
    .about = "Requests that a fault left without an answer (hang, accept-silence, "
             "handshake-stall): how long it took until the client closed. A hang that ended by "
             "itself counts only where the limit was over by then. What nine of ten stay within is "
             "judged, in exact bounds of order statistics.",
    .pattern = "time-out",
    .remedy = "set a time-out for each attempt, near the slowest good answer (p99.9)",
    .source = "Amazon Builders' Library, Timeouts, retries and backoff with jitter, "
              "https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/",
    .group = GROUP_PATIENCE,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "at-most=30s warn=10s",
                  [PROFILE_LENIENT] = "at-most=120s warn=60s" },
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .attempt = take,
    .judge = judge,
    .clear = clear,
};
