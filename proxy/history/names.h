/* names: texts by number, in order of appearance, up to a bound. */
#ifndef PANNE_HISTORY_NAMES_H
#define PANNE_HISTORY_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/text.h"

/* Set `most`, zero the rest. */
struct names {
    struct arena arena;
    struct map map;
    const struct text **items;
    size_t count, room, most;
    uint64_t refused; /* looked up in vain: past the bound */
    struct text last; /* found last, and its number */
    size_t last_index;
};

/* The number of the text, new or known; names->most: no room. Nearly free for the text that was
 * asked for last. */
size_t names_put(struct names *names, struct text text);
/* names->most: not there. */
size_t names_find(const struct names *names, struct text text);
static inline struct text names_at(const struct names *names, size_t index)
{
    return *names->items[index];
}
void names_clear(struct names *names);

#endif
