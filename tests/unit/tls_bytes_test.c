/* tls_bytes_test: bytes over TLS: in pieces, in bulk, in few records, and how they end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tls_fixture.h"

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, tls_fixture_set_up, tls_fixture_tear_down)

static enum io read_once(struct transport *transport, size_t *got)
{
    char bytes[64];

    return transport_read(transport, bytes, sizeof bytes, got);
}

static void assert_read(struct transport *transport, enum io wanted)
{
    size_t got = 0;
    enum io io = read_once(transport, &got);

    if (io != wanted || got != 0)
        fail_msg("wanted %d, got %d with %zu bytes, %s", (int)wanted, (int)io, got,
                 transport->complaint ? transport->complaint : "no complaint");
}

/* Up to `most` bytes from one socket to the other. */
static void carry(int from, int to, size_t most)
{
    char bytes[64];
    ssize_t got = recv(from, bytes, most, MSG_DONTWAIT);

    if (got > 0)
        assert_int_equal(send(to, bytes, (size_t)got, 0), got);
}

static void records_may_come_in_any_pieces(void **state)
{
    static const size_t sizes[] = { 1, 2, 3, 5, 17, 64 };
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        int left[2], right[2];
        size_t got = 0, count = 0;
        enum io near = IO_WANT_READ, far = IO_WANT_READ, last = IO_WANT_READ;
        char came[8] = "";

        tls_hang_up(fixture);
        tls_socket_pair(left);
        tls_socket_pair(right);
        fixture->near = tls_connect(fixture->client, left[0], text_from("a.example"), 443);
        fixture->far = tls_accept(fixture->server, right[0], text_from("b"), text_from(""), NULL);
        for (int turn = 0; turn < 9000 && (near != IO_DONE || far != IO_DONE); turn++) {
            near = transport_handshake(fixture->near);
            far = transport_handshake(fixture->far);
            carry(left[1], right[1], sizes[i]);
            carry(right[1], left[1], sizes[i]);
        }
        assert_int_equal(near, IO_DONE);
        assert_int_equal(far, IO_DONE);
        tls_must_write(fixture->near, "request");
        for (int turn = 0; turn < 9000 && got < 7; turn++) {
            carry(left[1], right[1], sizes[i]);
            last = transport_read(fixture->far, came + got, 7 - got, &count);
            assert_true(last == IO_DONE || last == IO_WANT_READ);
            /* A piece of a record is nothing to come back for without the poller. */
            if (last == IO_WANT_READ)
                assert_false(fixture->far->ops->holds_bytes(fixture->far));
            got += count;
        }
        assert_memory_equal(came, "request", 7);
        close(left[1]);
        close(right[1]);
    }
}

static void bytes_seen_before_come_first(void **state)
{
    struct tls_fixture *fixture = *state;
    char hello[2048];

    for (size_t length = 0; length < 400; length += 13) {
        int fds[2];
        tls_hang_up(fixture);
        tls_socket_pair(fds);
        fixture->near = tls_connect(fixture->client, fds[0], text_from("a.example"), 443);
        assert_int_equal(transport_handshake(fixture->near), IO_WANT_READ);
        ssize_t got = length > 0 ? recv(fds[1], hello, length, 0) : 0;
        assert_true(got >= 0);
        fixture->far =
            tls_accept(fixture->server, fds[1], text_from("b"), text_of(hello, (size_t)got), NULL);
        memset(hello, 0, sizeof hello); /* it was copied */
        tls_must_shake(fixture);
        tls_must_pass(fixture->near, fixture->far, "x", 1);
    }
}

static void bulk_passes_whole_both_ways(void **state)
{
    static const size_t lengths[] = { 1, 16383, 16384, 16385, 3000000 };
    struct tls_fixture *fixture = *state;
    char *bytes = malloc(3000000);

    assert_non_null(bytes);
    for (size_t i = 0; i < 3000000; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    tls_join(fixture, fixture->client, "a.example");
    tls_must_shake(fixture);
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        tls_must_pass(fixture->near, fixture->far, bytes, lengths[i]);
        tls_must_pass(fixture->far, fixture->near, bytes, lengths[i]);
    }
    free(bytes);
}

