/* kept: a table of answers by key, and a list of them by when they were last asked for. */
#include "serve/kept.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/random.h"

/* With all that it holds in one piece of memory. */
struct entry {
    struct list node; /* by use, the latest at the end */
    struct entry *next;
    uint64_t hash;
    size_t size;
    struct text key;
    struct kept_answer answer;
};

struct kept {
    pthread_mutex_t lock;
    struct list by_use;
    struct entry **buckets;
    size_t mask, count, entries, bytes, limit;
    uint64_t salt;
};

struct kept *kept_new(size_t entries, size_t bytes)
{
    struct kept *kept = memory_take(sizeof *kept);
    size_t buckets = 16;

    while (buckets < entries)
        buckets *= 2;
    pthread_mutex_init(&kept->lock, NULL);
    list_init(&kept->by_use);
    kept->buckets = memory_take(buckets * sizeof(struct entry *));
    kept->mask = buckets - 1;
    kept->entries = entries;
    kept->limit = bytes;
    kept->salt = random_fresh();
    return kept;
}

static struct entry **find(struct kept *kept, struct text key, uint64_t hash)
{
    struct entry **place = &kept->buckets[hash & kept->mask];

    while (*place && ((*place)->hash != hash || !text_equal((*place)->key, key)))
        place = &(*place)->next;
    return place;
}

static void drop(struct kept *kept, struct entry **place)
{
    struct entry *entry = *place;

    *place = entry->next;
    list_remove(&entry->node);
    kept->count--;
    kept->bytes -= entry->size;
    free(entry);
}

static void make_room(struct kept *kept, size_t size)
{
    while (kept->count == kept->entries || kept->limit - kept->bytes < size) {
        struct entry *oldest = (struct entry *)(void *)kept->by_use.next;

        drop(kept, find(kept, oldest->key, oldest->hash));
    }
}

void kept_free(struct kept *kept)
{
    if (!kept)
        return;
    LIST_EACH (&kept->by_use)
        free(node);
    pthread_mutex_destroy(&kept->lock);
    free(kept->buckets);
    free(kept);
}

static size_t size_of(struct text key, const struct kept_answer *answer)
{
    size_t size = sizeof(struct entry) + answer->fields.count * sizeof(struct field_pair);

    for (size_t i = 0; i < answer->fields.count; i++)
        size += answer->fields.items[i].name.length + answer->fields.items[i].value.length;
    return size + key.length + answer->reason.length + answer->body.length;
}

static struct text copy(char **next, struct text text)
{
    struct text made = { *next, text.length };

    if (text.length > 0)
        memcpy(*next, text.at, text.length);
    *next += text.length;
    return made;
}

static struct entry *new_entry(struct text key, const struct kept_answer *answer, size_t size)
{
    struct entry *entry = memory_take(size);
    size_t count = answer->fields.count;
    struct field_pair *items = (struct field_pair *)(entry + 1);
    char *next = (char *)(items + count);

    entry->size = size;
    entry->key = copy(&next, key);
    entry->answer = *answer;
    entry->answer.reason = copy(&next, answer->reason);
    entry->answer.body = copy(&next, answer->body);
    for (size_t i = 0; i < count; i++) {
        items[i].name = copy(&next, answer->fields.items[i].name);
        items[i].value = copy(&next, answer->fields.items[i].value);
    }
    entry->answer.fields = (struct field_pairs){ items, count };
    return entry;
}

void kept_put(struct kept *kept, struct text key, const struct kept_answer *answer)
{
    size_t size = size_of(key, answer);
    struct entry *entry, **place;

    if (size > kept->limit || kept->entries == 0)
        return;
    entry = new_entry(key, answer, size);
    entry->hash = text_hash(kept->salt, key);
    pthread_mutex_lock(&kept->lock);
    place = find(kept, key, entry->hash);
    if (*place)
        drop(kept, place);
    make_room(kept, size);
    place = &kept->buckets[entry->hash & kept->mask];
    entry->next = *place;
    *place = entry;
    list_insert(&kept->by_use, &entry->node);
    kept->count++;
    kept->bytes += size;
    pthread_mutex_unlock(&kept->lock);
}

static void lend(const struct kept_answer *from, struct arena *arena, struct kept_answer *answer)
{
    struct field_pair *items = ARENA_ARRAY(arena, struct field_pair, from->fields.count + 1);

    *answer = *from;
    answer->reason = arena_copy(arena, from->reason);
    answer->body = arena_copy(arena, from->body);
    for (size_t i = 0; i < from->fields.count; i++) {
        items[i].name = arena_copy(arena, from->fields.items[i].name);
        items[i].value = arena_copy(arena, from->fields.items[i].value);
    }
    answer->fields.items = items;
}

bool kept_find(struct kept *kept, struct text key, struct arena *arena, struct kept_answer *answer)
{
    struct entry *entry;

    pthread_mutex_lock(&kept->lock);
    entry = *find(kept, key, text_hash(kept->salt, key));
    if (entry) {
        list_remove(&entry->node);
        list_insert(&kept->by_use, &entry->node);
        lend(&entry->answer, arena, answer);
    }
    pthread_mutex_unlock(&kept->lock);
    return entry != NULL;
}

size_t kept_count(struct kept *kept, size_t *bytes)
{
    size_t count;

    pthread_mutex_lock(&kept->lock);
    count = kept->count;
    *bytes = kept->bytes;
    pthread_mutex_unlock(&kept->lock);
    return count;
}
