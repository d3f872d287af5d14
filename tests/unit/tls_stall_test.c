/* tls_stall_test: handshakes that stand still at each flight, and alerts in place of an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/loop.h"
#include "net/tls_private.h"
#include "tls_fixture.h"

#define CLAIM(test) cmocka_unit_test_setup_teardown(test, tls_fixture_set_up, tls_fixture_tear_down)

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

/* What the client has got: the types of the handshake messages, and the last alert. */
struct received {
    char messages[128];
    int alert, level;
};

static void note(int written, int version, int type, const void *bytes, size_t length, SSL *ssl,
                 void *user)
{
    struct received *received = user;
    const unsigned char *at = bytes;
    size_t end = strlen(received->messages);

    (void)version, (void)ssl;
    if (written)
        return;
    if (type == SSL3_RT_HANDSHAKE)
        snprintf(received->messages + end, sizeof received->messages - end, "%d ", at[0]);
    if (type == SSL3_RT_ALERT && length == 2) {
        received->level = at[0];
        received->alert = at[1];
    }
}

/* A client of that version, not yet shaken, meets `trouble`. */
static SSL_CTX *join(struct tls_fixture *fixture, int version, struct tls_trouble *trouble,
                     struct received *received)
{
    SSL_CTX *context = tls_raw_client(fixture, version);

    *received = (struct received){ .alert = -1 };
    SSL_CTX_set_msg_callback(context, note);
    SSL_CTX_set_msg_callback_arg(context, received);
    fixture->trouble = trouble;
    tls_join_raw_client(fixture, context, "a.example");
    fixture->trouble = NULL;
    return context;
}

static void leave(struct tls_fixture *fixture, SSL_CTX *context)
{
    tls_hang_up(fixture);
    SSL_CTX_free(context);
}

static void wait_until(usec due)
{
    usec now = loop_now();

    if (due > now)
        poll(NULL, 0, (int)((due - now + MSEC - 1) / MSEC));
    assert_true(loop_now() >= due);
}

static void await_readable(int fd)
{
    struct pollfd one = { .fd = fd, .events = POLLIN };

    assert_int_equal(poll(&one, 1, 5000), 1);
}

static const struct stall_row {
    enum tls_stall stall;
    const char *messages[2]; /* TLS 1.2 and 1.3 */
    bool shaken[2];          /* the client thinks so */
} rows[] = {
    { STALL_HELLO, { "", "" }, { false, false } },
    { STALL_SERVER_HELLO, { "2 ", "2 " }, { false, false } },
    { STALL_FINISHED, { "2 11 12 14 ", "2 8 11 15 20 " }, { false, true } },
};

static void stalls_leave_the_client_in_each_flight(void **state)
{
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(rows) * COUNT_OF(versions); i++) {
        const struct stall_row *row = &rows[i / 2];
        struct tls_trouble trouble = { .alert = -1, .stall = row->stall, .stall_for = NEVER };
        struct received received;
        SSL_CTX *context = join(fixture, versions[i % 2], &trouble, &received);
        assert_false(trouble.stalled);
        struct tls_outcomes now = tls_shake(fixture);
        assert_string_equal(received.messages, row->messages[i % 2]);
        assert_int_equal(now.raw, row->shaken[i % 2]);
        assert_int_equal(now.far, IO_WANT_READ);
        assert_true(trouble.stalled);
        assert_int_equal(tls_trouble_due(fixture->far), NEVER);
        assert_true(tls_trouble_listens(fixture->far));
        assert_null(tls_facts_of(fixture->far).version);
        leave(fixture, context);
    }
}