/* Written as a queue would be: many odd parts, more of them each time, to a reader that is slow. */
static void blocked_writes_go_on_where_they_were(void **state)
{
    enum { TOTAL = 400000, PART = 777 };
    struct tls_fixture *fixture = *state;
    char *bytes = malloc(TOTAL), *came = malloc(TOTAL);
    size_t sent = 0, taken = 0, blocked = 0;
    int least = 1;

    assert_true(bytes && came);
    for (size_t i = 0; i < TOTAL; i++)
        bytes[i] = (char)(i * 2246822519u >> 11);
    tls_join(fixture, fixture->client, "a.example");
    setsockopt(fixture->near->fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof least);
    tls_must_shake(fixture);
    for (int turn = 0; turn < 100000 && taken < TOTAL; turn++) {
        struct iovec parts[32];
        int count = 0;
        size_t at = sent, put = 0;
        for (; count < 32 && count < 1 + turn && at < TOTAL; count++) {
            size_t length = TOTAL - at < PART ? TOTAL - at : PART;
            parts[count] = (struct iovec){ bytes + at, length };
            at += length;
        }
        enum io io = fixture->near->ops->write(fixture->near, parts, count, &put);
        assert_true(io == IO_DONE || io == IO_WANT_WRITE);
        assert_true(io == IO_DONE || put == 0);
        blocked += io == IO_WANT_WRITE;
        sent += put;
        if (transport_read(fixture->far, came + taken, TOTAL - taken, &put) == IO_DONE)
            taken += put;
    }
    assert_int_equal(taken, TOTAL);
    assert_memory_equal(came, bytes, TOTAL);
    assert_true(blocked > 0);
    free(bytes);
    free(came);
}

static void parts_leave_as_one_record(void **state)
{
    struct tls_fixture *fixture = *state;
    struct iovec parts[] = { { "one ", 4 }, { "", 0 }, { "two ", 4 }, { "three", 5 } };
    unsigned char record[256];
    char came[64];
    size_t put = 0, got = 0;

    tls_join(fixture, fixture->client, "a.example");
    tls_must_shake(fixture);
    assert_int_equal(fixture->near->ops->write(fixture->near, parts, 4, &put), IO_DONE);
    assert_int_equal(put, 13);
    ssize_t length = recv(fixture->far->fd, record, sizeof record, MSG_PEEK);
    assert_int_equal(length, 5 + (record[3] << 8) + record[4]);
    assert_int_equal(transport_read(fixture->far, came, sizeof came, &got), IO_DONE);
    assert_int_equal(got, 13);
    assert_memory_equal(came, "one two three", 13);
}

static void nothing_may_be_written_and_asked_for(void **state)
{
    struct tls_fixture *fixture = *state;
    struct iovec none = { "", 0 };
    size_t count = 1;
    char byte = 0;

    tls_join(fixture, fixture->client, "a.example");
    tls_must_shake(fixture);
    assert_int_equal(fixture->near->ops->write(fixture->near, &none, 1, &count), IO_DONE);
    assert_int_equal(count, 0);
    assert_int_equal(fixture->near->ops->write(fixture->near, NULL, 0, &count), IO_DONE);
    tls_must_write(fixture->near, "x");
    assert_int_equal(transport_read(fixture->far, &byte, 0, &count), IO_DONE);
    assert_int_equal(count, 0);
    assert_int_equal(transport_read(fixture->far, &byte, 1, &count), IO_DONE);
    assert_int_equal(byte, 'x');
}

