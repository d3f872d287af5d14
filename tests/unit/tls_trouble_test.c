/* tls_trouble_test: bad certificates, old versions and no resumption, as a client meets them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <unistd.h>

#include <openssl/x509_vfy.h>

#include "tls_fixture.h"

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, tls_fixture_set_up, tls_fixture_tear_down)

#define NAME "api.example"

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

/* A client for NAME meets `trouble`. */
static struct tls_outcomes meet(struct tls_fixture *fixture, SSL_CTX *context, SSL_SESSION *session,
                                struct tls_trouble *trouble)
{
    fixture->trouble = trouble;
    tls_join_raw_client(fixture, context, "fallback.example");
    fixture->trouble = NULL;
    assert_int_equal(SSL_set_tlsext_host_name(fixture->raw, NAME), 1);
    assert_int_equal(SSL_set1_host(fixture->raw, NAME), 1);
    if (session)
        assert_int_equal(SSL_set_session(fixture->raw, session), 1);
    return tls_shake(fixture);
}

static void bad_certificates_are_seen_by_the_client(void **state)
{
    static const struct {
        enum tls_certificate kind;
        int error;
        int sent; /* certificates */
    } rows[] = {
        { CERTIFICATE_GOOD, X509_V_OK, 2 },
        { CERTIFICATE_EXPIRED, X509_V_ERR_CERT_HAS_EXPIRED, 2 },
        { CERTIFICATE_NOT_YET, X509_V_ERR_CERT_NOT_YET_VALID, 2 },
        { CERTIFICATE_WRONG_NAME, X509_V_ERR_HOSTNAME_MISMATCH, 2 },
        { CERTIFICATE_SELF_SIGNED, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, 1 },
        { CERTIFICATE_UNKNOWN_ISSUER, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, 2 },
        { CERTIFICATE_MISSING_INTERMEDIATE, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, 1 },
        { CERTIFICATE_WEAK_KEY, X509_V_ERR_EE_KEY_TOO_SMALL, 2 },
        { CERTIFICATE_SHA1, X509_V_ERR_CA_MD_TOO_WEAK, 2 },
    };
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(rows) * COUNT_OF(versions); i++) {
        SSL_CTX *context = tls_raw_client(fixture, versions[i % 2]);
        struct tls_trouble trouble = { .certificate = rows[i / 2].kind, .alert = -1 };
        struct tls_outcomes now = meet(fixture, context, NULL, &trouble);
        long error = SSL_get_verify_result(fixture->raw);
        bool good = rows[i / 2].error == X509_V_OK;
        if (error != rows[i / 2].error)
            fail_msg("kind %d: %s", (int)rows[i / 2].kind, X509_verify_cert_error_string(error));
        assert_int_equal(now.far, good ? IO_DONE : IO_FAILED);
        assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(fixture->raw)), rows[i / 2].sent);
        assert_int_equal(trouble.certificate_shown, !good);
        assert_false(trouble.alert_sent || trouble.stalled || trouble.version_limited);
        assert_int_equal(tls_trouble_due(fixture->far), NEVER);
        tls_hang_up(fixture);
        SSL_CTX_free(context);
    }
}

static void careless_clients_take_bad_certificates(void **state)
{
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < 9 * COUNT_OF(versions); i++) {
        SSL_CTX *context = tls_raw_client(fixture, versions[i % 2]);
        struct tls_trouble trouble = { .certificate = (enum tls_certificate)(i / 2), .alert = -1 };
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
        SSL_CTX_set_security_level(context, 0);
        meet(fixture, context, NULL, &trouble);
        assert_int_equal(trouble.certificate_shown, trouble.certificate != CERTIFICATE_GOOD);
        assert_int_equal(SSL_write(fixture->raw, "x", 1), 1);
        assert_string_equal(tls_facts_of(fixture->far).version, SSL_get_version(fixture->raw));
        tls_hang_up(fixture);
        SSL_CTX_free(context);
    }
}

static void handshakes_that_failed_have_no_version(void **state)
{
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        SSL_CTX *context = tls_raw_client(fixture, versions[i]);
        struct tls_trouble trouble = { .certificate = CERTIFICATE_EXPIRED, .alert = -1 };
        assert_int_equal(meet(fixture, context, NULL, &trouble).far, IO_FAILED);
        assert_null(tls_facts_of(fixture->far).version);
        assert_null(tls_facts_of(fixture->far).cipher);
        tls_assert_complaint(fixture->far, "rejected our certificate (alert certificate_expired)");
        tls_hang_up(fixture);
        SSL_CTX_free(context);
    }
}

