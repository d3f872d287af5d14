/* rates: counts out of series. */
#include "verdict/rates.h"

#include <math.h>

#include "verdict/finding.h"

#define CALM_LEAST (5 * SECOND)
enum { CALM_FEWEST = 50 };

uint64_t rates_count(const struct series *series, usec begins, usec ends, enum rate rate)
{
    struct series_sum sum = series_sum(series, begins, ends);
    double count = sum.attempts;

    if (rate == RATE_OK)
        count = sum.ok;
    else if (rate == RATE_FAILED)
        count = sum.failed;
    else if (rate == RATE_CONNECTIONS)
        count = sum.connections;
    return count > 0 ? (uint64_t)llround(count) : 0;
}

struct bins rates_bins(const struct series *series, struct span span, enum rate rate)
{
    usec width = usec_max(series->width, SECOND);
    struct bins bins = { 0 };

    if (span.begins == NEVER || series->count == 0)
        return bins;
    for (usec at = span.begins; at + width <= span.ends; at += width)
        bins_add(&bins, rates_count(series, at, at + width, rate), (double)width / (double)SECOND);
    return bins;
}

const struct series *rates_series(const struct history *history, uint16_t service)
{
    const struct history_service *found =
        service == HISTORY_NONE ? NULL : history_service(history, service);

    return found ? found->series : history_series(history);
}

bool rates_calm_is_enough(const struct history *history, uint16_t service, struct finding *finding)
{
    struct span calm = history_calm(history, service);
    uint64_t attempts =
        rates_count(rates_series(history, service), calm.begins, calm.ends, RATE_ATTEMPTS);

    if (calm.ends - calm.begins >= CALM_LEAST && attempts >= CALM_FEWEST)
        return true;
    finding_unclear(finding, attempts < CALM_FEWEST ? CALM_FEWEST - attempts : 0,
                    "%.3g s and %llu requests before the first fault do not say what is usual: it "
                    "takes 5 s and 50",
                    rates_seconds(calm), (unsigned long long)attempts);
    return false;
}
