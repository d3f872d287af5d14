/* ring: how records lie in the circle, and who may write which index. */
#include "observe/ring.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"

enum {
    CACHE_LINE = 64,
    LEAST_BYTES = 4096,
    HEADER = sizeof(uint64_t), /* a record's length, or WRAP */
};

/* Stands where a record would not have fitted before the end: go on at the beginning. */
#define WRAP UINT64_MAX

/* Positions only grow; `& mask` makes them places. Each side's fields have a line of their own, and
 * each side looks at the other's index only when its copy says that it must wait. */
struct ring {
    char *bytes;
    size_t size, mask;

    _Alignas(CACHE_LINE) atomic_size_t end; /* of what is shown to the reader */
    size_t reserved;                        /* where the reserved record starts */
    size_t known_start;

    _Alignas(CACHE_LINE) atomic_size_t start; /* of what has not been dropped */
    size_t known_end;
};

static size_t aligned(size_t length)
{
    return (length + 7) & ~(size_t)7;
}

struct ring *ring_new(size_t bytes)
{
    struct ring *ring = aligned_alloc(CACHE_LINE, sizeof *ring);
    size_t size = LEAST_BYTES;

    if (!ring)
        memory_exhausted();
    while (size < bytes)
        size *= 2;
    ring->bytes = memory_take(size);
    ring->size = size;
    ring->mask = size - 1;
    atomic_init(&ring->end, 0);
    atomic_init(&ring->start, 0);
    ring->reserved = ring->known_start = ring->known_end = 0;
    return ring;
}

void ring_free(struct ring *ring)
{
    if (!ring)
        return;
    free(ring->bytes);
    free(ring);
}

size_t ring_longest(const struct ring *ring)
{
    /* Half of the ring may be wasted before the end. */
    return ring->size / 2 - HEADER;
}

static void write_header(struct ring *ring, size_t position, uint64_t header)
{
    memcpy(ring->bytes + (position & ring->mask), &header, HEADER);
}

static uint64_t read_header(const struct ring *ring, size_t position)
{
    uint64_t header;

    memcpy(&header, ring->bytes + (position & ring->mask), HEADER);
    return header;
}

char *ring_reserve(struct ring *ring, size_t length)
{
    size_t end = atomic_load_explicit(&ring->end, memory_order_relaxed);
    size_t before_wrap = ring->size - (end & ring->mask);
    size_t need = HEADER + aligned(length);
    size_t skipped = need > before_wrap ? before_wrap : 0;

    if (length > ring_longest(ring))
        return NULL;
    if (end + skipped + need - ring->known_start > ring->size) {
        ring->known_start = atomic_load_explicit(&ring->start, memory_order_acquire);
        if (end + skipped + need - ring->known_start > ring->size)
            return NULL;
    }
    if (skipped > 0)
        write_header(ring, end, WRAP);
    ring->reserved = end + skipped;
    return ring->bytes + (ring->reserved & ring->mask) + HEADER;
}

void ring_commit(struct ring *ring, size_t length)
{
    write_header(ring, ring->reserved, length);
    /* Sequentially consistent, as whoever puts next asks whether the reader sleeps, and the reader
     * looks here after it has said that it does: one of the two must see the other. */
    atomic_store(&ring->end, ring->reserved + HEADER + aligned(length));
}

/* Where the oldest record starts, WRAP skipped; false for an empty ring. */
static bool find_front(struct ring *ring, size_t *position)
{
    size_t start = atomic_load_explicit(&ring->start, memory_order_relaxed);

    if (start == ring->known_end) {
        ring->known_end = atomic_load(&ring->end);
        if (start == ring->known_end)
            return false;
    }
    if (read_header(ring, start) == WRAP)
        start += ring->size - (start & ring->mask);
    *position = start;
    return true;
}

struct text ring_front(struct ring *ring)
{
    size_t position;

    if (!find_front(ring, &position))
        return text_of(NULL, 0);
    return text_of(ring->bytes + (position & ring->mask) + HEADER,
                   (size_t)read_header(ring, position));
}

void ring_drop(struct ring *ring)
{
    size_t position = 0;
    bool found = find_front(ring, &position);

    assert(found);
    if (found)
        atomic_store_explicit(&ring->start,
                              position + HEADER + aligned((size_t)read_header(ring, position)),
                              memory_order_release);
}