static void stalls_end_by_themselves(void **state)
{
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(rows) * COUNT_OF(versions); i++) {
        const struct stall_row *row = &rows[i / 2];
        struct tls_trouble trouble = { .alert = -1, .stall = row->stall, .stall_for = 30 * MSEC };
        struct received received;
        SSL_CTX *context = join(fixture, versions[i % 2], &trouble, &received);
        usec before = loop_now();
        assert_int_equal(tls_trouble_due(fixture->far), NEVER);
        assert_int_equal(tls_shake(fixture).far, IO_WANT_READ);
        usec due = tls_trouble_due(fixture->far);
        assert_true(due >= before + 30 * MSEC && due <= loop_now() + 30 * MSEC);
        if (row->shaken[i % 2]) /* its request waits with its Finished */
            assert_int_equal(SSL_write(fixture->raw, "request", 7), 7);
        assert_int_equal(transport_handshake(fixture->far), IO_WANT_READ);
        wait_until(due);
        tls_must_shake(fixture);
        assert_int_equal(tls_trouble_due(fixture->far), NEVER);
        assert_int_equal(tls_facts_of(fixture->far).alert, -1);
        if (!row->shaken[i % 2])
            assert_int_equal(SSL_write(fixture->raw, "request", 7), 7);
        char came[8] = "";
        size_t got = 0;
        assert_int_equal(transport_read(fixture->far, came, sizeof came, &got), IO_DONE);
        assert_string_equal(came, "request");
        leave(fixture, context);
    }
}

/* Nothing has been touched then. */
static void stalls_wait_for_their_flight(void **state)
{
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tls_trouble trouble = { .alert = 40, .stall = rows[i].stall, .stall_for = NEVER };
        struct received received;
        SSL_CTX *context = join(fixture, TLS1_3_VERSION, &trouble, &received);
        assert_int_equal(write(fixture->raw_fd, "\x16\x03\x01\x02", 4), 4);
        for (int turn = 0; turn < 3; turn++)
            assert_int_equal(transport_handshake(fixture->far), IO_WANT_READ);
        assert_false(trouble.stalled || trouble.alert_sent);
        assert_int_equal(tls_trouble_due(fixture->far), NEVER);
        leave(fixture, context);
    }
}

static void clients_may_leave_a_stall(void **state)
{
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < 2 * COUNT_OF(rows) * COUNT_OF(versions); i++) {
        bool reset = i % 2;
        struct tls_trouble trouble = { .alert = -1,
                                       .stall = rows[i / 4].stall,
                                       .stall_for = NEVER };
        struct received received;
        struct linger now = { .l_onoff = 1 };
        enum io io = IO_WANT_READ;
        SSL_CTX *context = join(fixture, versions[i / 2 % 2], &trouble, &received);
        assert_int_equal(tls_shake(fixture).far, IO_WANT_READ);
        if (reset)
            setsockopt(fixture->raw_fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close(fixture->raw_fd);
        fixture->raw_fd = -1;
        for (int turn = 0; turn < 3 && io == IO_WANT_READ; turn++) {
            await_readable(fixture->far->fd);
            io = transport_handshake(fixture->far);
        }
        assert_int_equal(io, reset ? IO_RESET : IO_CUT);
        tls_assert_complaint(fixture->far, "during the TLS handshake");
        leave(fixture, context);
    }
}

/* The rest waits in the kernel, and nothing of it is lost. */
static void talkative_clients_are_heard_up_to_a_bound(void **state)
{
    enum { TOTAL = 400 };
    static char kilobyte[1024];
    struct tls_fixture *fixture = *state;
    struct tls_trouble trouble = { .alert = -1, .stall = STALL_FINISHED, .stall_for = 200 * MSEC };
    struct received received;
    SSL_CTX *context = join(fixture, TLS1_3_VERSION, &trouble, &received);
    size_t sent = 0, taken = 0, got = 0;
    int waiting = 0;

    assert_int_equal(tls_shake(fixture).far, IO_WANT_READ);
    for (int turn = 0; turn < 2 * TOTAL && sent < TOTAL; turn++) {
        if (SSL_write(fixture->raw, kilobyte, sizeof kilobyte) > 0)
            sent++;
        assert_int_equal(transport_handshake(fixture->far), IO_WANT_READ);
    }
    assert_int_equal(sent, TOTAL);
    assert_false(tls_trouble_listens(fixture->far));
    assert_int_equal(ioctl(fixture->far->fd, FIONREAD, &waiting), 0);
    assert_true(waiting > 0);
    wait_until(tls_trouble_due(fixture->far));
    assert_int_equal(transport_handshake(fixture->far), IO_DONE);
    assert_true(tls_trouble_listens(fixture->far));
    for (int idle = 0; taken < TOTAL * sizeof kilobyte && idle < 1000; idle++) {
        char bytes[4096];
        if (transport_read(fixture->far, bytes, sizeof bytes, &got) == IO_DONE)
            taken += got;
    }
    assert_int_equal(taken, TOTAL * sizeof kilobyte);
    leave(fixture, context);
}

