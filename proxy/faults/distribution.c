/* distribution: the inverse of each shape's cumulative function, fed with a uniform draw. */
#include "faults/distribution.h"

#include <math.h>

#include "base/random.h"

struct distribution distribution_constant(usec length)
{
    return (struct distribution){ .shape = SHAPE_CONSTANT, .center = (double)length };
}

struct distribution distribution_uniform(usec least, usec most)
{
    return (struct distribution){ .shape = SHAPE_UNIFORM,
                                  .center = (double)least,
                                  .spread = (double)(most - least) };
}

struct distribution distribution_normal(usec mean, usec deviation)
{
    return (struct distribution){ .shape = SHAPE_NORMAL,
                                  .center = (double)mean,
                                  .spread = (double)deviation };
}

struct distribution distribution_lognormal(usec median, double sigma)
{
    return (struct distribution){ .shape = SHAPE_LOGNORMAL,
                                  .center = log((double)median),
                                  .spread = sigma,
                                  .far_spread = sigma };
}

struct distribution distribution_exponential(usec mean)
{
    return (struct distribution){ .shape = SHAPE_EXPONENTIAL, .center = (double)mean };
}

struct distribution distribution_pareto(usec least, double alpha)
{
    return (
        struct distribution){ .shape = SHAPE_PARETO, .center = (double)least, .spread = 1 / alpha };
}

struct distribution distribution_fit_two(usec p50, usec p99)
{
    return distribution_lognormal(p50, log((double)p99 / (double)p50) / random_normal(0.99));
}

struct distribution distribution_fit_three(usec p50, usec p90, usec p99)
{
    double bend = random_normal(0.9);

    return (struct distribution){ .shape = SHAPE_LOGNORMAL,
                                  .center = log((double)p50),
                                  .spread = log((double)p90 / (double)p50) / bend,
                                  .bend = bend,
                                  .far_spread = log((double)p99 / (double)p90) /
                                                (random_normal(0.99) - bend) };
}

/* Uniform in (0, 1), without its ends, where the normal quantile is infinite. */
static double open_unit(uint64_t bits)
{
    return ((double)(bits >> 12) + 0.5) / (double)(UINT64_C(1) << 52);
}

static double draw_lognormal(const struct distribution *distribution, double deviations)
{
    double bend = distribution->bend;

    if (deviations <= bend)
        return exp(distribution->center + distribution->spread * deviations);
    return exp(distribution->center + distribution->spread * bend +
               distribution->far_spread * (deviations - bend));
}

static double draw(const struct distribution *distribution, double chance)
{
    switch (distribution->shape) {
    case SHAPE_CONSTANT:
        return distribution->center;
    case SHAPE_UNIFORM:
        return distribution->center + distribution->spread * chance;
    case SHAPE_NORMAL:
        return distribution->center + distribution->spread * random_normal(chance);
    case SHAPE_LOGNORMAL:
        return draw_lognormal(distribution, random_normal(chance));
    case SHAPE_EXPONENTIAL:
        return -distribution->center * log1p(-chance);
    case SHAPE_PARETO:
        return distribution->center * pow(1 - chance, -distribution->spread);
    }
    return 0;
}

usec distribution_draw(const struct distribution *distribution, uint64_t bits)
{
    double length = draw(distribution, open_unit(bits));

    if (!(length > 0))
        return 0;
    return length >= (double)DISTRIBUTION_MOST ? DISTRIBUTION_MOST : (usec)llround(length);
}
