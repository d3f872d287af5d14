/* statistics_quantile: order statistics, and what gaps between attempts are judged by. */
#include <math.h>

#include "verdict/statistics_parts.h"

/* The largest rank that is above the quantile with probability alpha at most; 0: none is. */
static uint64_t rank_below(uint64_t n, double q, double alpha)
{
    uint64_t low = 0, high = n;

    while (low < high) {
        uint64_t rank = high - (high - low) / 2;

        if (statistics_share_below(rank - 1, n, q) <= alpha)
            low = rank;
        else
            high = rank - 1;
    }
    return low;
}

struct ranks statistics_ranks(uint64_t n, double q, double alpha)
{
    const double hair = 1e-12;
    struct ranks ranks;
    uint64_t mirrored;

    alpha = alpha_within(alpha);
    q = q > hair ? fmin(q, 1 - hair) : hair;
    mirrored = rank_below(n, 1 - q, alpha);
    ranks = (struct ranks){
        .low = rank_below(n, q, alpha),
        .value = count_from(ceil((double)n * q * (1 - hair))),
        .high = mirrored ? n + 1 - mirrored : 0,
        .needed_low = statistics_needed_below(q, alpha),
        .needed_high = statistics_needed_above(q, alpha),
    };
    if (n && ranks.value < 1)
        ranks.value = 1;
    return ranks;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static double value_at(const double *sorted, uint64_t rank, double none)
{
    return rank && !isnan(sorted[rank - 1]) ? sorted[rank - 1] : none;
}

struct bound statistics_quantile(const double *sorted, size_t n, double q, double alpha)
{
    const struct ranks ranks = statistics_ranks(n, q, alpha);

    return (struct bound){
        .low = value_at(sorted, ranks.low, -HUGE_VAL),
        .value = value_at(sorted, ranks.value, 0),
        .high = value_at(sorted, ranks.high, HUGE_VAL),
        .needed = larger(ranks.needed_low, ranks.needed_high),
    };
}

struct bound statistics_median(const double *sorted, size_t n, double alpha)
{
    return statistics_quantile(sorted, n, 0.5, alpha);
}

/* The cell with the value of this rank; rank 1..n. */
static size_t cell_of(const uint64_t *counts, uint64_t rank)
{
    size_t cell = 0;

    for (; counts[cell] < rank; cell++)
        rank -= counts[cell];
    return cell;
}

static double middle_of(const double *edges, size_t cell)
{
    return isfinite(edges[cell + 1]) ? edges[cell] / 2 + edges[cell + 1] / 2 : edges[cell];
}

struct bound statistics_quantile_cells(const uint64_t *counts, const double *edges, size_t cells,
                                       double q, double alpha)
{
    uint64_t n = 0;
    struct ranks ranks;

    for (size_t i = 0; i < cells; i++)
        n += counts[i];
    ranks = statistics_ranks(n, q, alpha);
    return (struct bound){
        .low = ranks.low ? edges[cell_of(counts, ranks.low)] : -HUGE_VAL,
        .value = ranks.value ? middle_of(edges, cell_of(counts, ranks.value)) : 0,
        .high = ranks.high ? edges[cell_of(counts, ranks.high) + 1] : HUGE_VAL,
        .needed = larger(ranks.needed_low, ranks.needed_high),
    };
}

static struct bound root_of(struct bound bound, unsigned steps)
{
    const double power = 1.0 / (steps ? steps : 1);

    bound.low = pow(fmax(bound.low, 0), power);
    bound.value = pow(fmax(bound.value, 0), power);
    bound.high = pow(fmax(bound.high, 0), power);
    return bound;
}

struct bound statistics_growth(const double *ratios, size_t n, unsigned steps, double alpha)
{
    struct bound bound = statistics_median(ratios, n, alpha);

    if (!n)
        bound.value = 1;
    return root_of(bound, steps);
}

struct bound statistics_growth_apart(const double *earlier, size_t n_earlier, const double *later,
                                     size_t n_later, unsigned steps, double alpha)
{
    const double half = alpha_within(alpha) / 2;
    const struct bound before = statistics_median(earlier, n_earlier, half);
    const struct bound after = statistics_median(later, n_later, half);

    return root_of(bound_ratio(&after, &before), steps);
}

/* The coefficient of variation of the uniform distribution with these octiles. */
static double octile_variation(double first, double seventh)
{
    const double scale = 0.76980035891950104; /* 4 / (3 sqrt 3) */
    const double part = quotient(fmin(first, seventh), seventh, 1);

    return scale * (1 - part) / (1 + part);
}

struct bound statistics_jitter(const double *sorted, size_t n, double alpha)
{
    const double half = alpha_within(alpha) / 2;
    const struct bound first = statistics_quantile(sorted, n, 0.125, half);
    const struct bound seventh = statistics_quantile(sorted, n, 0.875, half);

    return (struct bound){
        .low = octile_variation(first.high, fmax(seventh.low, 0)),
        .value = octile_variation(first.value, seventh.value),
        .high = octile_variation(fmax(first.low, 0), seventh.high),
        .needed = larger(first.needed, seventh.needed),
    };
}