/* The end of the connection as the client's socket sees it: 0 is a FIN. */
static ssize_t end_at(int fd)
{
    char bytes[64];
    ssize_t got = 1;

    while (got > 0) {
        await_readable(fd);
        got = recv(fd, bytes, sizeof bytes, 0);
    }
    return got;
}

static void alerts_arrive_with_their_number(void **state)
{
    static const struct {
        int number, level;
    } alerts[] = { { 0, 1 },   { 10, 2 },  { 40, 2 },  { 42, 2 },  { 46, 2 }, { 48, 2 },
                   { 70, 2 },  { 71, 2 },  { 80, 2 },  { 86, 2 },  { 90, 1 }, { 100, 1 },
                   { 109, 2 }, { 112, 2 }, { 115, 2 }, { 116, 2 }, { 120, 2 } };
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(alerts) * COUNT_OF(versions); i++) {
        struct tls_trouble trouble = { .alert = alerts[i / 2].number };
        struct received received;
        SSL_CTX *context = join(fixture, versions[i % 2], &trouble, &received);
        struct tls_outcomes now = tls_shake(fixture);
        assert_false(now.raw);
        assert_int_equal(now.far, IO_WANT_READ); /* until the client has read it */
        assert_int_equal(received.alert, alerts[i / 2].number);
        assert_int_equal(received.level, alerts[i / 2].level);
        assert_string_equal(received.messages, "");
        assert_true(trouble.alert_sent);
        assert_false(trouble.stalled);
        assert_int_equal(end_at(fixture->raw_fd), 0);
        assert_int_equal(shutdown(fixture->raw_fd, SHUT_WR), 0);
        await_readable(fixture->far->fd);
        assert_int_equal(transport_handshake(fixture->far), IO_FAILED);
        assert_int_equal(tls_trouble_due(fixture->far), NEVER);
        assert_null(tls_facts_of(fixture->far).version);
        leave(fixture, context);
    }
}

static void alerts_have_names(void **state)
{
    struct tls_fixture *fixture = *state;
    struct tls_trouble trouble = { .alert = 70 };
    struct received received;
    SSL_CTX *context = join(fixture, TLS1_2_VERSION, &trouble, &received);

    tls_shake(fixture);
    close(fixture->raw_fd);
    fixture->raw_fd = -1;
    await_readable(fixture->far->fd);
    assert_int_equal(transport_handshake(fixture->far), IO_FAILED);
    assert_string_equal(fixture->far->complaint,
                        "answered by alert protocol_version, as the scenario wants it");
    assert_int_equal(transport_handshake(fixture->far), IO_FAILED);
    leave(fixture, context);
}

