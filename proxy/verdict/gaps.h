/* gaps: the pauses that a client made of its own accord before its retries, of a fixed number of
 * operations drawn from all. A pause after an answer that asked to wait is not its own, unless the
 * client does not listen to that; and one that overlaps the attempt before is none. */
#ifndef PANNE_VERDICT_GAPS_H
#define PANNE_VERDICT_GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/operation.h"
#include "verdict/finding.h"

enum { GAP_INDICES = 8, GAP_ROWS = 1024 };

/* Seconds that may pass between an answer and the next request where nobody waits, on a busy
 * machine: a shorter gap may be none. And what passes in any case. */
#define GAP_AT_ONCE 0.02
#define GAP_LEAST 0.005

struct gap_row {
    uint32_t client;
    uint16_t service;
    bool has[GAP_INDICES];
    float gaps[GAP_INDICES]; /* seconds; before retry 1, 2, … */
};

/* Zero-fill to start. */
struct gaps {
    uint64_t seen;            /* operations with the gaps asked for */
    uint64_t failed, gave_up; /* operations: an attempt of them failed; all did, to the end */
    uint64_t asked;           /* operations with a retry after an answer that asked to wait */
    uint64_t retried, tied;   /* operations of several attempts; … by markers */
    struct gap_row rows[GAP_ROWS];
};

/* Keeps the operation's gaps if there are at least so many of the client's own. */
void gaps_take(struct gaps *gaps, const struct operation *operation, unsigned least);
size_t gaps_rows(const struct gaps *gaps);
/* Is the gap before step `index` (from 1) the client's own? */
bool gap_own(const struct operation *operation, uint32_t index);
/* The share of operations of several attempts that were tied by markers, as in a finding. */
double gaps_grouped(const struct gaps *gaps);
/* The column's gaps, from 0, in seconds, in ascending order; shorter ones count as `least`. `out`
 * has room for GAP_ROWS. */
size_t gaps_column(const struct gaps *gaps, unsigned column, double least, double *out);
void gaps_sort(double *values, size_t count);
/* 0 where there are none. In ascending order. */
double gaps_median(const double *sorted, size_t count);

/* Adds the operation, with its first gaps. */
void gaps_prove(struct proofs *proofs, const struct operation *operation);
/* Did nothing fail (inconclusive), or was nothing tried again (pass)? Then the finding says so, and
 * it is true. */
bool gaps_idle(const struct gaps *gaps, struct finding *finding);

/* A length of time in words, to three digits: `12 ms`, `1.05 s`. */
struct gap_words {
    char text[24];
};
struct gap_words gap_words(double seconds);

#endif
