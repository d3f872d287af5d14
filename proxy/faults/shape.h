/* shape: which distribution the given parameters describe. */
#ifndef PANNE_FAULTS_SHAPE_H
#define PANNE_FAULTS_SHAPE_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "faults/distribution.h"

/* What users may give; 0: not given. */
struct shape_params {
    usec delay;
    usec p50, p90, p99;
    usec least, most;
    usec mean, deviation;
    usec median;
    double sigma, alpha;
};

/* Each shape has a set of parameters of its own, so those that are given tell which one is meant.
 * False with a complaint where they describe none. */
MUST_USE bool shape_fit(const struct shape_params *given, struct distribution *distribution,
                        struct buffer *complaint);

#endif
