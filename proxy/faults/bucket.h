/* bucket: a link of a fixed bandwidth that any number of streams and threads share, in one word. */
#ifndef PANNE_FAULTS_BUCKET_H
#define PANNE_FAULTS_BUCKET_H

#include <stdint.h>

#include "base/time.h"

/* Bounds that keep the arithmetic exact. */
#define BUCKET_RATE_MOST ((uint64_t)100 << 30)
#define BUCKET_BURST_MOST ((uint64_t)1 << 30)

/* Takes the link for `bytes` (at most 1 MiB) that have waited for it since `since`: `rate` bytes
 * per second (1 to BUCKET_RATE_MOST), and up to `burst` more (at most BUCKET_BURST_MOST) after
 * enough idle time. Gives the moment when the last of them is through; what leaves no earlier than
 * that never exceeds the rate. Whoever comes late loses nothing, since it counts from `since`. The
 * word starts at 0; lock-free. */
usec bucket_take(_Atomic uint64_t *bucket, uint64_t rate, uint64_t burst, uint64_t bytes,
                 usec since);

#endif
