/* certs_leaf: a certificate for any host, minted when first asked for and kept. */
#include "net/certs_private.h"

#include <arpa/inet.h>
#include <assert.h>

#include <openssl/err.h>

#define NAME_MOST 253 /* RFC 1035 2.3.4, as text */
#define LABEL_MOST 63

/* A name as it goes into a certificate. */
struct host {
    char name[NAME_MOST + 1]; /* in lower case, without brackets or a final dot */
    size_t length;
    unsigned char address[16];
    int address_length; /* 0: a DNS name */
};

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

/* Critical where the subject is empty (RFC 5280 4.2.1.6). */
static bool add_names(X509 *certificate, const struct host *host)
{
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    GENERAL_NAME *general = GENERAL_NAME_new();
    bool critical = X509_NAME_entry_count(X509_get_subject_name(certificate)) == 0;
    bool done = false;

    if (names && general && sk_GENERAL_NAME_push(names, general) > 0) {
        done = set_name(general, host) &&
               certificate_add(certificate, NID_subject_alt_name, critical, names);
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

/* All that ECDHE needs is digitalSignature; RSA's own key exchange wants keyEncipherment. */
static bool add_key_usage(X509 *certificate, EVP_PKEY *key)
{
    static const int signs[] = { 0, -1 }, signs_and_opens[] = { 0, 2, -1 };

    return certificate_add_key_usage(certificate,
                                     EVP_PKEY_is_a(key, "RSA") ? signs_and_opens : signs);
}

static bool set_parties(X509 *certificate, const struct recipe *recipe)
{
    X509 *issuer = recipe->issuer ? recipe->issuer : certificate;

    return (!recipe->subject || certificate_set_subject(certificate, recipe->subject)) &&
           X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1;
}

static X509 *mint(struct certs *certs, const struct recipe *recipe, const struct host *host)
{
    X509 *certificate = certificate_start(recipe->key, recipe->from, recipe->until);
    const ASN1_OCTET_STRING *issuer_id =
        recipe->issuer ? X509_get0_subject_key_id(recipe->issuer) : recipe->key_id;

    if (certificate && set_parties(certificate, recipe) &&
        certificate_add_basic_constraints(certificate, false) &&
        add_key_usage(certificate, recipe->key) && add_purpose(certificate) &&
        certificate_add_key_ids(certificate, recipe->key_id, issuer_id) &&
        add_names(certificate, host)) {
        leaf_cache_count(certs->cache);
        return certificate_finish(certificate, recipe->signer, recipe->digest);
    }
    X509_free(certificate);
    return NULL;
}

static bool find_leaf(struct certs *certs, enum tls_certificate kind, struct host *host,
                      struct leaf *leaf)
{
    struct text name = text_of(host->name, host->length);
    time_t now = time(NULL);
    struct recipe recipe = { 0 };
    X509 *certificate = NULL;

    if (!certs_recipe(certs, kind, now, &recipe))
        return false;
    if (recipe.name) {
        name = text_from(recipe.name);
        if (!host_read(name, host))
            return false;
    }
    certificate = leaf_cache_find(certs->cache, kind, name, now);
    if (!certificate) {
        /* Not under a lock: other threads' names need not wait for this one. */
        certificate = mint(certs, &recipe, host);
        if (!certificate)
            return false;
        leaf_cache_keep(certs->cache, kind, name, certificate, now, recipe.fresh_until);
    }
    *leaf = (struct leaf){ certificate, recipe.key, recipe.sent };
    return true;
}

bool certs_leaf_bad(struct certs *certs, enum tls_certificate kind, struct text name,
                    struct leaf *leaf)
{
    struct host host;

    if (!host_read(name, &host))
        return false;
    if (find_leaf(certs, kind, &host, leaf))
        return true;
    ERR_clear_error();
    return false;
}

bool certs_leaf(struct certs *certs, struct text name, struct leaf *leaf)
{
    return certs_leaf_bad(certs, CERTIFICATE_GOOD, name, leaf);
}

void certs_leaf_drop(struct leaf *leaf)
{
    X509_free(leaf->certificate);
    *leaf = (struct leaf){ NULL, NULL, NULL };
}

uint64_t certs_minted(const struct certs *certs)
{
    return leaf_cache_counted(certs->cache);
}
