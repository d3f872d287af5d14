/* statistics_parts: what the files statistics*.c share. */
#ifndef PANNE_VERDICT_STATISTICS_PARTS_H
#define PANNE_VERDICT_STATISTICS_PARTS_H

#include "verdict/statistics.h"

/* alpha within its bounds; NaN becomes the least. */
double alpha_within(double alpha);
/* part / whole, where 0 / 0 is `none` and anything else over 0 is HUGE_VAL. Not negative. */
double quotient(double part, double whole, double none);
/* A number that was computed, as a count; UINT64_MAX where it is too large for one. */
uint64_t count_from(double number);

/* The ends of statistics_share, for numbers of samples that need not be whole. */
double share_low(double hits, double n, double alpha);
double share_high(double hits, double n, double alpha);

/* The least n, from `from` >= 1 on and to within 1 %, that tells; UINT64_MAX where 10^9 do not. */
uint64_t least_that_tells(uint64_t from, bool (*tells)(const void *question, double n),
                          const void *question);

#endif
