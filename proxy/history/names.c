/* names: a hash table of copies; equal hashes of different texts are told apart by the next key. */
#include "history/names.h"

#include <stdlib.h>

/* Where it stands in the table, or could: an item whose text differs has taken another's key. */
static const struct text *look(const struct names *names, struct text text, uint64_t *key)
{
    const struct text *found;

    *key = text_hash(0, text);
    while ((found = map_find(&names->map, *key)) && !text_equal(*found, text))
        ++*key;
    return found;
}

/* Items of the arena carry their number behind them. */
struct item {
    struct text text;
    size_t index;
};

size_t names_find(const struct names *names, struct text text)
{
    uint64_t key;
    const struct text *found = look(names, text, &key);

    return found ? ((const struct item *)(const void *)found)->index : names->most;
}

static size_t add(struct names *names, struct text text, uint64_t key)
{
    struct item *item = ARENA_NEW(&names->arena, struct item);

    if (names->count == names->room) {
        names->room = names->room > 0 ? 2 * names->room : 16;
        names->items = memory_grow(names->items, names->room * sizeof(*names->items));
    }
    *item = (struct item){ arena_copy(&names->arena, text), names->count };
    map_put(&names->map, key, item);
    names->items[names->count] = &item->text;
    return names->count++;
}

size_t names_put(struct names *names, struct text text)
{
    const struct text *found;
    uint64_t key;

    if (names_are_at(names, text))
        return names->last_index;
    found = look(names, text, &key);
    if (!found && names->count == names->most) {
        names->refused++;
        return names->most;
    }
    names->last_index =
        found ? ((const struct item *)(const void *)found)->index : add(names, text, key);
    names->last = names_at(names, names->last_index);
    return names->last_index;
}

void names_clear(struct names *names)
{
    map_free(&names->map);
    free(names->items);
    arena_clear(&names->arena);
    *names = (struct names){ .most = names->most };
}
