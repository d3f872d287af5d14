/* map: finds pointers by numbers. */
#ifndef PANNE_BASE_MAP_H
#define PANNE_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

/* Zero-fill to start. Grows; what it points to is not its own. */
struct map {
    struct map_slot *slots;
    size_t count, mask; /* mask: slots less one; 0: none yet */
};

void map_free(struct map *map);
/* NULL where there is none. */
void *map_find(const struct map *map, uint64_t key);
/* In place of what was there. `value` is not NULL. */
void map_put(struct map *map, uint64_t key, void *value);
/* Returns what was there, or NULL. */
void *map_take(struct map *map, uint64_t key);
/* The value in the slot, NULL for a free one; slots are 0 to mask. For going through all of them,
 * as long as nothing is put or taken. */
void *map_at(const struct map *map, size_t slot);

#endif
