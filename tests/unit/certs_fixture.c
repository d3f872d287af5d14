/* certs_fixture: a CA in a folder of its own, and a strict verifier, for tests. */
#include "certs_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

static time_t clock_shift;

void certs_move_clock(time_t shift)
{
    clock_shift = shift;
}

/* In place of the C library's. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): that one is reserved */
time_t time(time_t *out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec + clock_shift;
    return now.tv_sec + clock_shift;
}

int certs_fixture_set_up(void **state)
{
    struct certs_fixture *fixture = calloc(1, sizeof *fixture);
    char top[] = "/tmp/panne-certs-XXXXXX";

    if (!fixture || !mkdtemp(top)) {
        free(fixture);
        return -1;
    }
    snprintf(fixture->folder, sizeof fixture->folder, "%s/data/panne", top);
    clock_shift = 0;
    *state = fixture;
    return 0;
}

void certs_path(const struct certs_fixture *fixture, const char *name, char path[256])
{
    snprintf(path, 256, "%s/%s", fixture->folder, name);
}

int certs_fixture_tear_down(void **state)
{
    struct certs_fixture *fixture = *state;
    char path[256];

    certs_path(fixture, "ca.pem", path);
    unlink(path);
    certs_path(fixture, "ca-key.pem", path);
    unlink(path);
    for (int depth = 0; depth < 3; depth++) {
        if (rmdir(fixture->folder) < 0)
            return -1; /* something else was left there */
        *strrchr(fixture->folder, '/') = '\0';
    }
    buffer_free(&fixture->complaint);
    free(fixture);
    return 0;
}

struct certs *certs_must_open(struct certs_fixture *fixture)
{
    struct certs *certs = certs_open(fixture->folder, &fixture->complaint);

    if (!certs)
        fail_msg("%s", fixture->complaint.at);
    return certs;
}

X509 *certs_authority(const struct certs *certs)
{
    struct text pem = certs_pem(certs);
    BIO *memory = BIO_new_mem_buf(pem.at, (int)pem.length);
    X509 *authority = PEM_read_bio_X509(memory, NULL, NULL, NULL);

    BIO_free(memory);
    assert_non_null(authority);
    return authority;
}

int certs_error(X509 *authority, X509 *leaf, X509 *sent, const char *dns, const char *ip, int level,
                time_t now)
{
    STACK_OF(X509) *untrusted = sk_X509_new_null();
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *run = X509_STORE_CTX_new();
    X509_VERIFY_PARAM *wanted = NULL;
    int error = X509_V_OK;

    if (sent)
        sk_X509_push(untrusted, sent);
    X509_STORE_add_cert(store, authority);
    assert_int_equal(X509_STORE_CTX_init(run, store, leaf, untrusted), 1);
    wanted = X509_STORE_CTX_get0_param(run);
    X509_VERIFY_PARAM_set_flags(wanted, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
    X509_VERIFY_PARAM_set_purpose(wanted, dns || ip ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_ANY);
    X509_VERIFY_PARAM_set_auth_level(wanted, level);
    X509_VERIFY_PARAM_set_time(wanted, now);
    if (dns)
        assert_int_equal(X509_VERIFY_PARAM_set1_host(wanted, dns, 0), 1);
    if (ip)
        assert_int_equal(X509_VERIFY_PARAM_set1_ip_asc(wanted, ip), 1);
    if (X509_verify_cert(run) != 1)
        error = X509_STORE_CTX_get_error(run);
    X509_STORE_CTX_free(run);
    X509_STORE_free(store);
    sk_X509_free(untrusted);
    return error;
}

const char *certs_verify(X509 *authority, X509 *leaf, const char *dns, const char *ip, time_t now)
{
    int error = certs_error(authority, leaf, NULL, dns, ip, 2, now);

    return error == X509_V_OK ? NULL : X509_verify_cert_error_string(error);
}

time_t certs_moment(const ASN1_TIME *from)
{
    struct tm parts;

    assert_int_equal(ASN1_TIME_to_tm(from, &parts), 1);
    return timegm(&parts);
}
