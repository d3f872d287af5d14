/* check_eager_timeouts: does the client give up what would have come? */
#include "verdict/check.h"
#include "verdict/statistics.h"
#include "verdict/values.h"

enum { CALM_FEWEST = 100, LEFT_FEWEST = 10 };

struct limits {
    double at_most, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, double, FIELD_SHARE, .name = "at-most", .fallback = "5%",
          .main = true,
          .help = "share of given-up requests that were given up too soon; beyond it "
                  "fails"),
    FIELD(struct limits, warn, double, FIELD_SHARE, .name = "warn", .fallback = "1%",
          .help = "share from where it warns"),
    END_OF_FIELDS,
};

struct state {
    uint32_t calm[LATENCY_BUCKETS];
    uint64_t answers;
    uint64_t unprovoked; /* given up without a fault */
    struct values left;  /* seconds after which it gave up */
};

static void take(void *user, const void *limits, const struct attempt *attempt,
                 const struct operation *operation)
{
    struct state *state = user;
    usec lasted = attempt->ended - attempt->began;

    (void)limits;
    (void)operation;
    if (attempt->end == ATTEMPT_LEFT)
        values_add(&state->left, (double)lasted / (double)SECOND);
    if (attempt->touched != 0 || (attempt->end != ATTEMPT_LEFT && attempt->end != ATTEMPT_ANSWERED))
        return;
    state->unprovoked += attempt->end == ATTEMPT_LEFT;
    /* How late the answer to one that was given up would have been, nobody knows. */
    state->calm[attempt->end == ATTEMPT_LEFT ? LATENCY_BUCKETS - 1 : latency_bucket(lasted)]++;
    state->answers++;
}

/* Within which an answer comes: no longer than the quantile is sure to be, lest a few answers that
 * happen to be slow blame a client. In seconds. */
static double usual_latency(const struct state *state, double alpha)
{
    const double most = state->answers < 1000 ? 0.99 : 0.999;
    const struct ranks ranks = statistics_ranks(state->answers, most, alpha);

    return (double)latency_quantile(state->calm, (double)ranks.low / (double)state->answers) /
           (double)SECOND;
}

static uint64_t count_below(const struct values *values, double bound)
{
    uint64_t count = 0;

    for (size_t i = 0; i < values->count; i++)
        count += values->items[i] < bound;
    return count;
}

static void say(const struct state *state, uint64_t eager, double usual, struct finding *finding)
{
    if (usual >= (double)latency_quantile(state->calm, 1) / (double)SECOND && state->unprovoked > 0)
        finding_say(finding,
                    "%llu requests were given up, %llu of them though no fault was on them",
                    (unsigned long long)state->left.seen, (unsigned long long)state->unprovoked);
    else
        finding_say(finding,
                    "%llu of %llu requests were given up before %.3g s, within which an answer "
                    "usually comes",
                    (unsigned long long)eager, (unsigned long long)state->left.count, usual);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    double usual;
    uint64_t eager;
    struct bound bound;

    if (state->left.count == 0) {
        finding_unclear(finding, 0, "the client gave no request up");
        return;
    }
    if (state->left.count < LEFT_FEWEST) {
        finding_unclear(finding, LEFT_FEWEST - state->left.count,
                        "the client gave %zu requests up, and it takes %d", state->left.count,
                        LEFT_FEWEST);
        return;
    }
    if (state->answers < CALM_FEWEST) {
        finding_unclear(finding, CALM_FEWEST - state->answers,
                        "%llu answers without a fault do not say how long an answer takes",
                        (unsigned long long)state->answers);
        return;
    }
    usual = usual_latency(state, judging->alpha / 2);
    eager = count_below(&state->left, usual);
    bound = statistics_share(eager, state->left.count, judging->alpha / 2);
    finding_measure(finding, UNIT_SHARE, bound.value, state->left.seen, "requests given up");
    finding_bounds(finding, bound.low, bound.high);
    say(state, eager, usual, finding);
    finding_at_most(finding, limits->warn, limits->at_most, 0);
}

static void clear(void *user)
{
    values_clear(&((struct state *)user)->left);
}

const struct check check_eager_timeouts = {
    .name = "eager-timeouts",
    .title = "Eager time-outs",
    .asks = "the client does not give up what would have come",
    .about =
        "Requests that the client gave up sooner than an answer takes when no fault is on it: "
        "the latency that 99.9 % of such answers stay within (99 % below 1,000 of them), at its "
        "lower bound. Where more than that are given up without a fault, all are too soon. It "
        "takes 100 answers to know, and 10 requests that are given up. All bounds are exact.",
    .pattern = "time-out from measured latency",
    .remedy = "choose the time-out for which one in a thousand good answers comes too late",
    .source = "Amazon Builders' Library, Timeouts, retries and backoff with jitter, "
              "https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/",
    .group = GROUP_PATIENCE,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .calm = true,
    .attempt = take,
    .judge = judge,
    .clear = clear,
};
