/* certs: the local certificate authority and the leaves it mints. */
#ifndef PANNE_NET_CERTS_H
#define PANNE_NET_CERTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"
#include "net/tls_trouble.h"

struct certs;

/* Makes a CA in `folder` (0700, made if missing; files ca.pem 0644, ca-key.pem 0600, written to a
 * temporary name, synced and renamed): ECDSA P-256, own key, valid 1 year (365 days, from an hour
 * ago), CA:TRUE pathlen 0, keyCertSign and cRLSign, subject key id, random 128-bit serial, subject
 * `CN=panne local CA HOSTNAME DATE`. Refuses to overwrite unless `replace`. */
MUST_USE bool certs_init(const char *folder, bool replace, struct buffer *complaint);

/* Loads a CA; makes one where none is. Refuses a key that others can read or write, or that is not
 * ours, a key that does not fit the certificate, an expired CA (the complaint says what to type).
 * Thread-safe afterwards. */
struct certs *certs_open(const char *folder, struct buffer *complaint);
void certs_free(struct certs *certs);

/* Where the user's CA lives: $XDG_DATA_HOME/panne or ~/.local/share/panne. Appends to `path`; false
 * when neither is known. */
MUST_USE bool certs_default_folder(struct buffer *path);

/* The CA certificate as PEM; lent. And what `panne ca show` prints: subject, validity, fingerprint
 * (SHA-256), paths. */
struct text certs_pem(const struct certs *certs);
void certs_describe(const struct certs *certs, struct buffer *out);

/* A leaf for a name or IP literal: one shared P-256 leaf key (made at start, never the CA's, never
 * on disk), <= 30 days and within the CA's, SAN only (empty subject, so SAN is critical, RFC
 * 5280 4.1.2.6), serverAuth, authority and subject key ids, random serial; valid under
 * X509_V_FLAG_X509_STRICT. Cached, least recently used out at 1,024; re-minted a day before it
 * expires. The opaque pointers are X509 * and EVP_PKEY *; the certificate is referenced for the
 * caller (free with certs_leaf_drop), the key is lent. NULL on an unusable name (over 253 bytes,
 * NUL, not a host). */
struct leaf {
    void *certificate;
    void *key;
    void *issuer; /* X509 * of the CA, lent: sent in the chain; NULL: none is */
};
MUST_USE bool certs_leaf(struct certs *certs, struct text name, struct leaf *leaf);
/* One with something wrong, kept like the good ones and together with them, by name and kind. Keys
 * and authorities for it live in memory only, and are made when first needed: an RSA key of 1,024
 * bits takes some 10 ms, once. CERTIFICATE_MISSING_INTERMEDIATE: the authority in between has a
 * name and a key of its own and is signed by the CA, so a client that trusts the CA lacks nothing
 * but that certificate (where it had it, the CA's pathlen 0 would be in the way). */
MUST_USE bool certs_leaf_bad(struct certs *certs, enum tls_certificate kind, struct text name,
                             struct leaf *leaf);
void certs_leaf_drop(struct leaf *leaf);
uint64_t certs_minted(const struct certs *certs);

#endif
