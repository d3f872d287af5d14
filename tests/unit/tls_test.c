/* tls_test: handshakes: who is shown what, who believes whom, and what is said when not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tls_fixture.h"

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, tls_fixture_set_up, tls_fixture_tear_down)

static void assert_text(struct text text, const char *wanted)
{
    if (!text_is(text, wanted))
        fail_msg("wanted `%s`, got `%.*s`", wanted, (int)text.length, text.at);
}

static void handshake_tells_its_facts(void **state)
{
    struct tls_fixture *fixture = *state;
    struct tls_facts near, far;

    tls_join(fixture, fixture->client, "api.example.");
    assert_true(transport_is_tls(fixture->near));
    tls_must_shake(fixture);
    near = tls_facts_of(fixture->near);
    far = tls_facts_of(fixture->far);
    assert_string_equal(near.version, "TLSv1.3");
    assert_string_equal(far.cipher, near.cipher);
    assert_text(near.alpn, "http/1.1");
    assert_text(far.alpn, "http/1.1");
    assert_text(near.server_name, "api.example");
    assert_text(far.server_name, "api.example");
    assert_false(near.resumed || far.resumed);
    assert_false(near.certificate_asked || near.certificate_shown || far.certificate_shown);
    assert_null(near.verify_error);
    assert_int_equal(near.alert, -1);
    assert_int_equal(far.alert, -1);
    tls_must_pass(fixture->near, fixture->far, "ping", 4);
    tls_must_pass(fixture->far, fixture->near, "pong", 4);
}

static void addresses_are_verified_as_such(void **state)
{
    static const char *const names[] = { "127.0.0.1", "::1", "[::1]" };
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        int fds[2];
        tls_hang_up(fixture);
        tls_socket_pair(fds);
        fixture->near = tls_connect(fixture->client, fds[0], text_from(names[i]), 443);
        fixture->far =
            tls_accept(fixture->server, fds[1], text_from(names[i]), text_from(""), NULL);
        tls_must_shake(fixture);
        assert_true(text_is_empty(tls_facts_of(fixture->far).server_name)); /* RFC 6066 3 */
    }
}

static void wrong_certificates_are_complained_of(void **state)
{
    static const struct {
        const char *name, *near, *far;
        int alert;
    } rows[] = {
        /* Without SNI the leaf is for fallback.example. */
        { "127.0.0.1", "IP address mismatch", "rejected our certificate (alert bad_certificate)",
          42 },
    };
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tls_join(fixture, fixture->client, rows[i].name);
        struct tls_outcomes now = tls_shake(fixture);
        assert_int_equal(now.near, IO_FAILED);
        assert_int_equal(now.far, IO_FAILED);
        assert_string_equal(fixture->near->complaint, rows[i].near);
        assert_string_equal(tls_facts_of(fixture->near).verify_error, rows[i].near);
        tls_assert_complaint(fixture->far, rows[i].far);
        assert_int_equal(tls_facts_of(fixture->far).alert, rows[i].alert);
        assert_int_equal(transport_handshake(fixture->near), IO_FAILED);
    }
}

static void unknown_authority_is_complained_of(void **state)
{
    struct tls_fixture *fixture = *state;
    struct tls_client *client = tls_must_client(&(struct tls_client_options){ 0 });

    tls_join(fixture, client, "api.example");
    assert_int_equal(tls_shake(fixture).near, IO_FAILED);
    tls_assert_complaint(fixture->near, "self-signed certificate in certificate chain");
    assert_string_equal(fixture->far->complaint,
                        "the client rejected our certificate (alert unknown_ca)");
    tls_hang_up(fixture);
    tls_client_free(client);
}

static void insecure_client_takes_any_certificate(void **state)
{
    struct tls_fixture *fixture = *state;
    struct tls_client *client = tls_must_client(&(struct tls_client_options){ .insecure = true });

    tls_join(fixture, client, "127.0.0.1");
    tls_must_shake(fixture);
    assert_non_null(tls_facts_of(fixture->near).verify_error);
    tls_hang_up(fixture);
    tls_client_free(client);
}

