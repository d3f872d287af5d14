/* distribution: lengths of time drawn from a named shape; a pure function of the bits given. */
#ifndef PANNE_FAULTS_DISTRIBUTION_H
#define PANNE_FAULTS_DISTRIBUTION_H

#include <stdint.h>

#include "base/time.h"

/* No draw is longer, whatever the shape's tail. */
#define DISTRIBUTION_MOST (10 * MINUTE)

enum shape {
    SHAPE_CONSTANT,
    SHAPE_UNIFORM,
    SHAPE_NORMAL,
    SHAPE_LOGNORMAL,
    SHAPE_EXPONENTIAL,
    SHAPE_PARETO,
};

/* Fields are the makers' business. Zero-filled: always 0. */
struct distribution {
    enum shape shape;
    double center; /* constant: the value; uniform: the least; normal: the mean; lognormal: the
                      median's logarithm; exponential: the mean; Pareto: the least */
    double spread; /* uniform: the width; normal: the deviation; lognormal: that of the logarithm;
                      Pareto: 1 / alpha */
    double bend, far_spread; /* lognormal: above `bend` deviations the logarithm's is far_spread */
};

struct distribution distribution_constant(usec length);
/* Every length from least to most alike; least <= most. */
struct distribution distribution_uniform(usec least, usec most);
/* A draw below 0 counts as 0. */
struct distribution distribution_normal(usec mean, usec deviation);
/* Half of the draws are below the median; `sigma` > 0 is the deviation of their natural logarithm.
 */
struct distribution distribution_lognormal(usec median, double sigma);
struct distribution distribution_exponential(usec mean);
/* Of the draws, (least / x)^alpha are above x, and none is below `least`; alpha > 0. */
struct distribution distribution_pareto(usec least, double alpha);
/* The one lognormal with these percentiles; 0 < p50 <= p99. */
struct distribution distribution_fit_two(usec p50, usec p99);
/* Three percentiles are one too many for a lognormal, so two are joined at the middle one: each
 * percentile is met exactly, and the tail goes on as from p90 to p99. 0 < p50 <= p90 <= p99. */
struct distribution distribution_fit_three(usec p50, usec p90, usec p99);

/* Never negative, at most DISTRIBUTION_MOST. */
usec distribution_draw(const struct distribution *distribution, uint64_t bits);

#endif
