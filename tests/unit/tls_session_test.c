/* tls_session_test: resumption, client certificates, fixed certificates, key logs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "net/tls_private.h"
#include "tls_fixture.h"

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, tls_fixture_set_up, tls_fixture_tear_down)

/* A session ticket of TLS 1.3 comes with the first read after the handshake. */
static void take_ticket(struct tls_fixture *fixture)
{
    char byte;
    size_t got = 0;

    if (fixture->near)
        assert_int_equal(transport_read(fixture->near, &byte, 1, &got), IO_WANT_READ);
    else
        assert_true(SSL_read(fixture->raw, &byte, 1) < 0);
}

static void sessions_are_resumed_on_both_sides(void **state)
{
    struct tls_fixture *fixture = *state;

    for (int turn = 0; turn < 4; turn++) {
        tls_join(fixture, fixture->client, "a.example");
        tls_must_shake(fixture);
        take_ticket(fixture);
        assert_int_equal(tls_facts_of(fixture->near).resumed, turn > 0);
        assert_int_equal(tls_facts_of(fixture->far).resumed, turn > 0);
        assert_null(tls_facts_of(fixture->near).verify_error);
        tls_must_pass(fixture->near, fixture->far, "again", 5);
    }
    assert_int_equal(certs_minted(fixture->certs), 1);
    tls_join(fixture, fixture->client, "b.example");
    tls_must_shake(fixture);
    assert_false(tls_facts_of(fixture->near).resumed);
}

static void one_ticket_serves_several_connections(void **state)
{
    struct tls_fixture *fixture = *state;

    for (int turn = 0; turn < 4; turn++) {
        tls_join(fixture, fixture->client, "a.example");
        tls_must_shake(fixture);
        if (turn == 0)
            take_ticket(fixture);
        assert_int_equal(tls_facts_of(fixture->near).resumed, turn > 0);
    }
}

static void sessions_are_resumed_with_either_version(void **state)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        char name[] = "0.example";
        name[0] = (char)('0' + i);
        SSL_CTX *origin = tls_raw_server(fixture, name), *client = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_max_proto_version(origin, versions[i]);
        SSL_CTX_set_max_proto_version(client, versions[i]);
        for (int turn = 0; turn < 2; turn++) {
            tls_join_raw_server(fixture, origin, name);
            tls_must_shake(fixture);
            take_ticket(fixture);
            assert_int_equal(tls_facts_of(fixture->near).resumed, turn);
        }
        tls_join_raw_client(fixture, client, "b.example");
        tls_must_shake(fixture);
        take_ticket(fixture);
        SSL_SESSION *session = SSL_get1_session(fixture->raw);
        tls_join_raw_client(fixture, client, "b.example");
        SSL_set_session(fixture->raw, session);
        tls_must_shake(fixture);
        assert_true(tls_facts_of(fixture->far).resumed);
        assert_true(SSL_session_reused(fixture->raw));
        tls_hang_up(fixture);
        SSL_SESSION_free(session);
        SSL_CTX_free(origin);
        SSL_CTX_free(client);
    }
}

static void sessions_that_an_origin_forgot_do_no_harm(void **state)
{
    struct tls_fixture *fixture = *state;

    for (int turn = 0; turn < 2; turn++) {
        SSL_CTX *origin = tls_raw_server(fixture, "a.example"); /* with a ticket key of its own */
        tls_join_raw_server(fixture, origin, "a.example");
        tls_must_shake(fixture);
        take_ticket(fixture);
        assert_false(tls_facts_of(fixture->near).resumed);
        tls_hang_up(fixture);
        SSL_CTX_free(origin);
    }
}

static SSL_SESSION *session_numbered(unsigned number)
{
    SSL_SESSION *session = SSL_SESSION_new();

    assert_int_equal(SSL_SESSION_set1_id(session, (const unsigned char *)&number, sizeof number),
                     1);
    return session;
}

static bool is_kept(struct tls_sessions *sessions, const char *name, uint16_t port)
{
    SSL_SESSION *session = tls_sessions_find(sessions, text_from(name), port);

    SSL_SESSION_free(session);
    return session != NULL;
}

static void sessions_are_kept_up_to_a_bound(void **state)
{
    struct tls_sessions *sessions = tls_sessions_new();
    char name[32];

    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        snprintf(name, sizeof name, "%u.example", i);
        tls_sessions_put(sessions, text_from(name), 443, session_numbered(i));
    }
    assert_true(is_kept(sessions, "0.EXAMPLE", 443));
    assert_false(is_kept(sessions, "0.example", 444));
    tls_sessions_put(sessions, text_from("more.example"), 443, session_numbered(256));
    assert_true(is_kept(sessions, "0.example", 443));
    assert_false(is_kept(sessions, "1.example", 443)); /* least recently used */
    assert_true(is_kept(sessions, "2.example", 443));
    tls_sessions_put(sessions, text_from("2.example"), 443, session_numbered(257));
    assert_true(is_kept(sessions, "3.example", 443)); /* its own one was replaced */
    tls_sessions_forget(sessions, text_from("3.example"), 443);
    assert_false(is_kept(sessions, "3.example", 443));
    tls_sessions_put(sessions, text_from("none"), 443, SSL_SESSION_new());
    assert_false(is_kept(sessions, "none", 443)); /* it cannot be resumed */
    tls_sessions_free(sessions);
}

