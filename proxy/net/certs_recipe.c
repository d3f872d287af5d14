/* certs_recipe: what each kind of leaf is made of, good or bad, and the keys and authorities that
 * only bad ones need. */
#include "net/certs_private.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include "base/arena.h"

#define LIFETIME (30 * CERTS_DAY)
#define WEAK_BITS 1024

/* An authority that lives in memory only. */
struct spare_authority {
    EVP_PKEY *key;
    X509 *certificate;
};

/* Each is made once, and stays. */
struct certs_spares {
    pthread_mutex_t lock;
    EVP_PKEY *weak_key;
    ASN1_OCTET_STRING *weak_key_id;
    struct spare_authority stranger;     /* a root of its own */
    struct spare_authority intermediate; /* below the CA */
};

struct certs_spares *certs_spares_new(void)
{
    struct certs_spares *spares = memory_take(sizeof *spares);

    pthread_mutex_init(&spares->lock, NULL);
    return spares;
}

static void drop_authority(struct spare_authority *authority)
{
    EVP_PKEY_free(authority->key);
    X509_free(authority->certificate);
    *authority = (struct spare_authority){ NULL, NULL };
}

static void drop_weak_key(struct certs_spares *spares)
{
    EVP_PKEY_free(spares->weak_key);
    ASN1_OCTET_STRING_free(spares->weak_key_id);
    spares->weak_key = NULL;
    spares->weak_key_id = NULL;
}

void certs_spares_free(struct certs_spares *spares)
{
    if (!spares)
        return;
    drop_authority(&spares->intermediate);
    drop_authority(&spares->stranger);
    drop_weak_key(spares);
    pthread_mutex_destroy(&spares->lock);
    free(spares);
}

/* Under the lock. */
static bool need_weak_key(struct certs_spares *spares)
{
    if (spares->weak_key)
        return true;
    spares->weak_key = EVP_RSA_gen(WEAK_BITS);
    if (spares->weak_key)
        spares->weak_key_id = certificate_key_id(spares->weak_key);
    if (!spares->weak_key_id)
        drop_weak_key(spares);
    return spares->weak_key != NULL;
}

/* Under the lock. `below`: whether the CA signs it. */
static bool need_authority(const struct certs *certs, struct spare_authority *authority,
                           const char *name, bool below)
{
    if (authority->certificate)
        return true;
    authority->key = EVP_EC_gen("P-256");
    if (authority->key)
        authority->certificate = certificate_authority(
            authority->key, name, below ? certs->authority : NULL,
            below ? certs->authority_key : authority->key, certs->from, certs->until);
    if (!authority->certificate)
        drop_authority(authority);
    return authority->certificate != NULL;
}

static bool use_weak_key(struct certs *certs, struct recipe *recipe)
{
    struct certs_spares *spares = certs->spares;
    bool done = false;

    pthread_mutex_lock(&spares->lock);
    done = need_weak_key(spares);
    recipe->key = spares->weak_key;
    recipe->key_id = spares->weak_key_id;
    pthread_mutex_unlock(&spares->lock);
    return done;
}

static bool use_authority(struct certs *certs, struct spare_authority *authority, const char *name,
                          bool below, struct recipe *recipe)
{
    bool done = false;

    pthread_mutex_lock(&certs->spares->lock);
    done = need_authority(certs, authority, name, below);
    recipe->issuer = authority->certificate;
    recipe->signer = authority->key;
    recipe->sent = below ? NULL : authority->certificate;
    pthread_mutex_unlock(&certs->spares->lock);
    return done;
}

static void use_dates(struct recipe *recipe, time_t from, time_t fresh_until)
{
    recipe->from = from;
    recipe->until = from + LIFETIME - 1;
    recipe->fresh_until = fresh_until;
}

static void sign_itself(struct certs *certs, struct recipe *recipe)
{
    recipe->subject = "panne self-signed";
    recipe->issuer = NULL;
    recipe->signer = certs->leaf_key;
    recipe->sent = NULL;
}

static struct recipe good_recipe(const struct certs *certs, time_t now)
{
    time_t from = now - CERTS_HOUR > certs->from ? now - CERTS_HOUR : certs->from;
    struct recipe recipe = {
        .key = certs->leaf_key,
        .key_id = certs->leaf_key_id,
        .issuer = certs->authority,
        .signer = certs->authority_key,
        .digest = EVP_sha256(),
        .sent = certs->authority,
    };

    use_dates(&recipe, from, from + LIFETIME - 1 - CERTS_DAY);
    if (recipe.until >= certs->until) /* minting again would not make it longer */
        recipe.fresh_until = recipe.until = certs->until;
    return recipe;
}

bool certs_recipe(struct certs *certs, enum tls_certificate kind, time_t now, struct recipe *recipe)
{
    struct certs_spares *spares = certs->spares;

    *recipe = good_recipe(certs, now);
    switch (kind) {
    case CERTIFICATE_GOOD:
        return true;
    case CERTIFICATE_EXPIRED: /* yesterday */
        use_dates(recipe, now - CERTS_DAY - LIFETIME + 1, now + LIFETIME);
        return true;
    case CERTIFICATE_NOT_YET: /* tomorrow; another one by then */
        use_dates(recipe, now + CERTS_DAY, now + CERTS_HOUR);
        return true;
    case CERTIFICATE_WRONG_NAME: /* RFC 6761 6.4: nobody's */
        recipe->name = "wrong-name.invalid";
        return true;
    case CERTIFICATE_SELF_SIGNED:
        sign_itself(certs, recipe);
        return true;
    case CERTIFICATE_UNKNOWN_ISSUER:
        return use_authority(certs, &spares->stranger, "panne unknown CA", false, recipe);
    case CERTIFICATE_MISSING_INTERMEDIATE:
        return use_authority(certs, &spares->intermediate, "panne intermediate CA", true, recipe);
    case CERTIFICATE_WEAK_KEY:
        return use_weak_key(certs, recipe);
    case CERTIFICATE_SHA1:
        recipe->digest = EVP_sha1();
        return true;
    }
    return false;
}
