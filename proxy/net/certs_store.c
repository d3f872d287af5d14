/* certs_store: the CA in the shapes of trust stores that are no PEM file. */
#include "net/certs_store.h"

#include <limits.h>
#include <stdio.h>

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "net/certs_private.h"

/* What makes a certificate a trusted one to Java (its PKCS12KeyStore class): an attribute of
 * Oracle's with the purposes it is trusted for. */
#define TRUSTED_KEY_USAGE "2.16.840.1.113894.746875.1.1"

/* For the check that the store is whole; the password is public, so more would hide no better. */
#define ROUNDS 2048

/* Java folds aliases to lower case and keeps one entry for each, so they are numbered. */
static bool add_certificate(STACK_OF(PKCS12_SAFEBAG) * *bags, X509 *certificate, const char *alias)
{
    PKCS12_SAFEBAG *bag = PKCS12_add_cert(bags, certificate);
    const void *any = OBJ_nid2obj(NID_anyExtendedKeyUsage);

    /* With -1 for a length OpenSSL takes the bytes for the object that the type says. */
    return bag && PKCS12_add_friendlyname_utf8(bag, alias, -1) == 1 &&
           PKCS12_add1_attr_by_txt(bag, TRUSTED_KEY_USAGE, V_ASN1_OBJECT, any, -1) == 1;
}

/* PEM_read goes to the next certificate after one that it cannot read, until there is none. */
static bool add_all(STACK_OF(PKCS12_SAFEBAG) * *bags, BIO *pem)
{
    bool done = true;
    unsigned count = 0;

    while (done) {
        X509 *certificate = PEM_read_bio_X509(pem, NULL, NULL, NULL);
        char alias[32];

        if (!certificate) {
            if (ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE)
                break;
            ERR_clear_error();
            continue;
        }
        /* An alias of the file's own would come first, and need not be unique. */
        if (X509_alias_set1(certificate, NULL, 0) == 1) {
            snprintf(alias, sizeof alias, "ca-%u", ++count);
            done = add_certificate(bags, certificate, alias);
        } else {
            done = false;
        }
        X509_free(certificate);
    }
    if (done)
        ERR_clear_error();
    return done;
}

/* The bags as a store of one part, in the clear, since CAs are no secret. */
static PKCS12 *pack(STACK_OF(PKCS12_SAFEBAG) * bags)
{
    STACK_OF(PKCS7) *parts = NULL;
    PKCS12 *store = NULL;

    if (PKCS12_add_safe(&parts, bags, -1, 0, NULL) == 1)
        store = PKCS12_add_safes(parts, 0);
    sk_PKCS7_pop_free(parts, PKCS7_free);
    /* SHA-1, because Java before 8u301 knows no other here. */
    if (store && PKCS12_set_mac(store, CERTS_STORE_PASSWORD, -1, NULL, 0, ROUNDS, EVP_sha1()) == 1)
        return store;
    PKCS12_free(store);
    return NULL;
}

static bool add_encoded(PKCS12 *store, struct buffer *out)
{
    unsigned char *bytes = NULL;
    int length = i2d_PKCS12(store, &bytes);

    if (length <= 0)
        return false;
    buffer_add(out, bytes, (size_t)length);
    OPENSSL_free(bytes);
    return true;
}

bool certs_store_java(const struct certs *certs, struct text pem, struct buffer *out,
                      struct buffer *complaint)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    PKCS12 *store = NULL;
    BIO *memory = BIO_new_mem_buf(pem.length > 0 ? pem.at : "",
                                  pem.length < INT_MAX ? (int)pem.length : INT_MAX);
    bool done =
        memory && add_certificate(&bags, certs->authority, "panne") && add_all(&bags, memory);

    if (done)
        store = pack(bags);
    done = store && add_encoded(store, out);
    if (!done)
        certs_complain(complaint, "cannot make a trust store for Java");
    PKCS12_free(store);
    BIO_free(memory);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    return done;
}

void certs_store_name(const struct certs *certs, char name[CERTS_STORE_NAME])
{
    snprintf(name, CERTS_STORE_NAME, "%08lx.0",
             X509_subject_name_hash(certs->authority) & 0xffffffffUL);
}