static void versions_have_an_end(void **state)
{
    static const struct {
        enum tls_version most;
        int least_spoken, most_spoken;
        const char *version; /* NULL: none in common */
        bool limited;
    } rows[] = {
        { VERSION_ANY, TLS1_VERSION, TLS1_3_VERSION, "TLSv1.3", false },
        { VERSION_ANY, TLS1_VERSION, TLS1_1_VERSION, NULL, false },
        { VERSION_1_2, TLS1_VERSION, TLS1_3_VERSION, "TLSv1.2", true },
        { VERSION_1_2, TLS1_2_VERSION, TLS1_2_VERSION, "TLSv1.2", false },
        { VERSION_1_2, TLS1_3_VERSION, TLS1_3_VERSION, NULL, true },
        { VERSION_1_2, TLS1_1_VERSION, TLS1_1_VERSION, NULL, false },
        { VERSION_1_1, TLS1_VERSION, TLS1_3_VERSION, "TLSv1.1", true },
        { VERSION_1_1, TLS1_VERSION, TLS1_1_VERSION, "TLSv1.1", false },
        { VERSION_1_1, TLS1_VERSION, TLS1_VERSION, "TLSv1", false },
        { VERSION_1_1, TLS1_2_VERSION, TLS1_3_VERSION, NULL, true },
        { VERSION_1_0, TLS1_VERSION, TLS1_3_VERSION, "TLSv1", true },
        { VERSION_1_0, TLS1_VERSION, TLS1_2_VERSION, "TLSv1", true },
        { VERSION_1_0, TLS1_1_VERSION, TLS1_2_VERSION, NULL, true },
    };
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        SSL_CTX *context = tls_raw_client(fixture, TLS1_VERSION);
        struct tls_trouble trouble = { .alert = -1, .most = rows[i].most };
        SSL_CTX_set_min_proto_version(context, rows[i].least_spoken);
        SSL_CTX_set_max_proto_version(context, rows[i].most_spoken);
        struct tls_outcomes now = meet(fixture, context, NULL, &trouble);
        if ((now.far == IO_DONE) != (rows[i].version != NULL))
            fail_msg("row %zu: %s", i, fixture->far->complaint);
        if (rows[i].version)
            assert_string_equal(SSL_get_version(fixture->raw), rows[i].version);
        assert_int_equal(trouble.version_limited, rows[i].limited);
        tls_hang_up(fixture);
        SSL_CTX_free(context);
    }
}

/* The session of a first connection, without trouble. */
static SSL_SESSION *first_session(struct tls_fixture *fixture, SSL_CTX *context)
{
    char byte;

    meet(fixture, context, NULL, NULL);
    assert_int_equal(SSL_read(fixture->raw, &byte, 1), -1); /* a ticket of TLS 1.3 */
    SSL_SESSION *session = SSL_get1_session(fixture->raw);
    assert_true(SSL_SESSION_is_resumable(session));
    tls_hang_up(fixture);
    return session;
}

static int count_session(SSL *ssl, SSL_SESSION *session)
{
    (void)session;
    ++*(int *)SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    return 0;
}

struct way {
    int version;
    bool tickets;
};

/* Of TLS 1.3, tickets are the only way. */
static const struct way ways[] = { { TLS1_2_VERSION, false },
                                   { TLS1_2_VERSION, true },
                                   { TLS1_3_VERSION, true } };

static SSL_CTX *counting_client(struct tls_fixture *fixture, struct way way, int *sessions)
{
    SSL_CTX *context = tls_raw_client(fixture, way.version);

    if (!way.tickets)
        SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(context, count_session);
    SSL_CTX_set_app_data(context, sessions);
    return context;
}

static void sessions_are_neither_taken_nor_given(void **state)
{
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        int given = 0;
        char byte;
        SSL_CTX *context = counting_client(fixture, ways[i], &given);
        SSL_SESSION *session = first_session(fixture, context);
        assert_true(given > 0);
        for (int denied = 0; denied < 2; denied++) {
            struct tls_trouble trouble = { .alert = -1, .no_resumption = denied };
            given = 0;
            meet(fixture, context, session, &trouble);
            tls_must_shake(fixture);
            assert_int_equal(SSL_session_reused(fixture->raw), !denied);
            assert_int_equal(tls_facts_of(fixture->far).resumed, !denied);
            assert_int_equal(trouble.resumption_denied, denied);
            assert_int_equal(SSL_read(fixture->raw, &byte, 1), -1);
            if (denied) {
                assert_int_equal(given, 0);
                assert_false(SSL_SESSION_is_resumable(SSL_get0_session(fixture->raw)));
            }
        }
        tls_hang_up(fixture);
        SSL_SESSION_free(session);
        SSL_CTX_free(context);
    }
}

