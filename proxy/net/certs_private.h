/* certs_private: what the files of certs know together and nobody else does. */
#ifndef PANNE_NET_CERTS_PRIVATE_H
#define PANNE_NET_CERTS_PRIVATE_H

#include <stdbool.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "net/certs.h"

#define CERTS_HOUR ((time_t)3600)
#define CERTS_DAY (24 * CERTS_HOUR)

struct leaf_cache;
struct certs_spares;

struct certs {
    X509 *authority;
    EVP_PKEY *authority_key;
    EVP_PKEY *leaf_key;
    ASN1_OCTET_STRING *leaf_key_id;
    time_t from, until; /* the CA's validity */
    struct buffer folder;
    struct buffer pem;
    struct leaf_cache *cache;
    struct certs_spares *spares;
};

/* What a leaf is made of; everything in it is lent. */
struct recipe {
    const char *name; /* NULL: the one asked for */
    EVP_PKEY *key;
    const ASN1_OCTET_STRING *key_id;
    const char *subject; /* common name of one that signs itself; NULL: none */
    X509 *issuer;        /* NULL: itself */
    EVP_PKEY *signer;
    const EVP_MD *digest;
    time_t from, until;
    time_t fresh_until; /* another one is made after this */
    X509 *sent;         /* in the chain; NULL: none */
};

/* certs_cache.c: leaves by name and kind, least recently used out. Thread-safe. */
struct leaf_cache *leaf_cache_new(void);
void leaf_cache_free(struct leaf_cache *cache);
/* A reference for the caller, or NULL. */
MUST_USE X509 *leaf_cache_find(struct leaf_cache *cache, enum tls_certificate kind,
                               struct text name, time_t now);
/* Takes a reference of its own, unless there is one by now. */
void leaf_cache_keep(struct leaf_cache *cache, enum tls_certificate kind, struct text name,
                     X509 *certificate, time_t now, time_t fresh_until);
void leaf_cache_count(struct leaf_cache *cache);
uint64_t leaf_cache_counted(const struct leaf_cache *cache);

/* certs_recipe.c */
struct certs_spares *certs_spares_new(void);
void certs_spares_free(struct certs_spares *spares);
/* False where OpenSSL failed. */
MUST_USE bool certs_recipe(struct certs *certs, enum tls_certificate kind, time_t now,
                           struct recipe *recipe);

/* certs_sign.c: functions that return false or NULL have failed inside OpenSSL (see
 * certs_complain). */

/* Version 3, a random serial, the validity and the public key. */
MUST_USE X509 *certificate_start(EVP_PKEY *key, time_t from, time_t until);
/* An extension from OpenSSL's own structure for it, which stays the caller's. */
MUST_USE bool certificate_add(X509 *certificate, int nid, bool critical, void *value);
MUST_USE bool certificate_add_basic_constraints(X509 *certificate, bool authority);
/* `bits` ends with -1 (RFC 5280 4.2.1.3: 0 is digitalSignature). */
MUST_USE bool certificate_add_key_usage(X509 *certificate, const int *bits);
MUST_USE bool certificate_add_key_ids(X509 *certificate, const ASN1_OCTET_STRING *own,
                                      const ASN1_OCTET_STRING *issuer);
MUST_USE bool certificate_set_subject(X509 *certificate, const char *common_name);
/* Takes the certificate; gives a signed and re-read one, which holds its encoding and is never
 * written to again, so threads may share it. */
MUST_USE X509 *certificate_finish(X509 *certificate, EVP_PKEY *signer, const EVP_MD *digest);
/* One that signs leaves only; `issuer` NULL: a root, signed by its own key. */
MUST_USE X509 *certificate_authority(EVP_PKEY *key, const char *common_name, X509 *issuer,
                                     EVP_PKEY *signer, time_t from, time_t until);
/* RFC 5280 4.2.1.2 (1). */
MUST_USE ASN1_OCTET_STRING *certificate_key_id(EVP_PKEY *key);
MUST_USE bool certificate_time(const ASN1_TIME *from, time_t *to);

/* certs_files.c */

/* `folder` and what is missing above it, 0700. */
MUST_USE bool certs_folder_make(const char *folder, struct buffer *complaint);
/* An exclusive lock on the folder, against another process that makes or reads a CA there; close it
 * to unlock. -1 with a complaint. */
MUST_USE int certs_folder_lock(const char *folder, struct buffer *complaint);
MUST_USE bool certs_file_exists(const char *folder, const char *name);
/* Temporary name, sync, rename, sync of the folder. */
MUST_USE bool certs_file_write(const char *folder, const char *name, unsigned mode,
                               struct text bytes, struct buffer *complaint);
/* Opens to read; with `secret`, refuses what is not ours alone. NULL with a complaint. */
MUST_USE FILE *certs_file_read(const char *folder, const char *name, bool secret,
                               struct buffer *complaint);

/* certs_authority.c */

/* `what: reason`, the reason being what OpenSSL said last; empties its error queue. */
void certs_complain(struct buffer *complaint, const char *what);

#endif
