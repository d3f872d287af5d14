/* certs_store_test: the CA as Java and OpenSSL look it up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509v3.h>

#include "certs_fixture.h"
#include "net/certs_store.h"

#define TRUSTED "2.16.840.1.113894.746875.1.1"

static PKCS12 *store_of(const struct certs *certs, struct text pem)
{
    struct buffer der = { 0 }, complaint = { 0 };
    const unsigned char *at = NULL;
    PKCS12 *store = NULL;

    if (!certs_store_java(certs, pem, &der, &complaint))
        fail_msg("%s", complaint.at);
    at = (const unsigned char *)der.at;
    store = d2i_PKCS12(NULL, &at, (long)der.length);
    assert_non_null(store);
    assert_ptr_equal(at, der.at + der.length);
    assert_int_equal(PKCS12_verify_mac(store, CERTS_STORE_PASSWORD, -1), 1);
    buffer_free(&der);
    return store;
}

static void assert_trusted(const PKCS12_SAFEBAG *bag, const char *alias)
{
    ASN1_OBJECT *wanted = OBJ_txt2obj(TRUSTED, 1);
    const STACK_OF(X509_ATTRIBUTE) *attributes = PKCS12_SAFEBAG_get0_attrs(bag);
    int place = X509at_get_attr_by_OBJ(attributes, wanted, -1);
    char *name = PKCS12_get_friendlyname((PKCS12_SAFEBAG *)(uintptr_t)bag);
    const ASN1_TYPE *value = NULL;

    assert_true(place >= 0);
    value = X509_ATTRIBUTE_get0_type(X509at_get_attr(attributes, place), 0);
    assert_int_equal(value->type, V_ASN1_OBJECT);
    assert_int_equal(OBJ_obj2nid(value->value.object), NID_anyExtendedKeyUsage);
    assert_string_equal(name, alias);
    OPENSSL_free(name);
    ASN1_OBJECT_free(wanted);
}

/* The aliases in their order; the certificate of the first must be ours. */
static void assert_holds(const struct certs *certs, struct text pem, size_t count,
                         const char *const *aliases)
{
    PKCS12 *store = store_of(certs, pem);
    STACK_OF(PKCS7) *parts = PKCS12_unpack_authsafes(store);
    STACK_OF(PKCS12_SAFEBAG) *bags = PKCS12_unpack_p7data(sk_PKCS7_value(parts, 0));
    X509 *authority = certs_authority(certs);
    X509 *first = PKCS12_SAFEBAG_get1_cert(sk_PKCS12_SAFEBAG_value(bags, 0));

    assert_int_equal(sk_PKCS7_num(parts), 1);
    assert_int_equal(sk_PKCS12_SAFEBAG_num(bags), count);
    for (size_t i = 0; i < count; i++)
        assert_trusted(sk_PKCS12_SAFEBAG_value(bags, (int)i), aliases[i]);
    assert_int_equal(X509_cmp(first, authority), 0);
    X509_free(first);
    X509_free(authority);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    sk_PKCS7_pop_free(parts, PKCS7_free);
    PKCS12_free(store);
}

static void store_holds_our_ca_and_all_others_as_trusted(void **state)
{
    static const char *const aliases[] = { "panne", "ca-1", "ca-2" };
    static const struct text empty = TEXT("");
    struct certs *certs = certs_must_open(*state);
    struct buffer others = { 0 };

    assert_holds(certs, empty, 1, aliases);
    for (int i = 0; i < 2; i++)
        buffer_add_text(&others, certs_pem(certs));
    assert_holds(certs, buffer_text(&others), 3, aliases);
    buffer_free(&others);
    certs_free(certs);
}

static void what_is_no_certificate_is_passed_over(void **state)
{
    static const char *const aliases[] = { "panne", "ca-1" };
    struct certs *certs = certs_must_open(*state);
    struct buffer others = { 0 };

    buffer_add_string(&others, "# a remark\n"
                               "-----BEGIN CERTIFICATE-----\n"
                               "bm90IGEgY2VydGlmaWNhdGU=\n"
                               "-----END CERTIFICATE-----\n"
                               "-----BEGIN CERTIFICATE-----\n"
                               "!!!!\n"
                               "-----END CERTIFICATE-----\n");
    buffer_add_text(&others, certs_pem(certs));
    buffer_add_string(&others, "-----BEGIN CERTIFICATE-----\nAAAA");
    assert_holds(certs, buffer_text(&others), 2, aliases);
    buffer_free(&others);
    certs_free(certs);
}

static void openssl_finds_the_ca_by_its_name(void **state)
{
    struct certs_fixture *fixture = *state;
    struct certs *certs = certs_must_open(fixture);
    X509 *authority = certs_authority(certs);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *run = X509_STORE_CTX_new();
    char name[CERTS_STORE_NAME], from[256], to[256];

    certs_store_name(certs, name);
    assert_int_equal(strlen(name), 10);
    certs_path(fixture, "ca.pem", from);
    certs_path(fixture, name, to);
    assert_int_equal(symlink(from, to), 0);
    assert_int_equal(X509_STORE_load_path(store, fixture->folder), 1);
    assert_int_equal(X509_STORE_CTX_init(run, store, authority, NULL), 1);
    assert_int_equal(X509_verify_cert(run), 1);
    assert_int_equal(unlink(to), 0);
    X509_STORE_CTX_free(run);
    X509_STORE_free(store);
    X509_free(authority);
    certs_free(certs);
}

static int line_count(const char *command, const char *wanted)
{
    char line[1024];
    FILE *lines = popen(command, "re"); // NOLINT(cert-env33-c): a test's own command
    int count = 0;

    assert_non_null(lines);
    while (fgets(line, sizeof line, lines))
        count += strstr(line, wanted) != NULL;
    assert_int_equal(pclose(lines), 0);
    return count;
}

static void java_reads_the_store(void **state)
{
    struct certs *certs = NULL;
    struct buffer der = { 0 }, complaint = { 0 }, command = { 0 };
    char path[] = "/tmp/panne-store-XXXXXX";
    int fd = -1;

    if (access("/usr/bin/keytool", X_OK) < 0)
        skip();
    certs = certs_must_open(*state);
    assert_true(certs_store_java(certs, certs_pem(certs), &der, &complaint));
    fd = mkstemp(path);
    assert_int_equal(write(fd, der.at, der.length), der.length);
    close(fd);
    buffer_format(&command, "/usr/bin/keytool -list -keystore %s -storepass %s 2>&1", path,
                  CERTS_STORE_PASSWORD);
    assert_int_equal(line_count(command.at, "trustedCertEntry"), 2);
    assert_int_equal(unlink(path), 0);
    buffer_free(&command);
    buffer_free(&der);
    certs_free(certs);
}

#define CLAIM(name) \
    cmocka_unit_test_setup_teardown(name, certs_fixture_set_up, certs_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(store_holds_our_ca_and_all_others_as_trusted),
        CLAIM(what_is_no_certificate_is_passed_over),
        CLAIM(openssl_finds_the_ca_by_its_name),
        CLAIM(java_reads_the_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