static void bytes_inside_are_told_of(void **state)
{
    struct tls_fixture *fixture = *state;
    char two[2];
    size_t got = 0;

    tls_join(fixture, fixture->client, "a.example");
    tls_must_shake(fixture);
    assert_read(fixture->far, IO_WANT_READ);
    tls_must_write(fixture->near, "abc");
    tls_must_write(fixture->near, "d");
    assert_int_equal(transport_read(fixture->far, two, 2, &got), IO_DONE);
    assert_memory_equal(two, "ab", 2);
    assert_true(fixture->far->ops->holds_bytes(fixture->far));
    assert_false(fixture->far->drained);
    /* Two records in one read. */
    assert_int_equal(transport_read(fixture->far, two, 2, &got), IO_DONE);
    assert_int_equal(got, 2);
    assert_memory_equal(two, "cd", 2);
    assert_false(fixture->far->ops->holds_bytes(fixture->far));
    assert_true(fixture->far->drained);
    /* What comes after the socket was told dry is found all the same. */
    tls_must_write(fixture->near, "e");
    assert_int_equal(transport_read(fixture->far, two, 2, &got), IO_DONE);
    assert_int_equal(got, 1);
}

static void close_notify_is_an_end_of_one_half(void **state)
{
    struct tls_fixture *fixture = *state;

    tls_join(fixture, fixture->client, "a.example");
    tls_must_shake(fixture);
    tls_must_write(fixture->near, "last");
    assert_int_equal(fixture->near->ops->end(fixture->near), IO_DONE);
    char bytes[8];
    size_t got = 0;
    assert_int_equal(transport_read(fixture->far, bytes, sizeof bytes, &got), IO_DONE);
    assert_int_equal(got, 4);
    assert_read(fixture->far, IO_END);
    tls_must_write(fixture->far, "answer");
    assert_int_equal(transport_read(fixture->near, bytes, sizeof bytes, &got), IO_DONE);
    assert_int_equal(got, 6);
    assert_int_equal(fixture->far->ops->end(fixture->far), IO_DONE);
    assert_read(fixture->near, IO_END);
    assert_int_equal(tls_facts_of(fixture->near).alert, -1);
}

static void bare_fin_is_a_cut(void **state)
{
    struct tls_fixture *fixture = *state;

    tls_join(fixture, fixture->client, "a.example");
    tls_must_shake(fixture);
    assert_int_equal(shutdown(fixture->near->fd, SHUT_WR), 0);
    assert_read(fixture->far, IO_CUT);
    tls_assert_complaint(fixture->far, "closed the connection without TLS's close_notify");
    /* Only one half is gone. */
    tls_must_pass(fixture->far, fixture->near, "answer", 6);
    assert_read(fixture->far, IO_CUT);
    assert_int_equal(fixture->far->ops->end(fixture->far), IO_DONE);
    assert_read(fixture->near, IO_END);
}

static void record_cut_in_two_is_a_cut(void **state)
{
    struct tls_fixture *fixture = *state;
    char record[64];
    int spare[2];

    tls_join(fixture, fixture->client, "a.example");
    tls_must_shake(fixture);
    tls_must_write(fixture->near, "whole record");
    ssize_t length = recv(fixture->far->fd, record, sizeof record, 0);
    tls_socket_pair(spare);
    assert_int_equal(write(spare[0], record, (size_t)length - 1), length - 1);
    close(spare[0]);
    assert_true(dup2(spare[1], fixture->far->fd) >= 0);
    close(spare[1]);
    assert_read(fixture->far, IO_WANT_READ); /* the piece; the end is the poller's to tell */
    assert_read(fixture->far, IO_CUT);
}

static void reset_is_a_reset(void **state)
{
    struct tls_fixture *fixture = *state;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    struct linger now = { .l_onoff = 1 };
    struct iovec part = { "x", 1 };
    size_t put = 0;

    tls_join_raw_client(fixture, context, "b.example");
    tls_must_shake(fixture);
    setsockopt(fixture->raw_fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fixture->raw_fd);
    fixture->raw_fd = -1;
    assert_read(fixture->far, IO_RESET);
    tls_assert_complaint(fixture->far, "the client reset the connection");
    assert_read(fixture->far, IO_RESET);
    assert_int_equal(fixture->far->ops->write(fixture->far, &part, 1, &put), IO_RESET);
    SSL_CTX_free(context);
}

