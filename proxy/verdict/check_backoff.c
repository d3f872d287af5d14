/* check_backoff: whether the client's pauses grow from retry to retry. */
#include <math.h>

#include "verdict/check.h"
#include "verdict/gaps.h"
#include "verdict/sure.h"

/* Gaps before a retry below which nothing is said about it. */
#define LEAST 20
/* Pauses of so much of the longest have reached the ceiling. */
#define AT_CEILING 0.75
/* Pairs of retries that may be compared: with the next, and the one after. */
#define PAIRS 2

struct limits {
    double at_least, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_least, double, FIELD_NUMBER, .name = "at-least", .fallback = "1.2",
          .least = 0.1, .most = 10, .main = true,
          .help = "factor by which gaps grow from one retry to the next; below it fails"),
    FIELD(struct limits, warn, double, FIELD_NUMBER, .name = "warn", .fallback = "1.5",
          .least = 0.1, .most = 10, .help = "factor below which it warns"),
    END_OF_FIELDS,
};

struct state {
    struct gaps gaps;
    struct proofs proofs;
};

/* The columns that are compared; equal: there are no two. */
struct pair {
    unsigned earlier, later;
    uint64_t most; /* gaps in the second column */
};

static void take(void *user, const void *limits, const struct operation *operation)
{
    struct state *state = user;
    uint64_t seen = state->gaps.seen;

    (void)limits;
    gaps_take(&state->gaps, operation, 2);
    if (state->gaps.seen > seen)
        gaps_prove(&state->proofs, operation);
}

/* From the first retry that comes after a pause to one that has not reached the ceiling, or is the
 * first to reach it; of decorrelated jitter no further, for its median hardly grows. */
static struct pair choose(const struct gaps *gaps, double medians[GAP_INDICES])
{
    double column[GAP_ROWS], longest = 0;
    unsigned columns = 0;
    struct pair pair = { 0, 0, 0 };

    for (; columns < GAP_INDICES; columns++) {
        size_t count = gaps_column(gaps, columns, GAP_AT_ONCE, column);

        if (columns == 1)
            pair.most = count;
        if (count < LEAST)
            break;
        medians[columns] = gaps_median(column, count);
        longest = fmax(longest, medians[columns]);
    }
    while (pair.earlier + 1 < columns && medians[pair.earlier] <= GAP_AT_ONCE &&
           longest > medians[pair.earlier])
        pair.earlier++;
    pair.later = pair.earlier;
    while (pair.later + 1 < columns && pair.later < pair.earlier + PAIRS &&
           (pair.later == pair.earlier || medians[pair.later] < AT_CEILING * longest))
        pair.later++;
    return pair;
}

static size_t compare(const struct gaps *gaps, const struct pair *pair, double *ratios)
{
    size_t count = 0;

    for (size_t i = 0; i < gaps_rows(gaps); i++) {
        const struct gap_row *row = &gaps->rows[i];

        if (row->has[pair->earlier] && row->has[pair->later])
            ratios[count++] = fmax((double)row->gaps[pair->later], GAP_AT_ONCE) /
                              fmax((double)row->gaps[pair->earlier], GAP_AT_ONCE);
    }
    gaps_sort(ratios, count);
    return count;
}

static void conclude(const struct state *state, const struct judging *judging,
                     const struct pair *pair, const double *medians, struct finding *finding)
{
    const struct limits *limits = judging->limits;
    unsigned steps = pair->later - pair->earlier;
    double ratios[GAP_ROWS];
    size_t count = compare(&state->gaps, pair, ratios);
    struct bound bound =
        sure_at_least(statistics_growth(ratios, count, steps, judging->alpha / PAIRS),
                      statistics_growth(ratios, count, steps, SURE_MISS / PAIRS));

    finding_measure(finding, UNIT_FACTOR, bound.value, count, "operations retried twice");
    finding_bounds(finding, bound.low, bound.high);
    finding->proofs = state->proofs;
    finding_say(finding,
                "half of the gaps last more than %s before retry %u, and %s before retry %u",
                gap_words(medians[pair->earlier]).text, pair->earlier + 1,
                gap_words(medians[pair->later]).text, pair->later + 1);
    finding_at_least(finding, limits->warn, limits->at_least, sure_missing(bound.needed, count));
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    const struct state *state = user;
    double medians[GAP_INDICES];
    struct pair pair;

    finding->grouped = gaps_grouped(&state->gaps);
    if (gaps_idle(&state->gaps, finding))
        return;
    if (state->gaps.seen == 0 && state->gaps.asked == 0 && state->gaps.gave_up > 0) {
        finding_idle(finding, "no operation was tried again twice: there is nothing to grow");
        return;
    }
    pair = choose(&state->gaps, medians);
    if (pair.later > pair.earlier)
        conclude(state, judging, &pair, medians, finding);
    else if (pair.most < LEAST)
        finding_unclear(finding, LEAST - pair.most,
                        "%llu operations were tried again twice, and it takes %d",
                        (unsigned long long)pair.most, LEAST);
    else
        finding_unclear(finding, 0, "only one retry comes after a pause, and it takes two");
}

const struct check check_backoff = {
    .name = "backoff",
    .title = "Back-off",
    .asks = "the client waits longer before each further retry",
    .about =
        "A gap is the time from the end of a failed attempt to the beginning of the next of the "
        "same operation; gaps after an answer that asked to wait do not count. The measure is the "
        "median, over operations, of a later gap divided by an earlier one, its root taken where "
        "they are two retries apart. A first retry without a pause is left out, and so is what "
        "has reached the longest gap. Gaps of less than 20 ms count as 20 ms. It is inconclusive "
        "where fewer than 20 operations were tried again twice.",
    .pattern = "exponential back-off",
    .remedy = "double the pause with each retry, up to a cap, and draw it at random below that",
    .source = "Amazon Builders' Library, Timeouts, retries and backoff with jitter, "
              "https://aws.amazon.com/builders-library/"
              "timeouts-retries-and-backoff-with-jitter/",
    .group = GROUP_PACE,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "at-least=1.5 warn=1.5",
                  [PROFILE_LENIENT] = "at-least=1.1 warn=1.2" },
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .operation = take,
    .judge = judge,
};
