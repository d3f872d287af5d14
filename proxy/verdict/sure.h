/* sure: how sure a check is of what it says. A failure (and a warning) errs with the alpha that the
 * whole run leaves it; to pass, it is enough that a client at the limit would pass one time in
 * twenty. */
#ifndef PANNE_VERDICT_SURE_H
#define PANNE_VERDICT_SURE_H

#include "verdict/statistics.h"

#define SURE_MISS 0.05
/* Where a few samples would do by the numbers alone, it takes so many nevertheless. */
#define SURE_LEAST 10

/* For an upper limit: `low` with alpha, `high` with SURE_MISS. Both of the same sample. */
static inline struct bound sure_at_most(struct bound strict, struct bound easy)
{
    strict.high = easy.high < strict.high ? easy.high : strict.high;
    return strict;
}

/* For a lower limit: `high` with alpha, `low` with SURE_MISS. */
static inline struct bound sure_at_least(struct bound strict, struct bound easy)
{
    strict.low = easy.low > strict.low ? easy.low : strict.low;
    return strict;
}

/* So many more samples are missing; 0: nobody knows. */
static inline uint64_t sure_missing(uint64_t needed, uint64_t have)
{
    return needed == UINT64_MAX || needed <= have ? 0 : needed - have;
}

#endif
