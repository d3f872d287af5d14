/* tls_tunnel_test: TLS inside TLS: bytes both ways, ends, failures, sessions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/socket.h>

#include "tunnel_way.h"

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, tunnel_enter, tunnel_leave)

/* A reader that waits for the poller whenever it is told to. */
static void must_pass(struct way *way, bool outward, const char *bytes, size_t length)
{
    struct transport *from = outward ? way->tls->near : way->tls->far;
    struct transport *to = outward ? way->tls->far : way->tls->near;
    size_t sent = 0, taken = 0, count = 0;
    char *came = malloc(length);

    assert_non_null(came);
    for (int idle = 0; taken < length && idle < 1000; idle++) {
        struct iovec part = { (void *)(uintptr_t)(bytes + sent), length - sent };

        if (sent < length && from->ops->write(from, &part, 1, &count) == IO_DONE)
            sent += count;
        tunnel_carry(way);
        while (taken < length &&
               transport_read(to, came + taken, length - taken, &count) == IO_DONE) {
            taken += count;
            idle = 0;
            if (to->drained)
                assert_false(to->ops->holds_bytes(to));
        }
    }
    assert_int_equal(taken, length);
    assert_memory_equal(came, bytes, length);
    free(came);
}

static void bytes_pass_whole_both_ways(void **state)
{
    static const size_t lengths[] = { 1, 16255, 16256, 16257, 16384, 16385, 1500000 };
    struct way *way = *state;
    char *bytes = malloc(1500000);

    assert_non_null(bytes);
    for (size_t i = 0; i < 1500000; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    tunnel_must_join(way);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        must_pass(way, true, bytes, lengths[i]);
        must_pass(way, false, bytes, lengths[i]);
    }
    free(bytes);
}

/* The parent's records end anywhere within the origin's. */
static void records_may_come_in_any_pieces(void **state)
{
    static const size_t sizes[] = { 1, 2, 3, 5, 17, 64, 1000 };
    struct way *way = *state;

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        way->most = sizes[i];
        tunnel_must_join(way);
        must_pass(way, true, "request", 7);
        must_pass(way, false, "answer", 6);
    }
}

/* What the poller would say. */
static bool is_readable(const struct transport *transport)
{
    char byte;

    return recv(transport->fd, &byte, 1, MSG_PEEK) >= 0;
}

/* One read of the parent's connection brings several of the origin's records, and leaves some in
 * it: they must not wait for a poller that has nothing to tell any more. */
static void what_waits_inside_is_told_of(void **state)
{
    enum { PARTS = 60, PART = 1000 };
    static char part[PART + 1];
    struct way *way = *state;
    struct transport *near;
    size_t got = 0, taken = 0, held_below = 0;
    char came[PART];

    memset(part, 'x', PART);
    tunnel_must_join(way);
    near = way->tls->near;
    must_pass(way, false, "tickets", 7);
    for (int i = 0; i < PARTS; i++)
        tls_must_write(way->tls->far, part);
    for (int i = 0; i < 8; i++)
        tunnel_carry(way);
    while (is_readable(near) || near->ops->holds_bytes(near)) {
        assert_int_equal(transport_read(near, came, PART, &got), IO_DONE);
        taken += got;
        held_below += tls_below(near)->ops->holds_bytes(tls_below(near));
    }
    assert_int_equal(taken, PARTS * PART);
    assert_true(held_below > 0);
    assert_int_equal(transport_read(near, came, 1, &got), IO_WANT_READ);
}

