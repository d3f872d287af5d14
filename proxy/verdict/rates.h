/* rates: how often something happens in a span of the run, second by second. */
#ifndef PANNE_VERDICT_RATES_H
#define PANNE_VERDICT_RATES_H

#include <stdbool.h>

#include "history/history.h"
#include "verdict/statistics.h"

enum rate { RATE_ATTEMPTS, RATE_OK, RATE_FAILED, RATE_CONNECTIONS };

/* What one bin is as long as: a second (or as long as those of the series). */
usec rates_width(const struct series *series);
/* The whole bins of the series within the span: what begins between two counts for neither. */
struct span rates_aligned(const struct series *series, struct span span);
/* Whole seconds within the span. */
struct bins rates_bins(const struct series *series, struct span span, enum rate rate);
/* Variance over mean of the counts: how many events come at once; at least 1. */
double rates_clumps(const struct bins *bins);
/* How many in [begins, ends), to the nearest whole number. */
uint64_t rates_count(const struct series *series, usec begins, usec ends, enum rate rate);
static inline double rates_seconds(struct span span)
{
    return span.begins == NEVER ? 0 : (double)(span.ends - span.begins) / (double)SECOND;
}

/* The series of the scope: of a service, or of all. */
const struct series *rates_series(const struct history *history, uint16_t service);
/* Whether the calm before the first fault says what is usual: 20 s, so that bursts can be told from
 * a trend, and 50 attempts. Else `because` says what is missing. */
struct finding;
bool rates_calm_is_enough(const struct history *history, uint16_t service, struct finding *finding);

#endif
