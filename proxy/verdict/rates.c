/* rates: counts out of series. */
#include "verdict/rates.h"

#include <math.h>

#include "verdict/finding.h"

enum { CALM_LEAST = 20, CALM_FEWEST = 50 };

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

usec rates_width(const struct series *series)
{
    return usec_max(series->width, SECOND);
}

struct span rates_aligned(const struct series *series, struct span span)
{
    usec width = usec_max(series->width, 1);

    if (span.begins == NEVER || span.ends == NEVER)
        return (struct span){ NEVER, NEVER };
    span.begins = (span.begins + width - 1) / width * width;
    span.ends = usec_max(span.ends / width * width, span.begins);
    return span;
}

struct bins rates_bins(const struct series *series, struct span span, enum rate rate)
{
    usec width = rates_width(series);
    struct bins bins = { 0 };

    span = rates_aligned(series, span);
    if (span.begins == NEVER)
        return bins;
    while ((span.ends - span.begins) / width > SERIES_BINS_MOST)
        width *= 2;
    for (usec at = span.begins; at + width <= span.ends; at += width)
        bins_add(&bins, rates_count(series, at, at + width, rate), (double)width / (double)SECOND);
    return bins;
}

double rates_clumps(const struct bins *bins)
{
    return fmax(statistics_fano(bins).value, 1);
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
    struct bins bins = rates_bins(rates_series(history, service), calm, RATE_ATTEMPTS);

    if (bins.bins >= CALM_LEAST && bins.total >= CALM_FEWEST)
        return true;
    finding_unclear(finding, bins.total < CALM_FEWEST ? CALM_FEWEST - bins.total : 0,
                    "%.3g s and %llu requests before the first fault do not say what is usual: it "
                    "takes 20 s and 50",
                    rates_seconds(calm), (unsigned long long)bins.total);
    return false;
}
