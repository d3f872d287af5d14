/* certs_sign: what all certificates made here have in common, as X.509 wants it. */
#include "net/certs_private.h"

#include <openssl/bn.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

/* 128 random bits: unguessable and unique without a register (RFC 5280 4.1.2.2 allows 20 octets).
 */
static bool set_serial(X509 *certificate)
{
    BIGNUM *number = BN_new();
    bool done = number && BN_rand(number, 128, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
                BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));

    BN_free(number);
    return done;
}

X509 *certificate_start(EVP_PKEY *key, time_t from, time_t until)
{
    X509 *certificate = X509_new();

    if (certificate && X509_set_version(certificate, X509_VERSION_3) == 1 &&
        set_serial(certificate) && ASN1_TIME_adj(X509_getm_notBefore(certificate), from, 0, 0) &&
        ASN1_TIME_adj(X509_getm_notAfter(certificate), until, 0, 0) &&
        X509_set_pubkey(certificate, key) == 1)
        return certificate;
    X509_free(certificate);
    return NULL;
}

bool certificate_add(X509 *certificate, int nid, bool critical, void *value)
{
    return X509_add1_ext_i2d(certificate, nid, value, critical, X509V3_ADD_APPEND) == 1;
}

bool certificate_add_basic_constraints(X509 *certificate, bool authority)
{
    BASIC_CONSTRAINTS *constraints = BASIC_CONSTRAINTS_new();
    bool done = false;

    if (!constraints)
        return false;
    constraints->ca = authority ? 0xff : 0;
    if (authority)
        constraints->pathlen = ASN1_INTEGER_new(); /* 0: signs leaves only */
    done = (!authority || constraints->pathlen) &&
           certificate_add(certificate, NID_basic_constraints, true, constraints);
    BASIC_CONSTRAINTS_free(constraints);
    return done;
}

bool certificate_add_key_usage(X509 *certificate, const int *bits)
{
    ASN1_BIT_STRING *usage = ASN1_BIT_STRING_new();
    bool done = usage != NULL;

    for (; done && *bits >= 0; bits++)
        done = ASN1_BIT_STRING_set_bit(usage, *bits, 1) == 1;
    done = done && certificate_add(certificate, NID_key_usage, true, usage);
    ASN1_BIT_STRING_free(usage);
    return done;
}

bool certificate_add_key_ids(X509 *certificate, const ASN1_OCTET_STRING *own,
                             const ASN1_OCTET_STRING *issuer)
{
    AUTHORITY_KEYID *authority = AUTHORITY_KEYID_new();
    ASN1_OCTET_STRING *subject = ASN1_OCTET_STRING_dup(own);
    bool done = false;

    if (authority && subject) {
        authority->keyid = ASN1_OCTET_STRING_dup(issuer);
        done = authority->keyid &&
               certificate_add(certificate, NID_subject_key_identifier, false, subject) &&
               certificate_add(certificate, NID_authority_key_identifier, false, authority);
    }
    ASN1_OCTET_STRING_free(subject);
    AUTHORITY_KEYID_free(authority);
    return done;
}

bool certificate_set_subject(X509 *certificate, const char *common_name)
{
    return X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                      MBSTRING_ASC, (const unsigned char *)common_name, -1, -1,
                                      0) == 1;
}

X509 *certificate_finish(X509 *certificate, EVP_PKEY *signer, const EVP_MD *digest)
{
    unsigned char *bytes = NULL;
    const unsigned char *at = NULL;
    X509 *finished = NULL;
    int length = 0;

    if (X509_sign(certificate, signer, digest) > 0)
        length = i2d_X509(certificate, &bytes);
    at = bytes;
    if (length > 0)
        finished = d2i_X509(NULL, &at, length);
    /* Fills the cache of parsed extensions before threads see it. */
    if (finished && X509_check_purpose(finished, -1, 0) != 1) {
        X509_free(finished);
        finished = NULL;
    }
    OPENSSL_free(bytes);
    X509_free(certificate);
    return finished;
}

ASN1_OCTET_STRING *certificate_key_id(EVP_PKEY *key)
{
    unsigned char digest[SHA_DIGEST_LENGTH];
    unsigned length = sizeof digest;
    ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
    X509 *holder = X509_new();
    bool done = id && holder && X509_set_pubkey(holder, key) == 1 &&
                X509_pubkey_digest(holder, EVP_sha1(), digest, &length) == 1 &&
                ASN1_OCTET_STRING_set(id, digest, (int)length) == 1;

    X509_free(holder);
    if (done)
        return id;
    ASN1_OCTET_STRING_free(id);
    return NULL;
}

X509 *certificate_authority(EVP_PKEY *key, const char *common_name, X509 *issuer, EVP_PKEY *signer,
                            time_t from, time_t until)
{
    static const int usage[] = { 5, 6, -1 }; /* keyCertSign, cRLSign */
    X509 *certificate = certificate_start(key, from, until);
    ASN1_OCTET_STRING *id = certificate_key_id(key);

    if (certificate && id && certificate_set_subject(certificate, common_name) &&
        X509_set_issuer_name(certificate, X509_get_subject_name(issuer ? issuer : certificate)) ==
            1 &&
        certificate_add_basic_constraints(certificate, true) &&
        certificate_add_key_usage(certificate, usage) &&
        certificate_add_key_ids(certificate, id, issuer ? X509_get0_subject_key_id(issuer) : id)) {
        ASN1_OCTET_STRING_free(id);
        return certificate_finish(certificate, signer, EVP_sha256());
    }
    ASN1_OCTET_STRING_free(id);
    X509_free(certificate);
    return NULL;
}

bool certificate_time(const ASN1_TIME *from, time_t *to)
{
    struct tm parts;

    if (ASN1_TIME_to_tm(from, &parts) != 1)
        return false;
    *to = timegm(&parts);
    return true;
}
