/* tls_fixture: both ends of a TLS connection in one thread, over sockets that the test holds. */
#include "tls_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct tls_client *tls_must_client(const struct tls_client_options *options)
{
    struct buffer complaint = { 0 };
    struct tls_client *client = tls_client_new(options, &complaint);

    if (!client)
        fail_msg("%s", complaint.at);
    buffer_free(&complaint);
    return client;
}

int tls_fixture_set_up(void **state)
{
    struct tls_fixture *fixture = calloc(1, sizeof *fixture);
    void *disk = NULL;

    if (!fixture || certs_fixture_set_up(&disk) != 0) {
        free(fixture);
        return -1;
    }
    fixture->disk = disk;
    fixture->certs = certs_must_open(fixture->disk);
    certs_path(fixture->disk, "ca.pem", fixture->ca_file);
    fixture->server = tls_server_new(&(struct tls_server_options){ .certs = fixture->certs },
                                     &fixture->disk->complaint);
    fixture->client = tls_must_client(&(struct tls_client_options){ .ca_file = fixture->ca_file });
    fixture->raw_fd = -1;
    *state = fixture;
    return fixture->server ? 0 : -1;
}

void tls_hang_up(struct tls_fixture *fixture)
{
    transport_free(fixture->near, false);
    transport_free(fixture->far, false);
    if (fixture->raw) /* or its session would count as broken */
        SSL_set_shutdown(fixture->raw, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(fixture->raw);
    if (fixture->raw_fd >= 0)
        close(fixture->raw_fd);
    fixture->near = fixture->far = NULL;
    fixture->raw = NULL;
    fixture->raw_fd = -1;
}

int tls_fixture_tear_down(void **state)
{
    struct tls_fixture *fixture = *state;
    void *disk = fixture->disk;

    tls_hang_up(fixture);
    tls_server_free(fixture->server);
    tls_client_free(fixture->client);
    certs_free(fixture->certs);
    free(fixture);
    return certs_fixture_tear_down(&disk);
}

void tls_socket_pair(int fds[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
}

void tls_tcp_pair(int fds[2])
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof at;
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(listening, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listening, 1), 0);
    assert_int_equal(getsockname(listening, (struct sockaddr *)&at, &length), 0);
    fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fds[0], (struct sockaddr *)&at, sizeof at), 0);
    fds[1] = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    assert_true(fds[1] >= 0);
    assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
    close(listening);
}

void tls_join(struct tls_fixture *fixture, struct tls_client *client, const char *name)
{
    int fds[2];

    tls_hang_up(fixture);
    tls_socket_pair(fds);
    fixture->near = tls_connect(client, fds[0], text_from(name), 443);
    fixture->far = tls_accept(fixture->server, fds[1], text_from("fallback.example"), text_from(""),
                              fixture->trouble);
}

static void make_raw(struct tls_fixture *fixture, SSL_CTX *context, int fd)
{
    fixture->raw = SSL_new(context);
    fixture->raw_fd = fd;
    assert_int_equal(SSL_set_fd(fixture->raw, fd), 1);
}

void tls_join_raw_client(struct tls_fixture *fixture, SSL_CTX *context, const char *fallback)
{
    int fds[2];

    tls_hang_up(fixture);
    tls_tcp_pair(fds);
    make_raw(fixture, context, fds[0]);
    SSL_set_connect_state(fixture->raw);
    fixture->far =
        tls_accept(fixture->server, fds[1], text_from(fallback), text_from(""), fixture->trouble);
}

void tls_join_raw_server(struct tls_fixture *fixture, SSL_CTX *context, const char *name)
{
    int fds[2];

    tls_hang_up(fixture);
    tls_tcp_pair(fds);
    make_raw(fixture, context, fds[0]);
    SSL_set_accept_state(fixture->raw);
    fixture->near = tls_connect(fixture->client, fds[1], text_from(name), 443);
}

SSL_CTX *tls_raw_client(struct tls_fixture *fixture, int version)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    SSL_CTX_set_security_level(context, version < TLS1_2_VERSION ? 0 : 2);
    assert_int_equal(SSL_CTX_set_min_proto_version(context, version), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(context, version), 1);
    assert_int_equal(SSL_CTX_load_verify_file(context, fixture->ca_file), 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    return context;
}

SSL_CTX *tls_raw_server(struct tls_fixture *fixture, const char *name)
{
    static const unsigned char id[] = "raw";
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    struct leaf leaf;

    assert_true(certs_leaf(fixture->certs, text_from(name), &leaf));
    assert_int_equal(SSL_CTX_use_cert_and_key(context, leaf.certificate, leaf.key, NULL, 1), 1);
    SSL_CTX_set_session_id_context(context, id, sizeof id);
    certs_leaf_drop(&leaf);
    return context;
}

static bool is_over(enum io io)
{
    return io != IO_WANT_READ && io != IO_WANT_WRITE;
}

struct tls_outcomes tls_shake(struct tls_fixture *fixture)
{
    struct tls_outcomes now = { IO_WANT_READ, IO_WANT_READ, false };

    for (int turn = 0; turn < 40; turn++) {
        if (fixture->near && !is_over(now.near))
            now.near = transport_handshake(fixture->near);
        if (fixture->far && !is_over(now.far))
            now.far = transport_handshake(fixture->far);
        if (fixture->raw && !now.raw)
            now.raw = SSL_do_handshake(fixture->raw) == 1;
    }
    return now;
}

void tls_must_shake(struct tls_fixture *fixture)
{
    struct tls_outcomes now = tls_shake(fixture);

    if (fixture->near && now.near != IO_DONE)
        fail_msg("towards the origin: %d, %s", now.near, fixture->near->complaint);
    if (fixture->far && now.far != IO_DONE)
        fail_msg("towards the client: %d, %s", now.far, fixture->far->complaint);
    if (fixture->raw && !now.raw)
        fail_msg("OpenSSL's end of the handshake");
}

void tls_must_pass(struct transport *from, struct transport *to, const char *bytes, size_t length)
{
    size_t sent = 0, taken = 0, count = 0;
    char *came = malloc(length);

    assert_non_null(came);
    for (int idle = 0; taken < length && idle < 1000; idle++) {
        struct iovec part = { (void *)(uintptr_t)(bytes + sent), length - sent };
        if (sent < length && from->ops->write(from, &part, 1, &count) == IO_DONE)
            sent += count;
        if (transport_read(to, came + taken, length - taken, &count) == IO_DONE) {
            taken += count;
            idle = 0;
        }
    }
    assert_int_equal(taken, length);
    assert_memory_equal(came, bytes, length);
    free(came);
}

void tls_must_write(struct transport *transport, const char *string)
{
    struct iovec part = { (void *)(uintptr_t)string, strlen(string) };
    size_t put = 0;

    assert_int_equal(transport->ops->write(transport, &part, 1, &put), IO_DONE);
    assert_int_equal(put, strlen(string));
}

struct tls_facts tls_facts_of(const struct transport *transport)
{
    struct tls_facts facts;

    tls_facts(transport, &facts);
    return facts;
}

void tls_assert_complaint(const struct transport *transport, const char *words)
{
    assert_non_null(transport->complaint);
    if (!strstr(transport->complaint, words))
        fail_msg("wanted `%s` in `%s`", words, transport->complaint);
}
