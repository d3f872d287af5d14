/* leaf_test: minted certificates, as strict verifiers want them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "certs_fixture.h"
#include "net/certs.h"

static void leaves_verify_strictly(void **state)
{
    static const struct {
        const char *name, *dns, *ip, *wrong;
    } rows[] = {
        { "example.com", "example.com", NULL, NULL },
        { "EXAMPLE.com", "example.com", NULL, NULL },
        { "example.com.", "example.com", NULL, NULL },
        { "localhost", "localhost", NULL, NULL },
        { "a_b.xn--bcher-kva.example", "a_b.xn--bcher-kva.example", NULL, NULL },
        { "127.0.0.1", NULL, "127.0.0.1", NULL },
        { "::1", NULL, "::1", NULL },
        { "[2001:DB8::7]", NULL, "2001:db8::7", NULL },
        { "example.com", "example.org", NULL, "hostname mismatch" },
        { "example.com", "www.example.com", NULL, "hostname mismatch" },
        { "127.0.0.1", NULL, "127.0.0.2", "IP address mismatch" },
        { "127.0.0.1", "127.0.0.1", NULL, "hostname mismatch" },
    };
    struct certs *certs = certs_must_open(*state);
    X509 *authority = certs_authority(certs);

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct leaf leaf;
        assert_true(certs_leaf(certs, text_from(rows[i].name), &leaf));
        const char *wrong =
            certs_verify(authority, leaf.certificate, rows[i].dns, rows[i].ip, time(NULL));
        if ((wrong != NULL) != (rows[i].wrong != NULL) ||
            (wrong && strcmp(wrong, rows[i].wrong) != 0))
            fail_msg("%s: %s", rows[i].name, wrong ? wrong : "verifies");
        certs_leaf_drop(&leaf);
    }
    X509_free(authority);
    certs_free(certs);
}

static void leaf_is_what_it_should_be(void **state)
{
    struct certs *certs = certs_must_open(*state);
    X509 *authority = certs_authority(certs);
    struct leaf leaf, other;

    assert_true(certs_leaf(certs, text_from("one.example"), &leaf));
    assert_true(certs_leaf(certs, text_from("two.example"), &other));
    X509 *certificate = leaf.certificate;
    int san = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
    time_t from = certs_moment(X509_get0_notBefore(certificate));
    time_t until = certs_moment(X509_get0_notAfter(certificate));

    assert_int_equal(X509_NAME_entry_count(X509_get_subject_name(certificate)), 0);
    assert_int_equal(X509_EXTENSION_get_critical(X509_get_ext(certificate, san)), 1);
    assert_int_equal(X509_get_key_usage(certificate), KU_DIGITAL_SIGNATURE);
    assert_int_equal(X509_get_extended_key_usage(certificate), XKU_SSL_SERVER);
    assert_int_equal(ASN1_OCTET_STRING_cmp(X509_get0_authority_key_id(certificate),
                                           X509_get0_subject_key_id(authority)),
                     0);
    assert_true(until - from < 30 * DAY);
    assert_true(from >= certs_moment(X509_get0_notBefore(authority)));
    assert_int_equal(X509_check_private_key(certificate, leaf.key), 1);
    assert_int_equal(X509_check_private_key(authority, leaf.key), 0);
    assert_ptr_equal(leaf.key, other.key);
    assert_int_not_equal(ASN1_INTEGER_cmp(X509_get0_serialNumber(certificate),
                                          X509_get0_serialNumber((const X509 *)other.certificate)),
                         0);
    certs_leaf_drop(&leaf);
    certs_leaf_drop(&other);
    X509_free(authority);
    certs_free(certs);
}

static void unusable_names_get_no_leaf(void **state)
{
    static const struct text names[] = {
        TEXT(""),           TEXT("."),        TEXT("a..b"),  TEXT(".a"),        TEXT("a b"),
        TEXT("a\0.b"),      TEXT("*.a"),      TEXT("a/b"),   TEXT("fe80::1%1"), TEXT("a:80"),
        TEXT("b\xc3\xbcr"), TEXT("[a.b.c]x"), TEXT("a,b=c"), TEXT("a\r\nb"),    TEXT("[]"),
    };
    char longest[256];
    struct certs *certs = certs_must_open(*state);
    struct leaf leaf;

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (certs_leaf(certs, names[i], &leaf))
            fail_msg("a leaf for `%.*s`", (int)names[i].length, names[i].at);
    for (size_t i = 0; i < sizeof longest; i++)
        longest[i] = i % 50 == 49 ? '.' : 'a';
    assert_false(certs_leaf(certs, text_of(longest, 254), &leaf));
    assert_true(certs_leaf(certs, text_of(longest, 253), &leaf));
    certs_leaf_drop(&leaf);
    memset(longest, 'a', sizeof longest);
    assert_false(certs_leaf(certs, text_of(longest, 64), &leaf));
    assert_true(certs_leaf(certs, text_of(longest, 63), &leaf));
    certs_leaf_drop(&leaf);
    certs_free(certs);
}

static void *leaf_for(struct certs *certs, const char *name)
{
    struct leaf leaf;

    assert_true(certs_leaf(certs, text_from(name), &leaf));
    void *certificate = leaf.certificate; /* only to be compared */
    certs_leaf_drop(&leaf);
    return certificate;
}