/* Writes the fixture's leaf for `name` and its key as an operator would hand them over. */
static void write_pair(struct tls_fixture *fixture, const char *name, char cert[256], char key[256])
{
    struct leaf leaf;
    FILE *file = NULL;

    certs_path(fixture->disk, "leaf.pem", cert);
    certs_path(fixture->disk, "leaf-key.pem", key);
    assert_true(certs_leaf(fixture->certs, text_from(name), &leaf));
    file = fopen(cert, "w");
    assert_int_equal(PEM_write_X509(file, leaf.certificate), 1);
    assert_int_equal(PEM_write_X509(file, leaf.issuer), 1);
    fclose(file);
    file = fopen(key, "w");
    assert_int_equal(PEM_write_PrivateKey(file, leaf.key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(file);
    certs_leaf_drop(&leaf);
}

static int accept_any(int preverified, X509_STORE_CTX *store)
{
    (void)preverified, (void)store;
    return 1;
}

static void client_certificates_are_asked_for(void **state)
{
    static const struct {
        int version, mode;
        bool has;
        bool asked, shown;
    } rows[] = {
        { TLS1_3_VERSION, SSL_VERIFY_NONE, false, false, false },
        { TLS1_3_VERSION, SSL_VERIFY_NONE, true, false, false },
        { TLS1_2_VERSION, SSL_VERIFY_PEER, false, true, false },
        { TLS1_3_VERSION, SSL_VERIFY_PEER, false, true, false },
        { TLS1_2_VERSION, SSL_VERIFY_PEER, true, false, true },
        { TLS1_3_VERSION, SSL_VERIFY_PEER, true, false, true },
    };
    struct tls_fixture *fixture = *state;
    char cert[256], key[256];

    write_pair(fixture, "client.example", cert, key);
    tls_client_free(fixture->client);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        SSL_CTX *origin = tls_raw_server(fixture, "a.example");
        SSL_CTX_set_max_proto_version(origin, rows[i].version);
        SSL_CTX_set_verify(origin, rows[i].mode, accept_any);
        fixture->client =
            tls_must_client(&(struct tls_client_options){ .ca_file = fixture->ca_file,
                                                          .cert_file = rows[i].has ? cert : NULL,
                                                          .key_file = rows[i].has ? key : NULL });
        tls_join_raw_server(fixture, origin, "a.example");
        tls_must_shake(fixture);
        assert_int_equal(tls_facts_of(fixture->near).certificate_asked, rows[i].asked);
        assert_int_equal(tls_facts_of(fixture->near).certificate_shown, rows[i].shown);
        assert_int_equal(SSL_get0_peer_certificate(fixture->raw) != NULL, rows[i].shown);
        tls_hang_up(fixture);
        tls_client_free(fixture->client);
        SSL_CTX_free(origin);
    }
    fixture->client = NULL;
    unlink(cert);
    unlink(key);
}

static void missing_client_certificate_is_named(void **state)
{
    static const struct {
        int version;
        const char *complaint;
    } rows[] = {
        { TLS1_2_VERSION, "the origin wants a client certificate (alert handshake_failure)" },
        { TLS1_3_VERSION, "the origin wants a client certificate (alert certificate_required)" },
    };
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        SSL_CTX *origin = tls_raw_server(fixture, "a.example");
        size_t got = 0;
        char byte = 0;
        SSL_CTX_set_max_proto_version(origin, rows[i].version);
        SSL_CTX_set_verify(origin, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        tls_join_raw_server(fixture, origin, "a.example");
        enum io io = tls_shake(fixture).near;
        if (rows[i].version == TLS1_3_VERSION) { /* our side was done before the origin looked */
            assert_int_equal(io, IO_DONE);
            io = transport_read(fixture->near, &byte, 1, &got);
        }
        assert_int_equal(io, IO_FAILED);
        assert_string_equal(fixture->near->complaint, rows[i].complaint);
        assert_true(tls_facts_of(fixture->near).certificate_asked);
        SSL_CTX_free(origin);
    }
}

static void own_certificate_is_used_for_every_name(void **state)
{
    struct tls_fixture *fixture = *state;
    char cert[256], key[256];

    write_pair(fixture, "a.example", cert, key);
    tls_server_free(fixture->server);
    fixture->server = tls_server_new(
        &(struct tls_server_options){ .cert_file = cert, .key_file = key, .certs = fixture->certs },
        &fixture->disk->complaint);
    assert_non_null(fixture->server);
    tls_join(fixture, fixture->client, "a.example");
    tls_must_shake(fixture);
    tls_join(fixture, fixture->client, "b.example");
    assert_int_equal(tls_shake(fixture).near, IO_FAILED);
    assert_string_equal(fixture->near->complaint, "hostname mismatch");
    assert_string_equal(fixture->far->complaint,
                        "the client rejected our certificate (alert bad_certificate)");
    assert_int_equal(certs_minted(fixture->certs), 1);
    unlink(cert);
    unlink(key);
}

static void own_certificate_gives_way_to_a_bad_one(void **state)
{
    struct tls_fixture *fixture = *state;
    struct tls_trouble trouble = { .certificate = CERTIFICATE_SELF_SIGNED, .alert = -1 };
    char cert[256], key[256];

    write_pair(fixture, "a.example", cert, key);
    for (int minting = 0; minting < 2; minting++) {
        tls_server_free(fixture->server);
        fixture->server = tls_server_new(
            &(struct tls_server_options){
                .cert_file = cert, .key_file = key, .certs = minting ? fixture->certs : NULL },
            &fixture->disk->complaint);
        fixture->trouble = &trouble;
        tls_join(fixture, fixture->client, "a.example");
        assert_int_equal(tls_shake(fixture).near, minting ? IO_FAILED : IO_DONE);
        assert_int_equal(trouble.certificate_shown, minting);
        if (minting)
            assert_string_equal(fixture->near->complaint, "self-signed certificate");
        fixture->trouble = NULL;
        tls_join(fixture, fixture->client, "a.example");
        tls_must_shake(fixture);
    }
    unlink(cert);
    unlink(key);
}

static void files_that_cannot_be_used_are_told(void **state)
{
    struct tls_fixture *fixture = *state;
    char cert[256], key[256], ca_key[256];
    struct buffer *complaint = &fixture->disk->complaint;

    write_pair(fixture, "a.example", cert, key);
    certs_path(fixture->disk, "ca-key.pem", ca_key);
    const struct tls_server_options servers[] = { { .cert_file = "missing", .key_file = key },
                                                  { .cert_file = cert, .key_file = "missing" },
                                                  { .cert_file = cert, .key_file = ca_key },
                                                  { .cert_file = key } };
    const struct tls_client_options clients[] = { { .ca_file = "missing" },
                                                  { .ca_file = key },
                                                  { .cert_file = "missing", .key_file = key } };
    for (size_t i = 0; i < COUNT_OF(servers); i++) {
        assert_null(tls_server_new(&servers[i], complaint));
        assert_non_null(strstr(complaint->at, ": "));
        buffer_clear(complaint);
    }
    for (size_t i = 0; i < COUNT_OF(clients); i++) {
        assert_null(tls_client_new(&clients[i], complaint));
        assert_non_null(strstr(complaint->at, ": "));
        buffer_clear(complaint);
    }
    unlink(cert);
    unlink(key);
}

static void keys_are_logged_by_both_sides(void **state)
{
    struct tls_fixture *fixture = *state;
    char path[256], content[8192] = "";
    struct stat found = { 0 };

    certs_path(fixture->disk, "keys", path);
    setenv("SSLKEYLOGFILE", path, 1);
    tls_server_free(fixture->server);
    tls_client_free(fixture->client);
    fixture->server = tls_server_new(&(struct tls_server_options){ .certs = fixture->certs },
                                     &fixture->disk->complaint);
    fixture->client = tls_must_client(&(struct tls_client_options){ .ca_file = fixture->ca_file });
    unsetenv("SSLKEYLOGFILE");
    tls_join(fixture, fixture->client, "a.example");
    tls_must_shake(fixture);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &found) == 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    assert_true(read(fd, content, sizeof content - 1) > 0);
    close(fd);
    unlink(path);
    char *first = strstr(content, "CLIENT_TRAFFIC_SECRET_0 ");
    assert_non_null(first);
    char *second = strstr(first + 1, "\nCLIENT_TRAFFIC_SECRET_0 ");
    assert_non_null(second);
    assert_memory_equal(first, second + 1, strcspn(first, "\n"));
    assert_int_equal(content[strlen(content) - 1], '\n');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(sessions_are_resumed_on_both_sides),
        CLAIM(one_ticket_serves_several_connections),
        CLAIM(sessions_are_resumed_with_either_version),
        CLAIM(sessions_that_an_origin_forgot_do_no_harm),
        cmocka_unit_test(sessions_are_kept_up_to_a_bound),
        CLAIM(client_certificates_are_asked_for),
        CLAIM(missing_client_certificate_is_named),
        CLAIM(own_certificate_is_used_for_every_name),
        CLAIM(own_certificate_gives_way_to_a_bad_one),
        CLAIM(files_that_cannot_be_used_are_told),
        CLAIM(keys_are_logged_by_both_sides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
