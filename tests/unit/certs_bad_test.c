/* certs_bad_test: certificates with one thing wrong, and only that, by OpenSSL's verification. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>

#include <openssl/x509v3.h>

#include "certs_fixture.h"

#define NAME "api.example"

static const struct {
    enum tls_certificate kind;
    int error;       /* on level 2 */
    int lower_level; /* where there is no error; -1: nowhere */
    bool sends_issuer;
} rows[] = {
    { CERTIFICATE_GOOD, X509_V_OK, 2, true },
    { CERTIFICATE_EXPIRED, X509_V_ERR_CERT_HAS_EXPIRED, -1, true },
    { CERTIFICATE_NOT_YET, X509_V_ERR_CERT_NOT_YET_VALID, -1, true },
    { CERTIFICATE_WRONG_NAME, X509_V_ERR_HOSTNAME_MISMATCH, -1, true },
    { CERTIFICATE_SELF_SIGNED, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, -1, false },
    { CERTIFICATE_UNKNOWN_ISSUER, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, -1, true },
    { CERTIFICATE_MISSING_INTERMEDIATE, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, -1, false },
    { CERTIFICATE_WEAK_KEY, X509_V_ERR_EE_KEY_TOO_SMALL, 1, true },
    { CERTIFICATE_SHA1, X509_V_ERR_CA_MD_TOO_WEAK, 0, true },
};

static struct leaf leaf_of(struct certs *certs, enum tls_certificate kind, const char *name)
{
    struct leaf leaf;

    if (!certs_leaf_bad(certs, kind, text_from(name), &leaf))
        fail_msg("kind %d, %s", (int)kind, name);
    return leaf;
}

static int error_of(X509 *authority, const struct leaf *leaf, const char *dns, const char *ip,
                    int level, time_t now)
{
    return certs_error(authority, leaf->certificate, leaf->issuer, dns, ip, level, now);
}

static void each_kind_has_its_own_error(void **state)
{
    struct certs *certs = certs_must_open(*state);
    X509 *authority = certs_authority(certs);

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct leaf leaf = leaf_of(certs, rows[i].kind, NAME);
        int error = error_of(authority, &leaf, NAME, NULL, 2, time(NULL));
        if (error != rows[i].error)
            fail_msg("kind %d: %s", (int)rows[i].kind, X509_verify_cert_error_string(error));
        assert_int_equal(leaf.issuer != NULL, rows[i].sends_issuer);
        assert_int_equal(X509_check_private_key(leaf.certificate, leaf.key), 1);
        for (int level = 0; level < 2; level++)
            assert_int_equal(error_of(authority, &leaf, NAME, NULL, level, time(NULL)) == X509_V_OK,
                             level <= rows[i].lower_level);
        certs_leaf_drop(&leaf);
    }
    X509_free(authority);
    certs_free(certs);
}

/* Seen otherwise, each of them is good. */
static void nothing_else_is_wrong(void **state)
{
    struct certs *certs = certs_must_open(*state);
    X509 *authority = certs_authority(certs);
    struct leaf expired = leaf_of(certs, CERTIFICATE_EXPIRED, NAME);
    struct leaf not_yet = leaf_of(certs, CERTIFICATE_NOT_YET, NAME);
    struct leaf other = leaf_of(certs, CERTIFICATE_WRONG_NAME, NAME);
    struct leaf alone = leaf_of(certs, CERTIFICATE_SELF_SIGNED, NAME);
    struct leaf strange = leaf_of(certs, CERTIFICATE_UNKNOWN_ISSUER, NAME);
    time_t now = time(NULL);

    assert_int_equal(error_of(authority, &not_yet, NAME, NULL, 2, now + 2 * DAY), X509_V_OK);
    assert_int_equal(error_of(authority, &other, "wrong-name.invalid", NULL, 2, now), X509_V_OK);
    assert_int_equal(error_of(strange.issuer, &strange, NAME, NULL, 2, now), X509_V_OK);
    /* The CA itself is younger than this one. */
    assert_int_equal(error_of(authority, &expired, NAME, NULL, 2, now - 2 * DAY),
                     X509_V_ERR_CERT_NOT_YET_VALID);
    assert_int_equal(X509_cmp_time(X509_get0_notBefore(expired.certificate), &now), -1);
    assert_int_equal(certs_moment(X509_get0_notAfter(expired.certificate)) / 100,
                     (now - DAY) / 100);
    assert_int_equal(X509_check_host(alone.certificate, NAME, 0, 0, NULL), 1);
    assert_int_equal(X509_self_signed(alone.certificate, 1), 1);
    certs_leaf_drop(&expired);
    certs_leaf_drop(&not_yet);
    certs_leaf_drop(&other);
    certs_leaf_drop(&alone);
    certs_leaf_drop(&strange);
    X509_free(authority);
    certs_free(certs);
}

