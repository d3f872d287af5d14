/* Moments and durations: microseconds, always. Where they come from is the caller's business. */
#ifndef PANNE_BASE_TIME_H
#define PANNE_BASE_TIME_H

#include <stdint.h>

/* A moment (CLOCK_MONOTONIC, or a run's own clock that starts at 0), or a length of time. */
typedef int64_t usec;

#define MSEC ((usec)1000)
#define SECOND ((usec)1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

/* Later than everything. */
#define NEVER INT64_MAX

static inline usec usec_min(usec a, usec b)
{
    return a < b ? a : b;
}

static inline usec usec_max(usec a, usec b)
{
    return a > b ? a : b;
}

/* `moment` + `length` without overflow; NEVER stays NEVER. */
static inline usec usec_after(usec moment, usec length)
{
    return length >= NEVER - moment ? NEVER : moment + length;
}

#endif
