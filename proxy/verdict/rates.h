/* rates: how often something happens in a span of the run, second by second. */
#ifndef PANNE_VERDICT_RATES_H
#define PANNE_VERDICT_RATES_H

#include <stdbool.h>

#include "history/history.h"
#include "verdict/statistics.h"

enum rate { RATE_ATTEMPTS, RATE_OK, RATE_FAILED, RATE_CONNECTIONS };

/* Whole seconds within the span (bins of the series, where those are longer). */
struct bins rates_bins(const struct series *series, struct span span, enum rate rate);
/* How many in [begins, ends), to the nearest whole number. */
uint64_t rates_count(const struct series *series, usec begins, usec ends, enum rate rate);
static inline double rates_seconds(struct span span)
{
    return span.begins == NEVER ? 0 : (double)(span.ends - span.begins) / (double)SECOND;
}

/* The series of the scope: of a service, or of all. */
const struct series *rates_series(const struct history *history, uint16_t service);
/* Whether the calm before the first fault says what is usual: 5 s and 50 attempts. Else `because`
 * says what is missing. */
struct finding;
bool rates_calm_is_enough(const struct history *history, uint16_t service, struct finding *finding);

#endif