/* The issuer is not the CA by name, but signed by it: only that certificate is lacking. */
static void missing_intermediate_stands_below_the_ca(void **state)
{
    struct certs *certs = certs_must_open(*state);
    X509 *authority = certs_authority(certs);
    struct leaf leaf = leaf_of(certs, CERTIFICATE_MISSING_INTERMEDIATE, NAME);
    X509_NAME *issuer = X509_get_issuer_name(leaf.certificate);
    char name[64] = "";

    assert_int_not_equal(X509_NAME_cmp(issuer, X509_get_subject_name(authority)), 0);
    assert_true(X509_NAME_get_text_by_NID(issuer, NID_commonName, name, sizeof name) > 0);
    assert_string_equal(name, "panne intermediate CA");
    assert_int_not_equal(ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(leaf.certificate),
                                               X509_get0_subject_key_id(authority)),
                         0);
    certs_leaf_drop(&leaf);
    X509_free(authority);
    certs_free(certs);
}

static void addresses_go_wrong_likewise(void **state)
{
    struct certs *certs = certs_must_open(*state);
    X509 *authority = certs_authority(certs);

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct leaf leaf = leaf_of(certs, rows[i].kind, "[::1]");
        int wanted = rows[i].error == X509_V_ERR_HOSTNAME_MISMATCH ? X509_V_ERR_IP_ADDRESS_MISMATCH
                                                                   : rows[i].error;
        assert_int_equal(error_of(authority, &leaf, NULL, "::1", 2, time(NULL)), wanted);
        certs_leaf_drop(&leaf);
        assert_false(certs_leaf_bad(certs, rows[i].kind, text_from("a b"), &leaf));
    }
    X509_free(authority);
    certs_free(certs);
}

static void *certificate_of(struct certs *certs, enum tls_certificate kind, const char *name)
{
    struct leaf leaf = leaf_of(certs, kind, name);
    void *certificate = leaf.certificate; /* only to be compared */

    certs_leaf_drop(&leaf);
    return certificate;
}

static void kinds_are_kept_apart_within_one_bound(void **state)
{
    struct certs *certs = certs_must_open(*state);
    char name[32];

    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < COUNT_OF(rows); i++)
            certificate_of(certs, rows[i].kind, NAME);
        assert_int_equal(certs_minted(certs), COUNT_OF(rows));
    }
    assert_ptr_not_equal(certificate_of(certs, CERTIFICATE_EXPIRED, NAME),
                         certificate_of(certs, CERTIFICATE_GOOD, NAME));
    /* The wrong name is one for all. */
    assert_ptr_equal(certificate_of(certs, CERTIFICATE_WRONG_NAME, "b.example"),
                     certificate_of(certs, CERTIFICATE_WRONG_NAME, NAME));
    for (int i = 0; i < 1024; i++) {
        snprintf(name, sizeof name, "%d.example", i);
        certificate_of(certs, CERTIFICATE_EXPIRED, name);
    }
    assert_int_equal(certs_minted(certs), COUNT_OF(rows) + 1024);
    certificate_of(certs, CERTIFICATE_GOOD, NAME); /* has been pushed out */
    assert_int_equal(certs_minted(certs), COUNT_OF(rows) + 1025);
    certs_free(certs);
}

/* However long a run lasts. */
static void dates_stay_wrong(void **state)
{
    struct certs *certs = certs_must_open(*state);
    X509 *authority = certs_authority(certs);

    for (int hours = 0; hours < 100; hours += 5) {
        certs_move_clock((time_t)hours * 3600);
        for (size_t i = 1; i < 3; i++) {
            struct leaf leaf = leaf_of(certs, rows[i].kind, NAME);
            assert_int_equal(error_of(authority, &leaf, NAME, NULL, 2, time(NULL)), rows[i].error);
            certs_leaf_drop(&leaf);
        }
    }
    X509_free(authority);
    certs_free(certs);
}

static void *ask_for_all(void *user)
{
    for (int i = 0; i < 30; i++) {
        struct leaf leaf;
        if (!certs_leaf_bad(user, rows[(size_t)i % COUNT_OF(rows)].kind, text_from(NAME), &leaf))
            return NULL;
        certs_leaf_drop(&leaf);
    }
    return user;
}

static void spare_keys_are_made_once_for_all_threads(void **state)
{
    struct certs *certs = certs_must_open(*state);
    struct leaf one, two;
    pthread_t threads[4];
    void *result = NULL;

    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_for_all, certs), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], &result);
        assert_ptr_equal(result, certs);
    }
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        one = leaf_of(certs, rows[i].kind, "one.example");
        two = leaf_of(certs, rows[i].kind, "two.example");
        assert_ptr_equal(one.key, two.key);
        assert_ptr_equal(one.issuer, two.issuer);
        certs_leaf_drop(&one);
        certs_leaf_drop(&two);
    }
    certs_free(certs);
}

#define CLAIM(test) \
    cmocka_unit_test_setup_teardown(test, certs_fixture_set_up, certs_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(each_kind_has_its_own_error),
        CLAIM(nothing_else_is_wrong),
        CLAIM(missing_intermediate_stands_below_the_ca),
        CLAIM(addresses_go_wrong_likewise),
        CLAIM(kinds_are_kept_apart_within_one_bound),
        CLAIM(dates_stay_wrong),
        CLAIM(spare_keys_are_made_once_for_all_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
