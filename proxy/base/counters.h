/* counters: a bounded table of counts that several threads raise at once. */
#ifndef PANNE_BASE_COUNTERS_H
#define PANNE_BASE_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

struct counters;

/* Room for about `slots` keys (a power of two, 16 bytes each, mapped lazily). Never NULL. */
struct counters *counters_new(size_t slots);
void counters_free(struct counters *counters);

/* Adds one to the key's count and returns the count before that: 0, 1, 2, … Lock-free. A key that
 * finds no room shares a count with others of its kind (same low bits) and is counted in
 * counters_crowded: still the same answers for the same order of questions, but no longer per key.
 * Key 0 is treated as 1. */
uint64_t counters_next(struct counters *counters, uint64_t key);
/* The key's word itself, 0 at first, for uses other than counting; one shared with others where the
 * table is full, as above. Never NULL, and lives as long as the table. */
_Atomic uint64_t *counters_slot(struct counters *counters, uint64_t key);
/* How many calls found no room. */
uint64_t counters_crowded(const struct counters *counters);

#endif
