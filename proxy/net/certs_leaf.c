/* certs_leaf: a certificate for any host, minted when first asked for and kept. */
#include "net/certs_private.h"

#include <arpa/inet.h>
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <openssl/err.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/random.h"

#define KEPT_MOST 1024
#define BUCKETS 1024
#define LIFETIME (30 * CERTS_DAY)
#define NAME_MOST 253 /* RFC 1035 2.3.4, as text */
#define LABEL_MOST 63

struct kept {
    struct list age;
    struct kept *next; /* in the bucket */
    X509 *certificate;
    time_t fresh_until;
    uint64_t hash;
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

/* A name as it goes into a certificate. */
struct host {
    char name[NAME_MOST + 1]; /* in lower case, without brackets or a final dot */
    size_t length;
    unsigned char address[16];
    int address_length; /* 0: a DNS name */
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

static bool is_label_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
           byte == '_';
}

/* Letters, digits, hyphens, and the underscores that people do use; labels of 1 to 63. */
static bool is_dns_name(const struct host *host)
{
    size_t label = 0;

    for (size_t i = 0; i < host->length; i++) {
        if (host->name[i] == '.') {
            if (label == 0)
                return false;
            label = 0;
        } else if (!is_label_byte(host->name[i]) || ++label > LABEL_MOST) {
            return false;
        }
    }
    return label > 0;
}

static bool host_read(struct text name, struct host *host)
{
    if (name.length >= 2 && name.at[0] == '[' && name.at[name.length - 1] == ']')
        name = text_of(name.at + 1, name.length - 2);
    else if (name.length > 1 && name.at[name.length - 1] == '.')
        name.length--;
    if (name.length == 0 || name.length > NAME_MOST)
        return false;
    for (size_t i = 0; i < name.length; i++) {
        char byte = name.at[i];
        if (byte == '\0')
            return false;
        host->name[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte + 'a' - 'A') : byte;
    }
    host->name[name.length] = '\0';
    host->length = name.length;
    host->address_length = 0;
    if (inet_pton(AF_INET, host->name, host->address) == 1)
        host->address_length = 4;
    else if (inet_pton(AF_INET6, host->name, host->address) == 1)
        host->address_length = 16;
    return host->address_length > 0 || is_dns_name(host);
}

static bool set_name(GENERAL_NAME *general, const struct host *host)
{
    bool is_address = host->address_length > 0;
    ASN1_STRING *value = ASN1_STRING_type_new(is_address ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
    const void *bytes = is_address ? (const void *)host->address : host->name;
    int length = is_address ? host->address_length : (int)host->length;

    if (!value || ASN1_STRING_set(value, bytes, length) != 1) {
        ASN1_STRING_free(value);
        return false;
    }
    GENERAL_NAME_set0_value(general, is_address ? GEN_IPADD : GEN_DNS, value);
    return true;
}

/* Critical because the subject is empty (RFC 5280 4.2.1.6). */
static bool add_names(X509 *certificate, const struct host *host)
{
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    GENERAL_NAME *general = GENERAL_NAME_new();
    bool done = false;

    if (names && general && sk_GENERAL_NAME_push(names, general) > 0) {
        done = set_name(general, host) &&
               certificate_add(certificate, NID_subject_alt_name, true, names);
        general = NULL;
    }
    GENERAL_NAME_free(general);
    sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
    return done;
}

static bool add_purpose(X509 *certificate)
{
    EXTENDED_KEY_USAGE *purposes = sk_ASN1_OBJECT_new_null();
    bool done = purposes && sk_ASN1_OBJECT_push(purposes, OBJ_nid2obj(NID_server_auth)) > 0 &&
                certificate_add(certificate, NID_ext_key_usage, false, purposes);

    sk_ASN1_OBJECT_free(purposes);
    return done;
}

static X509 *mint(struct certs *certs, const struct host *host, time_t now, time_t *fresh_until)
{
    static const int usage[] = { 0, -1 }; /* digitalSignature: all that ECDHE with ECDSA needs */
    time_t from = now - CERTS_HOUR > certs->from ? now - CERTS_HOUR : certs->from;
    time_t until = from + LIFETIME - 1;
    X509 *certificate = NULL;

    *fresh_until = until - CERTS_DAY;
    if (until >= certs->until)
        *fresh_until = until = certs->until; /* minting again would not make it longer */
    certificate = certificate_start(certs->leaf_key, from, until);
    if (certificate &&
        X509_set_issuer_name(certificate, X509_get_subject_name(certs->authority)) == 1 &&
        certificate_add_basic_constraints(certificate, false) &&
        certificate_add_key_usage(certificate, usage) && add_purpose(certificate) &&
        certificate_add_key_ids(certificate, certs->leaf_key_id,
                                X509_get0_subject_key_id(certs->authority)) &&
        add_names(certificate, host)) {
        atomic_fetch_add_explicit(&certs->cache->minted, 1, memory_order_relaxed);
        return certificate_finish(certificate, certs->authority_key);
    }
    X509_free(certificate);
    return NULL;
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

/* A reference for the caller, or NULL. Under the lock. */
static X509 *find(struct leaf_cache *cache, const struct host *host, uint64_t hash, time_t now)
{
    struct kept *kept = cache->buckets[hash % BUCKETS];

    while (kept && (kept->hash != hash || kept->length != host->length ||
                    memcmp(kept->name, host->name, host->length) != 0))
        kept = kept->next;
    if (!kept)
        return NULL;
    if (kept->fresh_until < now) {
        forget(cache, kept);
        return NULL;
    }
    list_remove(&kept->age);
    list_insert(&cache->ages, &kept->age);
    X509_up_ref(kept->certificate);
    return kept->certificate;
}

/* Under the lock; takes a reference of its own. */
static void keep(struct leaf_cache *cache, const struct host *host, uint64_t hash,
                 X509 *certificate, time_t fresh_until)
{
    struct kept *kept = memory_take(sizeof *kept + host->length);

    if (cache->count == KEPT_MOST)
        forget(cache, CONTAINER_OF(cache->ages.next, struct kept, age));
    X509_up_ref(certificate);
    kept->certificate = certificate;
    kept->fresh_until = fresh_until;
    kept->hash = hash;
    kept->length = host->length;
    memcpy(kept->name, host->name, host->length);
    kept->next = cache->buckets[hash % BUCKETS];
    cache->buckets[hash % BUCKETS] = kept;
    list_insert(&cache->ages, &kept->age);
    cache->count++;
}

bool certs_leaf(struct certs *certs, struct text name, struct leaf *leaf)
{
    struct leaf_cache *cache = certs->cache;
    struct host host;
    X509 *certificate = NULL, *other = NULL;
    time_t now = time(NULL), fresh_until = 0;
    uint64_t hash = 0;

    if (!host_read(name, &host))
        return false;
    hash = text_hash(cache->seed, text_of(host.name, host.length));
    pthread_mutex_lock(&cache->lock);
    certificate = find(cache, &host, hash, now);
    pthread_mutex_unlock(&cache->lock);
    if (!certificate) {
        /* Not under the lock: other threads' names need not wait for this one. */
        certificate = mint(certs, &host, now, &fresh_until);
        if (!certificate) {
            ERR_clear_error();
            return false;
        }
        pthread_mutex_lock(&cache->lock);
        other = find(cache, &host, hash, now);
        if (!other)
            keep(cache, &host, hash, certificate, fresh_until);
        pthread_mutex_unlock(&cache->lock);
        X509_free(other);
    }
    *leaf = (struct leaf){ certificate, certs->leaf_key, certs->authority };
    return true;
}

void certs_leaf_drop(struct leaf *leaf)
{
    X509_free(leaf->certificate);
    *leaf = (struct leaf){ NULL, NULL, NULL };
}

uint64_t certs_minted(const struct certs *certs)
{
    return atomic_load_explicit(&certs->cache->minted, memory_order_relaxed);
}
