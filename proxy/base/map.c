/* map: open addressing with linear probing; what is taken closes the gap it leaves. */
#include "base/map.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/random.h"

#define FEWEST 16u

struct map_slot {
    uint64_t key;
    void *value; /* NULL: free */
};

void map_free(struct map *map)
{
    free(map->slots);
    *map = (struct map){ 0 };
}

static size_t home_of(const struct map *map, uint64_t key)
{
    return (size_t)random_mix(key) & map->mask;
}

/* Where the key is, or would be put. There is always a free slot. */
static struct map_slot *find_slot(const struct map *map, uint64_t key)
{
    size_t at = home_of(map, key);

    while (map->slots[at].value && map->slots[at].key != key)
        at = (at + 1) & map->mask;
    return &map->slots[at];
}

void *map_find(const struct map *map, uint64_t key)
{
    return map->count > 0 ? find_slot(map, key)->value : NULL;
}

/* At most half of the slots are in use. */
static void grow(struct map *map)
{
    struct map old = *map;
    size_t slots = old.slots ? 2 * (old.mask + 1) : FEWEST;

    map->slots = memory_take(slots * sizeof *map->slots);
    map->mask = slots - 1;
    for (size_t i = 0; old.slots && i <= old.mask; i++)
        if (old.slots[i].value)
            *find_slot(map, old.slots[i].key) = old.slots[i];
    free(old.slots);
}

void map_put(struct map *map, uint64_t key, void *value)
{
    struct map_slot *slot;

    if (!map->slots || 2 * (map->count + 1) > map->mask + 1)
        grow(map);
    slot = find_slot(map, key);
    map->count += slot->value == NULL;
    *slot = (struct map_slot){ key, value };
}

/* What stands behind a gap moves into it, unless that were before its home. */
static void close_gap(struct map *map, size_t gap)
{
    for (size_t at = (gap + 1) & map->mask; map->slots[at].value; at = (at + 1) & map->mask) {
        size_t home = home_of(map, map->slots[at].key);

        if (((at - home) & map->mask) < ((at - gap) & map->mask))
            continue;
        map->slots[gap] = map->slots[at];
        gap = at;
    }
    map->slots[gap].value = NULL;
}

void *map_take(struct map *map, uint64_t key)
{
    struct map_slot *slot = map->count > 0 ? find_slot(map, key) : NULL;
    void *value = slot ? slot->value : NULL;

    if (!value)
        return NULL;
    map->count--;
    close_gap(map, (size_t)(slot - map->slots));
    return value;
}

void *map_at(const struct map *map, size_t slot)
{
    return map->slots ? map->slots[slot].value : NULL;
}
