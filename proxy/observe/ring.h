/* ring: records of any length from one thread to another, in order, bounded, without locks. */
#ifndef PANNE_OBSERVE_RING_H
#define PANNE_OBSERVE_RING_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/text.h"

struct ring;

/* `bytes` is rounded up to a power of two, at least 4 KiB. Memory is touched as it is used. */
struct ring *ring_new(size_t bytes);
void ring_free(struct ring *ring);

/* The longest record that is sure to fit into an empty ring. */
size_t ring_longest(const struct ring *ring);

/* The one thread that puts. Room for `length` bytes in one piece, aligned to 8, or NULL if the
 * reader has not made enough yet; asking again forgets the first answer. */
MUST_USE char *ring_reserve(struct ring *ring, size_t length);
/* Shows the reader the first `length` bytes of what was reserved. */
void ring_commit(struct ring *ring, size_t length);

/* The one thread that takes. The oldest record, lent until ring_drop; `at` NULL: none. */
struct text ring_front(struct ring *ring);
void ring_drop(struct ring *ring);

#endif