static void free_resets_when_asked_to(void **state)
{
    struct tls_fixture *fixture = *state;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    char bytes[4096];

    for (int reset = 0; reset < 2; reset++) {
        ssize_t got = 1;
        tls_join_raw_client(fixture, context, "b.example");
        tls_must_shake(fixture);
        transport_free(fixture->far, reset);
        fixture->far = NULL;
        while (got > 0)
            got = recv(fixture->raw_fd, bytes, sizeof bytes, 0);
        assert_int_equal(got, reset ? -1 : 0);
        if (reset)
            assert_int_equal(errno, ECONNRESET);
    }
    SSL_CTX_free(context);
}

static void garbage_fails_after_what_was_good(void **state)
{
    struct tls_fixture *fixture = *state;
    struct iovec part = { "x", 1 };
    char bytes[64];
    size_t got = 0;

    tls_join(fixture, fixture->client, "a.example");
    tls_must_shake(fixture);
    tls_must_write(fixture->near, "good");
    assert_int_equal(write(fixture->near->fd, "\x17\x03\x03\x00\x13 not what was agreed", 25), 25);
    assert_int_equal(transport_read(fixture->far, bytes, sizeof bytes, &got), IO_DONE);
    assert_int_equal(got, 4);
    assert_true(fixture->far->ops->holds_bytes(fixture->far));
    assert_read(fixture->far, IO_FAILED);
    tls_assert_complaint(fixture->far, "TLS with the client failed: ");
    assert_read(fixture->far, IO_FAILED);
    assert_int_equal(fixture->far->ops->write(fixture->far, &part, 1, &got), IO_FAILED);
    assert_int_equal(fixture->far->ops->end(fixture->far), IO_DONE);
    /* The other side is told by an alert. */
    assert_read(fixture->near, IO_FAILED);
    assert_string_equal(fixture->near->complaint,
                        "the origin ended the TLS connection (alert bad_record_mac)");
    assert_int_equal(tls_facts_of(fixture->near).alert, 20);
}

static void peers_may_leave_during_the_handshake(void **state)
{
    struct tls_fixture *fixture = *state;
    enum io io = IO_WANT_READ;

    for (int reset = 0; reset < 2; reset++) {
        int fds[2];
        tls_hang_up(fixture);
        tls_tcp_pair(fds);
        fixture->near = tls_connect(fixture->client, fds[0], text_from("a.example"), 443);
        fixture->far = tls_accept(fixture->server, fds[1], text_from("b"), text_from(""), NULL);
        assert_int_equal(transport_handshake(fixture->near), IO_WANT_READ);
        if (reset) {
            transport_free(fixture->near, true);
            fixture->near = NULL;
        } else {
            assert_int_equal(shutdown(fds[0], SHUT_WR), 0);
        }
        for (int turn = 0; turn < 3 && io == IO_WANT_READ; turn++)
            io = transport_handshake(fixture->far);
        assert_int_equal(io, reset ? IO_RESET : IO_CUT);
        tls_assert_complaint(fixture->far, reset
                                               ? "reset the connection during the TLS handshake"
                                               : "closed the connection during the TLS handshake");
        io = IO_WANT_READ;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(records_may_come_in_any_pieces),
        CLAIM(bytes_seen_before_come_first),
        CLAIM(bulk_passes_whole_both_ways),
        CLAIM(blocked_writes_go_on_where_they_were),
        CLAIM(parts_leave_as_one_record),
        CLAIM(nothing_may_be_written_and_asked_for),
        CLAIM(bytes_inside_are_told_of),
        CLAIM(close_notify_is_an_end_of_one_half),
        CLAIM(bare_fin_is_a_cut),
        CLAIM(record_cut_in_two_is_a_cut),
        CLAIM(reset_is_a_reset),
        CLAIM(free_resets_when_asked_to),
        CLAIM(garbage_fails_after_what_was_good),
        CLAIM(peers_may_leave_during_the_handshake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
