/* check_backoff_ceiling: how long the client's longest pauses are, while a user waits. */
#include "history/reservoir.h"
#include "verdict/check.h"
#include "verdict/gaps.h"
#include "verdict/sure.h"

enum { INDICES = OPERATION_STEPS - 1, KEPT = 64 };

/* Gaps before a retry below which nothing is said about it. */
#define LEAST 10
/* Of operations that are retried, tied by markers; of gaps before the first retry, one in so many.
 */
#define MOSTLY 0.95
#define FEW 10

struct limits {
    usec at_most, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, usec, FIELD_DURATION, .name = "at-most", .fallback = "5m",
          .least = 1, .main = true,
          .help = "the usual gap before the retry with the longest gaps; beyond it fails"),
    FIELD(struct limits, warn, usec, FIELD_DURATION, .name = "warn", .fallback = "2m", .least = 1,
          .help = "such a gap from where it warns"),
    END_OF_FIELDS,
};

struct state {
    uint64_t failed, retried, tied, own;
    uint64_t counts[INDICES];
    float gaps[INDICES][KEPT]; /* seconds */
    struct proofs proofs;
};

static void take(void *user, const void *given, const struct operation *operation)
{
    struct state *state = user;
    const struct limits *limits = given;
    bool failed = operation->attempts > 1, proves = false;

    for (uint32_t i = 0; i < operation->step_count; i++) {
        size_t place;

        failed = failed || operation->steps[i].failed;
        if (i == 0 || !gap_own(operation, i))
            continue;
        state->own++;
        place = reservoir_place(state->counts[i - 1]++, KEPT);
        if (place < KEPT)
            state->gaps[i - 1][place] = (float)operation_gap(operation, i) / (float)SECOND;
        proves = proves || operation_gap(operation, i) > limits->warn;
    }
    state->failed += failed;
    state->retried += operation->attempts > 1;
    state->tied += operation->attempts > 1 && operation->tie == TIE_MARK;
    if (proves)
        gaps_prove(&state->proofs, operation);
}

/* Are there gaps enough before this retry? Where likeness ties attempts together, one operation in
 * twenty may be two (reasks.h), so what few come to says nothing. */
static bool is_known(const struct state *state, unsigned index)
{
    bool marked = (double)state->tied >= MOSTLY * (double)state->retried;

    return state->counts[index] >= LEAST &&
           (marked || state->counts[index] * FEW >= state->counts[0]);
}

/* The median gap before a retry, of the retry where it is longest. */
static struct bound longest(const struct state *state, double alpha, unsigned *index)
{
    struct bound bound = { 0, 0, 0, 1 };

    for (unsigned i = 0; i < INDICES; i++) {
        size_t count = state->counts[i] < KEPT ? (size_t)state->counts[i] : KEPT;
        double gaps[KEPT];
        struct bound median;

        for (size_t j = 0; j < count; j++)
            gaps[j] = (double)state->gaps[i][j];
        gaps_sort(gaps, count);
        median = sure_at_most(statistics_median(gaps, count, alpha / INDICES),
                              statistics_median(gaps, count, SURE_MISS / INDICES));
        if (is_known(state, i) && median.value > bound.value) {
            bound = median;
            *index = i;
        }
    }
    return bound;
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    const struct state *state = user;
    const struct limits *limits = judging->limits;
    unsigned index = 0;
    struct bound bound = longest(state, judging->alpha, &index);

    finding->grouped = state->retried ? (double)state->tied / (double)state->retried : 1;
    if (state->failed == 0) {
        finding_unclear(finding, 0, "no operation failed, so there was nothing to try again");
    } else if (state->retried == 0) {
        finding_idle(finding, "%llu operations failed, none was tried again",
                     (unsigned long long)state->failed);
    } else if (state->counts[index] < LEAST) {
        finding_unclear(finding, LEAST - state->counts[index],
                        "%llu gaps of the client's own were seen before its first retry, and it "
                        "takes %d",
                        (unsigned long long)state->counts[index], LEAST);
    } else {
        finding_measure(finding, UNIT_TIME, bound.value, state->counts[index], "gaps");
        finding_bounds(finding, bound.low, bound.high);
        finding->proofs = state->proofs;
        finding_say(finding,
                    "the longest gaps are those before retry %u: half of them last %s or more",
                    index + 1, gap_words(bound.value).text);
        finding_at_most(finding, (double)limits->warn / (double)SECOND,
                        (double)limits->at_most / (double)SECOND,
                        sure_missing(bound.needed, state->counts[index]));
    }
}

const struct check check_backoff_ceiling = {
    .name = "backoff-ceiling",
    .title = "Back-off ceiling",
    .asks = "the client does not pause for minutes while somebody waits",
    .about =
        "The median gap before one retry, of that retry where it is longest (of the first 23). "
        "Gaps "
        "after an answer that asked to wait do not count. Attempts that carry no marker are tied "
        "together only within 30 s or twice the operation's longest gap, so a longer pause of an "
        "unmarked client shows as a new operation. It is inconclusive below 10 gaps before a "
        "retry.",
    .pattern = "capped exponential back-off",
    .remedy = "cap the pause at 20 to 30 s, and give up before the caller has gone",
    .source = "gRPC Connection Backoff Protocol, "
              "https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md",
    .group = GROUP_PACE,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "at-most=30s warn=30s",
                  [PROFILE_LENIENT] = "at-most=15m warn=5m",
                  [PROFILE_AWS_SDK] = "at-most=30s warn=20s",
                  [PROFILE_BROWSER] = "at-most=60s warn=30s",
                  [PROFILE_IOT] = "at-most=1h warn=15m" },
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .operation = take,
    .judge = judge,
};