/* An origin for o.example whose certificate is signed by itself. */
static SSL_CTX *self_signed(time_t from, time_t until)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:o.example");

    X509_set_version(certificate, X509_VERSION_3);
    ASN1_TIME_adj(X509_getm_notBefore(certificate), time(NULL), 0, from);
    ASN1_TIME_adj(X509_getm_notAfter(certificate), time(NULL), 0, until);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"o", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    X509_add_ext(certificate, names, -1);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(SSL_CTX_use_cert_and_key(context, certificate, key, NULL, 1), 1);
    X509_EXTENSION_free(names);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}

static void trust_that_of(struct tls_fixture *fixture, SSL_CTX *context)
{
    char path[256];
    FILE *file = NULL;

    certs_path(fixture->disk, "other.pem", path);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, SSL_CTX_get0_certificate(context)), 1);
    fclose(file);
    tls_client_free(fixture->client);
    fixture->client = tls_must_client(&(struct tls_client_options){ .ca_file = path });
    unlink(path);
}

static void origins_are_judged_by_their_certificate(void **state)
{
    static const struct {
        int from, until; /* seconds from now */
        bool trusted;
        const char *name, *complaint;
    } rows[] = {
        { -60, 60, true, "o.example", NULL },
        { -60, 60, true, "p.example", "hostname mismatch" },
        { -60, 60, false, "o.example", "self-signed certificate" },
        { -60, -1, true, "o.example", "certificate has expired" },
        { 60, 90, true, "o.example", "certificate is not yet valid" },
    };
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        SSL_CTX *context = self_signed(rows[i].from, rows[i].until);
        SSL_CTX *other = self_signed(-60, 60);
        trust_that_of(fixture, rows[i].trusted ? context : other);
        tls_join_raw_server(fixture, context, rows[i].name);
        enum io io = tls_shake(fixture).near;
        assert_int_equal(io, rows[i].complaint ? IO_FAILED : IO_DONE);
        if (rows[i].complaint)
            assert_string_equal(fixture->near->complaint, rows[i].complaint);
        tls_hang_up(fixture);
        SSL_CTX_free(context);
        SSL_CTX_free(other);
    }
}

static void missing_intermediates_are_complained_of(void **state)
{
    struct tls_fixture *fixture = *state;
    SSL_CTX *leaf_only = tls_raw_server(fixture, "api.example"), *other = self_signed(-60, 60);

    trust_that_of(fixture, other);
    tls_join_raw_server(fixture, leaf_only, "api.example");
    assert_int_equal(tls_shake(fixture).near, IO_FAILED);
    assert_string_equal(fixture->near->complaint, "unable to get local issuer certificate");
    SSL_CTX_free(leaf_only);
    SSL_CTX_free(other);
}

static void leaf_is_for_the_name_asked(void **state)
{
    static const struct {
        const char *sni, *fallback, *dns, *ip, *complaint;
    } rows[] = {
        { "a.example", "b.example", "a.example", NULL, NULL },
        { NULL, "b.example", "b.example", NULL, NULL },
        { NULL, "10.1.2.3", NULL, "10.1.2.3", NULL },
        { NULL, "::1", NULL, "::1", NULL },
        { NULL, "", NULL, NULL, "no certificate can be made for \"\"" },
        { "a b", "b.example", NULL, NULL, "no certificate can be made for \"a b\"" },
    };
    struct tls_fixture *fixture = *state;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tls_join_raw_client(fixture, context, rows[i].fallback);
        if (rows[i].sni)
            assert_int_equal(SSL_set_tlsext_host_name(fixture->raw, rows[i].sni), 1);
        struct tls_outcomes now = tls_shake(fixture);
        if (rows[i].complaint) {
            assert_int_equal(now.far, IO_FAILED);
            tls_assert_complaint(fixture->far, rows[i].complaint);
            continue;
        }
        assert_int_equal(now.far, IO_DONE);
        X509 *leaf = SSL_get0_peer_certificate(fixture->raw);
        assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(fixture->raw)), 2);
        if (rows[i].dns)
            assert_int_equal(X509_check_host(leaf, rows[i].dns, 0, 0, NULL), 1);
        if (rows[i].ip)
            assert_int_equal(X509_check_ip_asc(leaf, rows[i].ip, 0), 1);
    }
    SSL_CTX_free(context);
}

