/* certs_cache: leaves that were minted, by name and kind; the least recently used goes first. */
#include "net/certs_private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/random.h"

#define KEPT_MOST 1024
#define BUCKETS 1024

struct kept {
    struct list age;
    struct kept *next; /* in the bucket */
    X509 *certificate;
    time_t fresh_until;
    uint64_t hash;
    enum tls_certificate kind;
    size_t length;
    char name[];
};

struct leaf_cache {
    pthread_mutex_t lock;
    struct list ages; /* least recently used first */
    size_t count;
    uint64_t seed; /* names come from strangers */
    atomic_uint_fast64_t minted;
    struct kept *buckets[BUCKETS];
};

struct leaf_cache *leaf_cache_new(void)
{
    struct leaf_cache *cache = memory_take(sizeof *cache);

    pthread_mutex_init(&cache->lock, NULL);
    list_init(&cache->ages);
    cache->seed = random_fresh();
    return cache;
}

static void kept_free(struct kept *kept)
{
    X509_free(kept->certificate);
    free(kept);
}

void leaf_cache_free(struct leaf_cache *cache)
{
    if (!cache)
        return;
    LIST_EACH (&cache->ages)
        kept_free(CONTAINER_OF(node, struct kept, age));
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static void forget(struct leaf_cache *cache, struct kept *kept)
{
    struct kept **at = &cache->buckets[kept->hash % BUCKETS];

    while (*at != kept)
        at = &(*at)->next;
    *at = kept->next;
    list_remove(&kept->age);
    cache->count--;
    kept_free(kept);
}

static uint64_t hash_of(const struct leaf_cache *cache, enum tls_certificate kind, struct text name)
{
    return text_hash(cache->seed + (uint64_t)kind, name);
}

/* Under the lock. */
static struct kept *find(struct leaf_cache *cache, enum tls_certificate kind, struct text name,
                         time_t now)
{
    uint64_t hash = hash_of(cache, kind, name);
    struct kept *kept = cache->buckets[hash % BUCKETS];

    while (kept && (kept->hash != hash || kept->kind != kind ||
                    !text_equal(text_of(kept->name, kept->length), name)))
        kept = kept->next;
    if (kept && kept->fresh_until < now) {
        forget(cache, kept);
        return NULL;
    }
    return kept;
}

X509 *leaf_cache_find(struct leaf_cache *cache, enum tls_certificate kind, struct text name,
                      time_t now)
{
    X509 *certificate = NULL;
    struct kept *kept = NULL;

    pthread_mutex_lock(&cache->lock);
    kept = find(cache, kind, name, now);
    if (kept) {
        list_remove(&kept->age);
        list_insert(&cache->ages, &kept->age);
        certificate = kept->certificate;
        X509_up_ref(certificate);
    }
    pthread_mutex_unlock(&cache->lock);
    return certificate;
}

/* Under the lock. */
static void add(struct leaf_cache *cache, struct kept *kept)
{
    struct kept **bucket = &cache->buckets[kept->hash % BUCKETS];

    if (cache->count == KEPT_MOST)
        forget(cache, CONTAINER_OF(cache->ages.next, struct kept, age));
    kept->next = *bucket;
    *bucket = kept;
    list_insert(&cache->ages, &kept->age);
    cache->count++;
}

void leaf_cache_keep(struct leaf_cache *cache, enum tls_certificate kind, struct text name,
                     X509 *certificate, time_t now, time_t fresh_until)
{
    struct kept *kept = memory_take(sizeof *kept + name.length);

    X509_up_ref(certificate);
    kept->certificate = certificate;
    kept->fresh_until = fresh_until;
    kept->hash = hash_of(cache, kind, name);
    kept->kind = kind;
    kept->length = name.length;
    memcpy(kept->name, name.at, name.length);
    pthread_mutex_lock(&cache->lock);
    if (!find(cache, kind, name, now)) {
        add(cache, kept);
        kept = NULL;
    }
    pthread_mutex_unlock(&cache->lock);
    if (kept)
        kept_free(kept);
}

void leaf_cache_count(struct leaf_cache *cache)
{
    atomic_fetch_add_explicit(&cache->minted, 1, memory_order_relaxed);
}

uint64_t leaf_cache_counted(const struct leaf_cache *cache)
{
    return atomic_load_explicit(&cache->minted, memory_order_relaxed);
}
