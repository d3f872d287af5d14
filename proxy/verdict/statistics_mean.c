/* statistics_mean: the mean of small whole numbers, as a sum of shares. */
#include <math.h>

#include "verdict/statistics_parts.h"

struct numbers {
    const uint64_t *counts;
    size_t cells, least;
    double n;
};

static struct numbers numbers_of(const uint64_t *counts, size_t cells, size_t least)
{
    struct numbers numbers = { counts, cells, least, 0 };

    for (size_t i = 0; i < cells; i++)
        numbers.n += (double)counts[i];
    return numbers;
}

/* How much of alpha goes to the j-th level, 1 and up; together they take all of it at most. */
static double alpha_of(double alpha, size_t level)
{
    return alpha / ((double)level * ((double)level + 1));
}

/* The mean's lower end were there n numbers in these proportions. What is known of a level holds
 * for all below it. */
static double mean_low(const struct numbers *numbers, double n, double alpha)
{
    double sum = (double)numbers->least, share = 0, above = 0;

    for (size_t k = numbers->cells; k-- > numbers->least + 1;) {
        above += (double)numbers->counts[k];
        share = fmax(share, share_low(quotient(above, numbers->n, 0) * n, n,
                                      alpha_of(alpha, k - numbers->least)));
        sum += share;
    }
    return sum;
}

/* The same of its upper end, where each level's holds for all above it. */
static double mean_high(const struct numbers *numbers, double n, double alpha)
{
    double sum = (double)numbers->least, share = 1, below = 0;

    for (size_t k = 0; k < numbers->cells; k++) {
        if (k > numbers->least) {
            double hits = quotient(numbers->n - below, numbers->n, 0) * n;

            share = fmin(share, share_high(hits, n, alpha_of(alpha, k - numbers->least)));
            sum += share;
        }
        below += (double)numbers->counts[k];
    }
    return sum;
}

static double mean_value(const struct numbers *numbers)
{
    double sum = 0;

    for (size_t k = numbers->least + 1; k < numbers->cells; k++)
        sum += (double)(k - numbers->least) * (double)numbers->counts[k];
    return (double)numbers->least + quotient(sum, numbers->n, 0);
}

struct bound statistics_mean(const uint64_t *counts, size_t cells, size_t least, double alpha)
{
    const struct numbers numbers = numbers_of(counts, cells, least);

    alpha = alpha_within(alpha);
    return (struct bound){
        .low = mean_low(&numbers, numbers.n, alpha),
        .value = mean_value(&numbers),
        .high = mean_high(&numbers, numbers.n, alpha),
        .needed = 1,
    };
}

struct mean_question {
    const struct numbers *numbers;
    double limit, alpha;
};

static bool mean_tells(const void *question, double n)
{
    const struct mean_question *asked = question;

    return mean_low(asked->numbers, n, asked->alpha) > asked->limit ||
           mean_high(asked->numbers, n, asked->alpha) <= asked->limit;
}

uint64_t statistics_mean_until(const uint64_t *counts, size_t cells, size_t least, double limit,
                               double alpha)
{
    const struct numbers numbers = numbers_of(counts, cells, least);
    const struct mean_question question = { &numbers, limit, alpha_within(alpha) };

    if (!(numbers.n > 0))
        return UINT64_MAX;
    return least_that_tells(count_from(numbers.n), mean_tells, &question);
}