static void protocol_is_http1_or_none(void **state)
{
    static const struct {
        const char *offered, *chosen;
        bool refused;
    } rows[] = {
        { "\x02h2\x08http/1.1", "http/1.1", false },
        { "\x08http/1.1", "http/1.1", false },
        { "\x08http/1.0", "", false },
        { "", "", false },
        { "\x02h2", NULL, true },
        { "\x04grpc\x02h2", NULL, true },
    };
    struct tls_fixture *fixture = *state;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        tls_join_raw_client(fixture, context, "b.example");
        SSL_set_alpn_protos(fixture->raw, (const unsigned char *)rows[i].offered,
                            (unsigned)strlen(rows[i].offered));
        enum io io = tls_shake(fixture).far;
        assert_int_equal(io, rows[i].refused ? IO_FAILED : IO_DONE);
        if (rows[i].refused)
            tls_assert_complaint(fixture->far, "no application protocol");
        else
            assert_text(tls_facts_of(fixture->far).alpn, rows[i].chosen);
    }
    SSL_CTX_free(context);
}

static void old_versions_are_refused(void **state)
{
    static const struct {
        int version;
        enum io io;
    } rows[] = { { TLS1_1_VERSION, IO_FAILED },
                 { TLS1_2_VERSION, IO_DONE },
                 { TLS1_3_VERSION, IO_DONE } };
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        SSL_CTX *context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_security_level(context, 0);
        SSL_CTX_set_min_proto_version(context, rows[i].version);
        SSL_CTX_set_max_proto_version(context, rows[i].version);
        tls_join_raw_client(fixture, context, "b.example");
        assert_int_equal(tls_shake(fixture).far, rows[i].io);
        if (rows[i].io == IO_FAILED)
            tls_assert_complaint(fixture->far, "unsupported protocol");
        tls_hang_up(fixture);
        SSL_CTX_free(context);
    }
}

static void plain_http_is_called_by_its_name(void **state)
{
    struct tls_fixture *fixture = *state;
    int fds[2];

    tls_socket_pair(fds);
    fixture->raw_fd = fds[0];
    fixture->far =
        tls_accept(fixture->server, fds[1], text_from("x"), text_from("GET / HTTP/1.1"), NULL);
    assert_int_equal(transport_handshake(fixture->far), IO_FAILED);
    assert_string_equal(fixture->far->complaint, "the client does not speak TLS here");
    tls_hang_up(fixture);
    tls_socket_pair(fds);
    fixture->raw_fd = fds[0];
    assert_int_equal(write(fds[0], "HTTP/1.1 400 Bad Request\r\n", 26), 26);
    fixture->near = tls_connect(fixture->client, fds[1], text_from("x"), 443);
    assert_int_equal(transport_handshake(fixture->near), IO_FAILED);
    assert_string_equal(fixture->near->complaint, "the origin does not speak TLS here");
}

static void names_that_cannot_be_verified_are_refused(void **state)
{
    static const struct text names[] = { TEXT(""), TEXT("a\0b"), TEXT("[]") };
    struct tls_fixture *fixture = *state;
    size_t count = 0;
    char byte = 0;

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        int fds[2];
        tls_hang_up(fixture);
        tls_socket_pair(fds);
        fixture->raw_fd = fds[0];
        fixture->near = tls_connect(fixture->client, fds[1], names[i], 443);
        assert_int_equal(transport_handshake(fixture->near), IO_FAILED);
        tls_assert_complaint(fixture->near, "not a name to verify by");
        assert_int_equal(transport_read(fixture->near, &byte, 1, &count), IO_FAILED);
        assert_int_equal(recv(fds[0], &byte, 1, 0), -1); /* not even a hello */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(handshake_tells_its_facts),
        CLAIM(addresses_are_verified_as_such),
        CLAIM(wrong_certificates_are_complained_of),
        CLAIM(unknown_authority_is_complained_of),
        CLAIM(insecure_client_takes_any_certificate),
        CLAIM(origins_are_judged_by_their_certificate),
        CLAIM(missing_intermediates_are_complained_of),
        CLAIM(leaf_is_for_the_name_asked),
        CLAIM(protocol_is_http1_or_none),
        CLAIM(old_versions_are_refused),
        CLAIM(plain_http_is_called_by_its_name),
        CLAIM(names_that_cannot_be_verified_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