/* To a reader that is slow, over a socket that takes little. */
static void blocked_writes_go_on_where_they_were(void **state)
{
    enum { TOTAL = 300000, PART = 777 };
    struct way *way = *state;
    char *bytes = malloc(TOTAL), *came = malloc(TOTAL);
    size_t sent = 0, taken = 0, blocked = 0, count = 0;
    int least = 1;

    assert_true(bytes && came);
    for (size_t i = 0; i < TOTAL; i++)
        bytes[i] = (char)(i * 2246822519u >> 11);
    tunnel_must_join(way);
    setsockopt(way->tls->near->fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
    for (int turn = 0; turn < 100000 && taken < TOTAL; turn++) {
        size_t length = TOTAL - sent < 9 * PART ? TOTAL - sent : 9 * PART;
        struct iovec part = { bytes + sent, length };
        enum io io =
            length ? way->tls->near->ops->write(way->tls->near, &part, 1, &count) : IO_WANT_READ;

        if (io == IO_DONE)
            sent += count;
        blocked += io == IO_WANT_WRITE;
        if (turn % 5 == 0)
            tunnel_carry(way);
        if (transport_read(way->tls->far, came + taken, TOTAL - taken, &count) == IO_DONE)
            taken += count;
    }
    assert_int_equal(taken, TOTAL);
    assert_memory_equal(came, bytes, TOTAL);
    assert_true(blocked > 10);
    free(bytes);
    free(came);
}

static void both_layers_tell_who_they_are(void **state)
{
    struct way *way = *state;
    struct tls_facts facts;

    tunnel_must_join(way);
    assert_true(transport_is_tls(way->tls->near));
    assert_false(way->tls->near->can_splice);
    assert_true(text_is(tls_facts_of(way->tls->near).server_name, "a.example"));
    assert_true(text_is(tls_facts_of(way->tls->near).alpn, "http/1.1"));
    assert_non_null(tls_below(way->tls->near));
    facts = tls_facts_of(tls_below(way->tls->near));
    assert_true(text_is(facts.server_name, "proxy.example"));
    assert_null(facts.verify_error);
    assert_null(tls_below(tls_below(way->tls->near)));
}

static void both_sessions_are_resumed(void **state)
{
    struct way *way = *state;

    tunnel_must_join(way);
    must_pass(way, false, "tickets", 7);
    tunnel_must_join(way);
    assert_true(tls_facts_of(way->tls->near).resumed);
    assert_true(tls_facts_of(tls_below(way->tls->near)).resumed);
}

static enum io read_end(struct way *way)
{
    char bytes[64];
    size_t got = 0;
    enum io io = IO_WANT_READ;

    for (int turn = 0; turn < 50 && io <= IO_WANT_WRITE; turn++)
        io = transport_read(way->tls->near, bytes, sizeof bytes, &got);
    return io;
}

static void ends_are_told_apart(void **state)
{
    struct way *way = *state;

    tunnel_must_join(way); /* the origin's own end */
    assert_int_equal(way->tls->far->ops->end(way->tls->far), IO_DONE);
    tunnel_carry(way);
    assert_int_equal(read_end(way), IO_END);

    tunnel_must_join(way); /* the parent's, in the middle of what the origin had to say */
    assert_int_equal(way->parent->ops->end(way->parent), IO_DONE);
    assert_int_equal(read_end(way), IO_CUT);
    tls_assert_complaint(way->tls->near, "without TLS's close_notify");

    tunnel_must_join(way); /* nobody's */
    transport_free(way->parent, false);
    way->parent = NULL;
    assert_int_equal(read_end(way), IO_CUT);
}

static void our_end_is_said_to_both(void **state)
{
    struct way *way = *state;
    char bytes[64];
    size_t got = 0;

    tunnel_must_join(way);
    assert_int_equal(way->tls->near->ops->end(way->tls->near), IO_DONE);
    tunnel_carry(way);
    assert_int_equal(transport_read(way->tls->far, bytes, sizeof bytes, &got), IO_END);
    assert_int_equal(transport_read(way->parent, bytes, sizeof bytes, &got), IO_END);
    must_pass(way, false, "still", 5);
}

/* The cause stands in OpenSSL's list while the alert passes through the carrying connection. */
static void the_cause_of_a_failed_handshake_is_kept(void **state)
{
    static const struct tls_client_options strict = { .ca_file = NULL };
    struct way *way = *state;
    struct tls_client *client = tls_must_client(&strict);

    tunnel_join(way, client);
    assert_int_equal(tunnel_shake(way).near, IO_FAILED);
    tls_assert_complaint(way->tls->near, "certificate");
    assert_non_null(tls_facts_of(way->tls->near).verify_error);
    tunnel_hang_up(way);
    tls_client_free(client);

    way->tls->near = tls_connect_through(way->tls->client, tunnel_reach_parent(way),
                                         text_from("a.example"), 443);
    assert_int_equal(transport_handshake(way->tls->near), IO_WANT_READ);
    tls_must_write(way->parent, "HTTP/1.1 400 Bad Request\r\n\r\n");
    assert_int_equal(transport_handshake(way->tls->near), IO_FAILED);
    tls_assert_complaint(way->tls->near, "the origin does not speak TLS here");
}

/* What is not a record of the parent's breaks the tunnel, and its words are told. */
static void a_broken_carrier_is_named(void **state)
{
    struct way *way = *state;

    tunnel_must_join(way);
    must_pass(way, false, "tickets", 7);
    assert_int_equal(send(way->parent->fd, "not a record at all", 19, 0), 19);
    assert_int_equal(read_end(way), IO_RESET);
    tls_assert_complaint(way->tls->near, "TLS with the parent proxy failed");
}

static void a_plain_transport_is_taken_as_it_is(void **state)
{
    struct way *way = *state;
    struct tls_fixture *tls = way->tls;
    int fds[2];

    tls_socket_pair(fds);
    tls->near =
        tls_connect_through(tls->client, tcp_transport_new(fds[0]), text_from("a.example"), 443);
    tls->far = tls_accept(tls->server, fds[1], text_from("b"), text_from(""), NULL);
    tls_must_shake(tls);
    assert_null(tls_below(tls->near));
    tls_must_pass(tls->near, tls->far, "x", 1);
}

/* As `--client-cert` names one for origins: the parent does not learn it. */
static void a_parent_is_shown_no_certificate(void **state)
{
    struct way *way = *state;
    struct tls_client_options options = { .insecure = true };
    SSL_CTX *asking = tls_raw_server(way->tls, "proxy.example");
    char key[256];
    struct tls_client *client;
    int fds[2];

    options.cert_file = way->tls->ca_file;
    certs_path(way->tls->disk, "ca-key.pem", key);
    options.key_file = key;
    client = tls_must_client(&options);
    SSL_CTX_set_verify(asking, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    tls_tcp_pair(fds);
    way->tls->raw = SSL_new(asking);
    way->tls->raw_fd = fds[0];
    assert_int_equal(SSL_set_fd(way->tls->raw, fds[0]), 1);
    SSL_set_accept_state(way->tls->raw);
    way->tls->near = tls_connect_parent(client, fds[1], text_from("proxy.example"), 1);
    assert_false(tls_shake(way->tls).raw);
    assert_true(tls_facts_of(way->tls->near).certificate_asked);
    assert_false(tls_facts_of(way->tls->near).certificate_shown);
    assert_int_equal(read_end(way), IO_FAILED);
    tls_assert_complaint(way->tls->near, "the parent proxy wants a client certificate");
    tls_hang_up(way->tls);
    tls_client_free(client);
    SSL_CTX_free(asking);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(bytes_pass_whole_both_ways),
        CLAIM(records_may_come_in_any_pieces),
        CLAIM(what_waits_inside_is_told_of),
        CLAIM(blocked_writes_go_on_where_they_were),
        CLAIM(both_layers_tell_who_they_are),
        CLAIM(both_sessions_are_resumed),
        CLAIM(ends_are_told_apart),
        CLAIM(our_end_is_said_to_both),
        CLAIM(the_cause_of_a_failed_handshake_is_kept),
        CLAIM(a_broken_carrier_is_named),
        CLAIM(a_plain_transport_is_taken_as_it_is),
        CLAIM(a_parent_is_shown_no_certificate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
