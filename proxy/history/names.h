/* names: texts by number, in order of appearance, up to a bound. */
#ifndef PANNE_HISTORY_NAMES_H
#define PANNE_HISTORY_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

/* Is it the text that was asked for last? Without a call for what nearly all names are, of 4 to 16
 * bytes. */
static inline bool names_are_at(const struct names *names, struct text text)
{
    const char *a = names->last.at, *b = text.at;
    size_t length = text.length;
    uint64_t words[4] = { 0 };

    if (length != names->last.length || names->count == 0)
        return false;
    if (length < 4 || length > 16)
        return length == 0 || memcmp(a, b, length) == 0;
    if (length >= 8) {
        memcpy(&words[0], a, 8);
        memcpy(&words[1], b, 8);
        memcpy(&words[2], a + length - 8, 8);
        memcpy(&words[3], b + length - 8, 8);
    } else {
        memcpy(&words[0], a, 4);
        memcpy(&words[1], b, 4);
        memcpy(&words[2], a + length - 4, 4);
        memcpy(&words[3], b + length - 4, 4);
    }
    return words[0] == words[1] && words[2] == words[3];
}
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
