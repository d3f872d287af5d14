/* check_jitter: whether the client's pauses are spread, so that clients that failed together do not
 * come back together. */
#include <stdlib.h>

#include "verdict/check.h"
#include "verdict/gaps.h"
#include "verdict/sure.h"

/* Gaps before a retry below which nothing is said about it. */
#define LEAST 20
/* Clients of which so many gaps are there are measured each by itself: two that keep strictly to
 * different pauses have no jitter. */
#define OWN_MEDIAN 8

struct limits {
    double at_least, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_least, double, FIELD_NUMBER, .name = "at-least", .fallback = "0.05",
          .least = 0.01, .most = 0.7, .main = true,
          .help = "coefficient of variation of gaps; below it fails"),
    FIELD(struct limits, warn, double, FIELD_NUMBER, .name = "warn", .fallback = "0.25",
          .least = 0.01, .most = 0.7, .help = "coefficient of variation below which it warns"),
    END_OF_FIELDS,
};

struct state {
    struct gaps gaps;
    struct proofs proofs;
};

/* A gap, and whose it is. */
struct owned {
    uint64_t owner;
    double gap;
};

struct chosen {
    unsigned column;
    unsigned columns; /* with gaps enough */
    bool pauses;
};

static void take(void *user, const void *limits, const struct operation *operation)
{
    struct state *state = user;
    uint64_t seen = state->gaps.seen;

    (void)limits;
    gaps_take(&state->gaps, operation, 1);
    if (state->gaps.seen > seen)
        gaps_prove(&state->proofs, operation);
}

/* The retry of which there are most gaps, if possible one with a pause: what the network and the
 * client's own work spread is no jitter. */
static struct chosen choose(const struct gaps *gaps)
{
    double column[GAP_ROWS];
    size_t most = 0;
    struct chosen chosen = { 0 };

    for (unsigned i = 0; i < GAP_INDICES; i++) {
        size_t count = gaps_column(gaps, i, 0, column);
        bool pauses = count >= LEAST && gaps_median(column, count) >= GAP_AT_ONCE;

        chosen.columns += count >= LEAST;
        if (pauses > chosen.pauses || (pauses == chosen.pauses && count > most)) {
            chosen.column = i;
            chosen.pauses = pauses;
            most = count;
        }
    }
    return chosen;
}

static int compare(const void *a, const void *b)
{
    const struct owned *left = a, *right = b;

    if (left->owner != right->owner)
        return left->owner < right->owner ? -1 : 1;
    return (left->gap > right->gap) - (left->gap < right->gap);
}

/* Each gap as a part of its owner's median, times the median of all. */
static size_t measure(const struct gaps *gaps, const struct chosen *chosen, double *out)
{
    const double least = chosen->pauses ? GAP_LEAST : 2 * GAP_AT_ONCE;
    unsigned column = chosen->column;
    struct owned owned[GAP_ROWS];
    size_t count = gaps_column(gaps, column, least, out), filled = 0;
    double all = gaps_median(out, count);

    for (size_t i = 0; i < gaps_rows(gaps); i++) {
        const struct gap_row *row = &gaps->rows[i];
        double gap = (double)row->gaps[column];

        if (row->has[column])
            owned[filled++] = (struct owned){ (uint64_t)row->client << 16 | row->service,
                                              gap > least ? gap : least };
    }
    if (filled > 1)
        qsort(owned, filled, sizeof *owned, compare);
    for (size_t begin = 0, end; begin < filled; begin = end) {
        double median;

        for (end = begin; end < filled && owned[end].owner == owned[begin].owner; end++)
            out[end] = owned[end].gap;
        median = gaps_median(out + begin, end - begin);
        for (size_t i = begin; i < end && end - begin >= OWN_MEDIAN; i++)
            out[i] *= all / median;
    }
    gaps_sort(out, filled);
    return filled;
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    const struct state *state = user;
    const struct limits *limits = judging->limits;
    struct chosen chosen = choose(&state->gaps);
    double gaps[GAP_ROWS];
    size_t count = measure(&state->gaps, &chosen, gaps);
    struct bound bound;

    finding->grouped = gaps_grouped(&state->gaps);
    if (gaps_idle(&state->gaps, finding))
        return;
    if (count < LEAST) {
        finding_unclear(finding, LEAST - count,
                        "%zu gaps of the client's own were seen, and it takes %d", count, LEAST);
        return;
    }
    if (!chosen.pauses && chosen.columns < 2) {
        finding_unclear(finding, 0,
                        "the only retry comes after %s: too soon to tell a pause from work",
                        gap_words(gaps_median(gaps, count)).text);
        return;
    }
    bound = sure_at_least(statistics_jitter(gaps, count, judging->alpha),
                          statistics_jitter(gaps, count, SURE_MISS));
    finding_measure(finding, UNIT_NONE, bound.value, count, "gaps");
    finding_bounds(finding, bound.low, bound.high);
    finding->proofs = state->proofs;
    if (chosen.pauses)
        finding_say(finding, "three in four of the gaps before retry %u last %s to %s",
                    chosen.column + 1, gap_words(gaps[(count - 1) / 8]).text,
                    gap_words(gaps[count - 1 - count / 8]).text);
    else
        finding_say(finding, "most retries come within %.0f ms, without a pause",
                    GAP_AT_ONCE * 1000);
    finding_at_least(finding, limits->warn, limits->at_least, sure_missing(bound.needed, count));
}

const struct check check_jitter = {
    .name = "jitter",
    .title = "Jitter",
    .asks = "the client draws its pauses at random",
    .about =
        "The coefficient of variation of the gaps before one retry (the one of which most were "
        "seen), estimated from their first and last octile: 0 without jitter, 0.12 with a jitter "
        "of 20 % up and down, 0.19 with half of the pause, 0.58 with all of it. Clients with "
        "pauses of different lengths are measured each by itself. Gaps after an answer that asked "
        "to wait do not count. Where no retry has a median gap of 20 ms, retries come without a "
        "pause, and have no jitter. It is inconclusive below 20 gaps, and where there is only one "
        "retry and that comes within 20 ms.",
    .pattern = "full jitter",
    .remedy = "draw each pause at random between 0 and the back-off, not only a part of it",
    .source = "AWS Architecture Blog, Exponential Backoff and Jitter, "
              "https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/",
    .group = GROUP_PACE,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "at-least=0.1 warn=0.3",
                  [PROFILE_LENIENT] = "at-least=0.02 warn=0.1" },
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .operation = take,
    .judge = judge,
};
