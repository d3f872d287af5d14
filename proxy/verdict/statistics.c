/* statistics: what to make of bounds: sides, ratios, and many decisions at once. */
#include "verdict/statistics.h"

#include <math.h>

#include "verdict/statistics_parts.h"

double alpha_within(double alpha)
{
    const double least = 1e-12, most = 0.5;

    return alpha > least ? fmin(alpha, most) : least;
}

double quotient(double part, double whole, double none)
{
    if (whole > 0)
        return part >= HUGE_VAL && whole >= HUGE_VAL ? none : fmax(part, 0) / whole;
    return part > 0 ? HUGE_VAL : none;
}

uint64_t count_from(double number)
{
    if (!(number > 0))
        return 0;
    return number < 0x1p64 ? (uint64_t)number : UINT64_MAX;
}

uint64_t least_that_tells(uint64_t from, bool (*tells)(const void *question, double n),
                          const void *question)
{
    const double most = 1e9, precision = 1.01;
    double low = from ? (double)from : 1, high = low;

    while (high <= most && !tells(question, high)) {
        low = high;
        high *= 2;
    }
    if (high > most)
        return UINT64_MAX;
    while (high > low * precision) {
        double middle = sqrt(low * high);

        if (tells(question, middle))
            high = middle;
        else
            low = middle;
    }
    return count_from(ceil(high));
}

enum side bound_side(const struct bound *bound, double limit, double margin)
{
    if (bound->low > limit)
        return SIDE_ABOVE;
    return bound->high <= limit + fabs(limit) * fmax(margin, 0) ? SIDE_BELOW : SIDE_UNSURE;
}

struct bound bound_ratio(const struct bound *now, const struct bound *before)
{
    return (struct bound){
        .low = quotient(now->low, before->high, 0),
        .value = quotient(now->value, before->value, 1),
        .high = quotient(now->high, before->low, HUGE_VAL),
        .needed = now->needed > before->needed ? now->needed : before->needed,
    };
}

double statistics_alpha(double whole, size_t decisions)
{
    return alpha_within(alpha_within(whole) / (double)(decisions ? decisions : 1));
}

void statistics_holm(const double *p, size_t count, double whole, bool *rejected)
{
    for (size_t i = 0; i < count; i++)
        rejected[i] = false;
    for (size_t left = count; left; left--) {
        size_t least = count;

        for (size_t i = 0; i < count; i++)
            if (!rejected[i] && !isnan(p[i]) && (least == count || p[i] < p[least]))
                least = i;
        if (least == count || p[least] > alpha_within(whole) / (double)left)
            return;
        rejected[least] = true;
    }
}