/* Also where the client breaks off at once. */
static void sessions_offered_in_vain_count_as_denied(void **state)
{
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        for (int offered = 0; offered < 2; offered++) {
            int given = 0;
            SSL_CTX *context = counting_client(fixture, ways[i], &given);
            SSL_SESSION *session = offered ? first_session(fixture, context) : NULL;
            struct tls_trouble trouble = { .alert = 80, .no_resumption = true };
            meet(fixture, context, session, &trouble);
            assert_int_equal(trouble.resumption_denied, offered);
            tls_hang_up(fixture);
            SSL_SESSION_free(session);
            SSL_CTX_free(context);
        }
    }
}

static void bad_certificates_are_shown_in_spite_of_a_session(void **state)
{
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        int given = 0;
        SSL_CTX *context = counting_client(fixture, ways[i], &given);
        SSL_SESSION *session = first_session(fixture, context);
        for (int careless = 0; careless < 2; careless++) {
            struct tls_trouble trouble = { .certificate = CERTIFICATE_EXPIRED, .alert = -1 };
            SSL_CTX_set_verify(context, careless ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
            given = 0;
            assert_int_equal(meet(fixture, context, session, &trouble).far,
                             careless ? IO_DONE : IO_FAILED);
            assert_false(SSL_session_reused(fixture->raw));
            assert_int_equal(SSL_get_verify_result(fixture->raw), X509_V_ERR_CERT_HAS_EXPIRED);
            assert_true(trouble.certificate_shown);
            assert_int_equal(given, 0); /* or the next bad one could be skipped */
        }
        tls_hang_up(fixture);
        SSL_SESSION_free(session);
        SSL_CTX_free(context);
    }
}

static void trouble_of_one_leaves_the_others_alone(void **state)
{
    struct tls_fixture *fixture = *state;
    SSL_CTX *old = tls_raw_client(fixture, TLS1_1_VERSION);
    SSL_CTX *strict = tls_raw_client(fixture, TLS1_3_VERSION);
    struct tls_trouble trouble = {
        .certificate = CERTIFICATE_SHA1, .alert = -1, .most = VERSION_1_1, .no_resumption = true
    };

    assert_int_equal(meet(fixture, old, NULL, &trouble).far, IO_DONE);
    assert_int_equal(meet(fixture, old, NULL, NULL).far, IO_FAILED);
    assert_int_equal(meet(fixture, strict, NULL, NULL).far, IO_DONE);
    assert_int_equal(SSL_get_verify_result(fixture->raw), X509_V_OK);
    assert_int_equal(tls_trouble_due(fixture->far), NEVER);
    tls_hang_up(fixture);
    SSL_CTX_free(old);
    SSL_CTX_free(strict);
}

/* So that nobody is busy with throwing away. */
static void who_talks_on_behind_an_alert_is_not_waited_for(void **state)
{
    static char more[4096];
    struct tls_fixture *fixture = *state;
    struct tls_trouble trouble = { .alert = 40 };
    SSL_CTX *context = tls_raw_client(fixture, TLS1_3_VERSION);
    enum io io = meet(fixture, context, NULL, &trouble).far;
    size_t sent = 0;

    for (; io == IO_WANT_READ && sent < (size_t)1024 * 1024; sent += sizeof more) {
        struct pollfd one = { .fd = fixture->far->fd, .events = POLLIN };

        assert_int_equal(write(fixture->raw_fd, more, sizeof more), sizeof more);
        assert_int_equal(poll(&one, 1, 5000), 1);
        io = transport_handshake(fixture->far);
    }
    assert_int_equal(io, IO_FAILED);
    assert_in_range(sent, 200 * 1024, 512 * 1024);
    tls_hang_up(fixture);
    SSL_CTX_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(bad_certificates_are_seen_by_the_client),
        CLAIM(who_talks_on_behind_an_alert_is_not_waited_for),
        CLAIM(careless_clients_take_bad_certificates),
        CLAIM(handshakes_that_failed_have_no_version),
        CLAIM(versions_have_an_end),
        CLAIM(sessions_are_neither_taken_nor_given),
        CLAIM(sessions_offered_in_vain_count_as_denied),
        CLAIM(bad_certificates_are_shown_in_spite_of_a_session),
        CLAIM(trouble_of_one_leaves_the_others_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