/* What the client has sent beyond its ClientHello is no reason for an RST. */
static void alerts_are_not_lost_to_a_reset(void **state)
{
    static char more[4096];
    struct tls_fixture *fixture = *state;
    struct tls_trouble trouble = { .alert = 40 };
    struct received received;
    SSL_CTX *context = join(fixture, TLS1_3_VERSION, &trouble, &received);
    unsigned char record[8];

    assert_int_equal(SSL_do_handshake(fixture->raw), -1);
    assert_int_equal(write(fixture->raw_fd, more, sizeof more), sizeof more);
    assert_int_equal(transport_handshake(fixture->far), IO_WANT_READ);
    assert_int_equal(write(fixture->raw_fd, more, sizeof more), sizeof more);
    await_readable(fixture->far->fd);
    assert_int_equal(transport_handshake(fixture->far), IO_WANT_READ);
    await_readable(fixture->raw_fd);
    assert_int_equal(recv(fixture->raw_fd, record, sizeof record, 0), 7);
    assert_memory_equal(record, "\x15\x03\x03\x00\x02\x02\x28", 7);
    assert_int_equal(end_at(fixture->raw_fd), 0);
    /* Who does not close is waited for only so long. */
    usec due = tls_trouble_due(fixture->far);
    assert_true(due > loop_now() && due <= loop_now() + 2 * SECOND);
    wait_until(due);
    assert_int_equal(transport_handshake(fixture->far), IO_FAILED);
    leave(fixture, context);
}

static void alert_may_come_after_a_stall(void **state)
{
    struct tls_fixture *fixture = *state;
    struct tls_trouble trouble = { .alert = 80, .stall = STALL_HELLO, .stall_for = 20 * MSEC };
    struct received received;
    SSL_CTX *context = join(fixture, TLS1_3_VERSION, &trouble, &received);

    tls_shake(fixture);
    assert_int_equal(received.alert, -1);
    assert_true(trouble.stalled && !trouble.alert_sent);
    wait_until(tls_trouble_due(fixture->far));
    tls_shake(fixture);
    assert_int_equal(received.alert, 80);
    assert_true(trouble.alert_sent);
    leave(fixture, context);
}

/* The certificate is behind the stall. */
static void certificate_is_not_shown_before_it_is_sent(void **state)
{
    struct tls_fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        struct tls_trouble trouble = { .certificate = CERTIFICATE_EXPIRED,
                                       .alert = -1,
                                       .stall = STALL_SERVER_HELLO,
                                       .stall_for = 20 * MSEC };
        struct received received;
        SSL_CTX *context = join(fixture, versions[i], &trouble, &received);
        tls_shake(fixture);
        assert_true(trouble.stalled && !trouble.certificate_shown);
        wait_until(tls_trouble_due(fixture->far));
        assert_int_equal(tls_shake(fixture).far, IO_FAILED);
        assert_true(trouble.certificate_shown);
        leave(fixture, context);
    }
}

/* RFC 8446 4.1.4: it is no ServerHello yet. */
static void retry_request_passes_before_the_server_hello(void **state)
{
    struct tls_fixture *fixture = *state;
    struct tls_trouble trouble = { .alert = -1, .stall = STALL_SERVER_HELLO, .stall_for = NEVER };
    struct received received;
    SSL_CTX *context = join(fixture, TLS1_3_VERSION, &trouble, &received);

    /* Only the first group gets a key share, and it is not one of ours. */
    assert_int_equal(SSL_set1_groups_list(fixture->raw, "X25519:P-256"), 1);
    assert_int_equal(SSL_set1_groups_list(((struct tls *)fixture->far)->ssl, "P-256"), 1);
    assert_false(tls_shake(fixture).raw);
    assert_true(trouble.stalled);
    assert_string_equal(received.messages, "2 2 ");
    leave(fixture, context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(stalls_leave_the_client_in_each_flight),
        CLAIM(stalls_end_by_themselves),
        CLAIM(stalls_wait_for_their_flight),
        CLAIM(clients_may_leave_a_stall),
        CLAIM(talkative_clients_are_heard_up_to_a_bound),
        CLAIM(alerts_arrive_with_their_number),
        CLAIM(alerts_have_names),
        CLAIM(alerts_are_not_lost_to_a_reset),
        CLAIM(alert_may_come_after_a_stall),
        CLAIM(certificate_is_not_shown_before_it_is_sent),
        CLAIM(retry_request_passes_before_the_server_hello),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
