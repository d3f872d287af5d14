/* series: what happened when, in bins of equal length that double when there is no more room. */
#ifndef PANNE_HISTORY_SERIES_H
#define PANNE_HISTORY_SERIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

enum { SERIES_BINS_MOST = 1 << 15, LATENCY_BUCKETS = 176 };
#define SERIES_BIN_FIRST (100 * MSEC)

/* Attempts stand where they began; connections where they were opened. */
struct bin {
    uint32_t attempts, ok, failed, retries, touched;
    uint32_t unsafe; /* attempts with unsafe methods */
    uint32_t connections, handshakes, resumed;
    uint32_t slowest;  /* milliseconds, of whole answers */
    uint32_t answered; /* whole answers */
    uint64_t lasted;   /* usec, sum over whole answers */
    uint64_t bytes_up, bytes_down;
};

struct series {
    struct bin *bins;
    size_t count; /* bins in use: the last one is not empty */
    size_t room;
    size_t most; /* bins, if not SERIES_BINS_MOST; a power of two */
    usec width;  /* of a bin: SERIES_BIN_FIRST times a power of two */
    /* The one that was asked for last. */
    usec latest;
    size_t latest_index;
};

/* The bin of a moment, made if need be. Moments before 0 count as 0. */
struct bin *series_find(struct series *series, usec moment);
/* The same, and nearly free for the bin that was asked for last. */
static inline struct bin *series_at(struct series *series, usec moment)
{
    if ((uint64_t)moment - (uint64_t)series->latest < (uint64_t)series->width)
        return &series->bins[series->latest_index];
    return series_find(series, moment);
}
void series_clear(struct series *series);
/* The sum over a span: bins count by the share of them that lies within it. Sums are real numbers
 * for that; slowest is the greatest. */
struct series_sum {
    double attempts, ok, failed, retries, touched, unsafe, connections, handshakes, resumed,
        answered, lasted, bytes_up, bytes_down;
    usec slowest;
};
struct series_sum series_sum(const struct series *series, usec begins, usec ends);

/* Log-linear: 8 buckets to the octave from 1 ms (bucket 0: below) to about 70 minutes. */
size_t latency_bucket(usec latency);
/* The upper end of a bucket: what a quantile in it is said to be. */
usec latency_of(size_t bucket);
/* The smallest latency that a share `q` of them does not exceed; NEVER: there are none. */
usec latency_quantile(const uint32_t buckets[LATENCY_BUCKETS], double q);

#endif