static void leaves_are_kept_up_to_a_bound(void **state)
{
    struct certs *certs = certs_must_open(*state);
    char name[32];

    leaf_for(certs, "first.example");
    leaf_for(certs, "second.example");
    leaf_for(certs, "FIRST.example.");
    assert_int_equal(certs_minted(certs), 2);
    for (int i = 0; i < 1022; i++) {
        snprintf(name, sizeof name, "%d.example", i);
        leaf_for(certs, name);
    }
    leaf_for(certs, "first.example");
    assert_int_equal(certs_minted(certs), 1024);
    leaf_for(certs, "one-more.example"); /* the second is the least recently used */
    leaf_for(certs, "first.example");
    assert_int_equal(certs_minted(certs), 1025);
    leaf_for(certs, "second.example");
    assert_int_equal(certs_minted(certs), 1026);
    certs_free(certs);
}

static void leaves_are_renewed_in_time(void **state)
{
    struct certs *certs = certs_must_open(*state);
    X509 *authority = certs_authority(certs);
    struct leaf leaf;

    leaf_for(certs, "a.example");
    certs_move_clock(28 * DAY);
    leaf_for(certs, "a.example");
    assert_int_equal(certs_minted(certs), 1);
    certs_move_clock(29 * DAY);
    leaf_for(certs, "a.example");
    assert_int_equal(certs_minted(certs), 2);
    /* Near the CA's own end no leaf outlives it, and minting again would not help. */
    certs_move_clock(364 * DAY);
    leaf_for(certs, "a.example");
    assert_true(certs_leaf(certs, text_from("a.example"), &leaf));
    assert_int_equal(certs_minted(certs), 3);
    assert_int_equal(certs_moment(X509_get0_notAfter(leaf.certificate)),
                     certs_moment(X509_get0_notAfter(authority)));
    assert_null(certs_verify(authority, leaf.certificate, "a.example", NULL, time(NULL)));
    certs_leaf_drop(&leaf);
    X509_free(authority);
    certs_free(certs);
}

static void *mint_many(void *user)
{
    struct leaf leaf;
    char name[32];

    for (int i = 0; i < 60; i++) {
        snprintf(name, sizeof name, "%d.example", i % 20);
        if (!certs_leaf(user, text_from(name), &leaf))
            return NULL;
        certs_leaf_drop(&leaf);
    }
    return user;
}

static void leaves_may_be_asked_for_by_several_threads(void **state)
{
    struct certs *certs = certs_must_open(*state);
    pthread_t threads[4];
    void *result = NULL;

    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, mint_many, certs), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        pthread_join(threads[i], &result);
        assert_ptr_equal(result, certs);
    }
    certs_free(certs);
}

#define CLAIM(test) \
    cmocka_unit_test_setup_teardown(test, certs_fixture_set_up, certs_fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(leaves_verify_strictly),     CLAIM(leaf_is_what_it_should_be),
        CLAIM(unusable_names_get_no_leaf), CLAIM(leaves_are_kept_up_to_a_bound),
        CLAIM(leaves_are_renewed_in_time), CLAIM(leaves_may_be_asked_for_by_several_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
