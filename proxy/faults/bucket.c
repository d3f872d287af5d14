/* bucket: a link of a fixed bandwidth that any number of streams and threads share, in one word. */
#include "faults/bucket.h"

#include <stdatomic.h>

/* The word is the moment from which the link is free, in nanoseconds behind this one, which lies
 * before all others by more than the longest burst lasts. */
#define EPOCH (UINT64_C(1) << 62)
#define NANOSECONDS UINT64_C(1000000000)

/* Rounded up: never too fast. Exact to the nanosecond: bytes are at most BUCKET_BURST_MOST. */
static uint64_t duration_of(uint64_t bytes, uint64_t rate)
{
    return (bytes * NANOSECONDS + rate - 1) / rate;
}

usec bucket_take(_Atomic uint64_t *bucket, uint64_t rate, uint64_t burst, uint64_t bytes,
                 usec since)
{
    uint64_t start = EPOCH + (uint64_t)since * 1000 - duration_of(burst, rate);
    uint64_t lasts = duration_of(bytes, rate);
    uint64_t free = atomic_load_explicit(bucket, memory_order_relaxed);
    uint64_t end;

    do {
        end = (free > start ? free : start) + lasts;
    } while (!atomic_compare_exchange_weak_explicit(bucket, &free, end, memory_order_relaxed,
                                                    memory_order_relaxed));
    return end > EPOCH ? (usec)((end - EPOCH + 999) / 1000) : 0;
}
