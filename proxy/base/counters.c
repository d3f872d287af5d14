/* counters: how threads find, claim and raise a count without a lock. */
#include "base/counters.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/arena.h"
#include "base/random.h"

enum {
    PROBES = 16, /* slots that a key may live in: four cache lines */
    SHARED = 1024,
};

/* A slot is claimed once, by its key, and never given back. */
struct slot {
    _Atomic uint64_t key, count; /* key 0: free */
};

struct counters {
    struct slot *slots;
    size_t mask;
    _Atomic uint64_t crowded;
    _Atomic uint64_t shared[SHARED];
};

struct counters *counters_new(size_t slots)
{
    struct counters *counters = memory_take(sizeof(*counters));
    size_t count = PROBES;
    void *mapped;

    while (count < slots && count <= SIZE_MAX / sizeof(struct slot) / 4)
        count *= 2;
    mapped = mmap(NULL, count * sizeof(struct slot), PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED)
        memory_exhausted();
    counters->slots = mapped;
    counters->mask = count - 1;
    return counters;
}

void counters_free(struct counters *counters)
{
    if (!counters)
        return;
    munmap(counters->slots, (counters->mask + 1) * sizeof(struct slot));
    free(counters);
}

/* Whether the slot is the key's, if need be from now on. */
static bool slot_claim(struct slot *slot, uint64_t key)
{
    uint64_t owner = atomic_load_explicit(&slot->key, memory_order_relaxed);

    if (owner == 0 && atomic_compare_exchange_strong_explicit(
                          &slot->key, &owner, key, memory_order_relaxed, memory_order_relaxed))
        return true;
    return owner == key;
}

_Atomic uint64_t *counters_slot(struct counters *counters, uint64_t key)
{
    size_t start;

    key += key == 0;
    start = (size_t)random_mix(key);
    for (size_t i = 0; i < PROBES; i++) {
        struct slot *slot = &counters->slots[(start + i) & counters->mask];

        if (slot_claim(slot, key))
            return &slot->count;
    }
    atomic_fetch_add_explicit(&counters->crowded, 1, memory_order_relaxed);
    return &counters->shared[key % SHARED];
}

/* Relaxed order is enough: a count guards no other memory, and each is raised by one indivisible
 * step. */
uint64_t counters_next(struct counters *counters, uint64_t key)
{
    return atomic_fetch_add_explicit(counters_slot(counters, key), 1, memory_order_relaxed);
}

uint64_t counters_crowded(const struct counters *counters)
{
    return atomic_load_explicit(&counters->crowded, memory_order_relaxed);
}
