/* certs_fixture: a CA in a folder of its own, and a strict verifier, for tests. */
#ifndef PANNE_TESTS_CERTS_FIXTURE_H
#define PANNE_TESTS_CERTS_FIXTURE_H

#include <time.h>

#include <openssl/x509.h>

#include "net/certs.h"

#define DAY ((time_t)86400)

/* The folder does not exist to start with. */
struct certs_fixture {
    char folder[128];
    struct buffer complaint;
};

/* For cmocka. The clock starts right. Taking it down fails if there is more in the folder than a
 * CA's two files. */
int certs_fixture_set_up(void **state);
int certs_fixture_tear_down(void **state);

/* A file's or, with an empty name, the folder's own. */
void certs_path(const struct certs_fixture *fixture, const char *name, char path[256]);
/* Fails the test where certs_open does. */
struct certs *certs_must_open(struct certs_fixture *fixture);
X509 *certs_authority(const struct certs *certs);
/* time(), in the test's program, is off by so much from now on. */
void certs_move_clock(time_t shift);
/* What X.509 makes of a leaf at `now`: X509_V_OK, or the first error. Strictly, for a server of
 * that name (or address; both NULL: for whatever), at a security level of OpenSSL. `sent` came with
 * it; NULL: nothing did. */
int certs_error(X509 *authority, X509 *leaf, X509 *sent, const char *dns, const char *ip, int level,
                time_t now);
/* NULL if the leaf verifies strictly at `now`, on level 2, for a name or an address, else why not.
 */
const char *certs_verify(X509 *authority, X509 *leaf, const char *dns, const char *ip, time_t now);
time_t certs_moment(const ASN1_TIME *from);

#endif
