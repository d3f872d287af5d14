/* dial_tls_test: TLS at the end of a dial, and why it fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dial_room.h"

/* An origin or a parent proxy that shakes hands, with certificates of a CA of its own. */
struct tls_party {
    struct dial_room *room;
    char folder[64], ca_file[128];
    struct certs *certs;
    struct tls_server *server;
    struct tls_client *trusting;
    int listener;
    uint16_t port;
    struct transport *transport;
    struct watch accepting, watch;
    const char *answer; /* to what comes first, a proxy's; NULL: says nothing */
    size_t at_once;     /* bytes of it in one record; 0: all */
    bool ends;          /* and no more comes */
    bool silent;        /* does not shake hands */
    char heard[512];
};

static void party_say(struct tls_party *party)
{
    size_t length = strlen(party->answer), put = 0;

    while (length > 0) {
        size_t some = party->at_once && party->at_once < length ? party->at_once : length;
        struct iovec part = { (void *)(uintptr_t)party->answer, some };

        assert_int_equal(party->transport->ops->write(party->transport, &part, 1, &put), IO_DONE);
        party->answer += put;
        length -= put;
    }
    if (party->ends)
        assert_int_equal(party->transport->ops->end(party->transport), IO_DONE);
}

static void on_bytes(void *user, unsigned events)
{
    struct tls_party *party = user;
    size_t got = 0;

    (void)events;
    if (transport_handshake(party->transport) > IO_WANT_WRITE) {
        watch_change(&party->watch, 0);
        return;
    }
    if (!party->answer || transport_handshake(party->transport) != IO_DONE)
        return;
    if (transport_read(party->transport, party->heard, sizeof party->heard - 1, &got) != IO_DONE)
        return;
    watch_change(&party->watch, 0);
    party_say(party);
}

static void party_hang_up(struct tls_party *party)
{
    watch_stop(&party->watch);
    transport_free(party->transport, false);
    party->transport = NULL;
}

static void on_accept(void *user, unsigned events)
{
    struct tls_party *party = user;
    int fd = accept4(party->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)events;
    party_hang_up(party);
    party->transport = tls_accept(party->server, fd, text_from("127.0.0.1"), text_of("", 0), NULL);
    if (!party->silent)
        watch_start(&party->watch, party->room->loop, fd, WATCH_READ, on_bytes, party);
}

static void tls_party_open(struct tls_party *party, struct dial_room *room)
{
    struct buffer complaint = { 0 };
    struct tls_server_options serving = { 0 };
    struct tls_client_options trusting = { 0 };

    *party = (struct tls_party){ .room = room };
    (void)snprintf(party->folder, sizeof party->folder, "/tmp/panne-dial-XXXXXX");
    assert_non_null(mkdtemp(party->folder));
    (void)snprintf(party->ca_file, sizeof party->ca_file, "%s/ca.pem", party->folder);
    party->certs = certs_open(party->folder, &complaint);
    assert_non_null(party->certs);
    serving.certs = party->certs;
    party->server = tls_server_new(&serving, &complaint);
    assert_non_null(party->server);
    trusting.ca_file = party->ca_file;
    party->trusting = tls_client_new(&trusting, &complaint);
    assert_non_null(party->trusting);
    party->listener = party_listen("127.0.0.1", &party->port, 4);
    watch_start(&party->accepting, room->loop, party->listener, WATCH_READ, on_accept, party);
}

static void tls_party_close(struct tls_party *party)
{
    char key[128];

    dial_room_patience(party->room, SECOND);
    party_hang_up(party);
    watch_stop(&party->accepting);
    close(party->listener);
    tls_client_free(party->trusting);
    tls_server_free(party->server);
    certs_free(party->certs);
    (void)snprintf(key, sizeof key, "%s/ca-key.pem", party->folder);
    unlink(key);
    unlink(party->ca_file);
    rmdir(party->folder);
}

static const struct upstream_options usual = { .connect_timeout = 5 * SECOND, .idle_most = 4 };

static void test_verified(void **state)
{
    struct dial_room *room = *state;
    struct tls_party party;
    struct endpoint endpoint;

    tls_party_open(&party, room);
    dial_room_options(room, &usual, party.trusting);
    endpoint = tls_endpoint_of("127.0.0.1", party.port);
    endpoint.server_name = text_from("cloud.test");
    dial_to(room, endpoint, NULL, false);
    assert_int_equal(room->fault, DIAL_OK);
    assert_true(transport_is_tls(room->origin->connection.transport));
    dial_to(room, tls_endpoint_of("127.0.0.1", party.port), NULL, false);
    assert_int_equal(room->fault, DIAL_OK);
    tls_party_close(&party);
}

/* The tickets come when the handshake is over, and mean no harm. */
static void test_stays_idle_when_tickets_come(void **state)
{
    struct dial_room *room = *state;
    struct tls_party party;
    struct endpoint endpoint;
    struct origin *origin;

    tls_party_open(&party, room);
    dial_room_options(room, &usual, party.trusting);
    endpoint = tls_endpoint_of("127.0.0.1", party.port);
    dial_to(room, endpoint, NULL, false);
    origin = room->origin;
    room->origin = NULL;
    upstreams_put(room->upstreams, origin);
    assert_false(party_wait(room->loop, 50 * MSEC));
    assert_ptr_equal(upstreams_take(room->upstreams, &endpoint, NULL), origin);
    upstreams_put(room->upstreams, origin);
    party_hang_up(&party);
    assert_false(party_wait(room->loop, 50 * MSEC));
    assert_null(upstreams_take(room->upstreams, &endpoint, NULL));
    assert_int_equal(upstreams_counts(room->upstreams).died_idle, 1);
    tls_party_close(&party);
}

static void test_not_verified(void **state)
{
    struct dial_room *room = *state;
    struct tls_party party;
    size_t before;

    tls_party_open(&party, room);
    before = party_descriptors();
    dial_to(room, tls_endpoint_of("127.0.0.1", party.port), NULL, false);
    assert_int_equal(room->fault, DIAL_UNVERIFIED);
    assert_non_null(strstr(room->detail, "certificate"));
    (void)party_wait(room->loop, 20 * MSEC);
    party_hang_up(&party);
    assert_int_equal(party_descriptors(), before);
    tls_party_close(&party);
}

static void test_parent_over_tls_takes_plain_requests(void **state)
{
    struct dial_room *room = *state;
    struct tls_party party;
    struct parent parent;

    tls_party_open(&party, room);
    dial_room_options(room, &usual, party.trusting);
    parent = (struct parent){ .at = tls_endpoint_of("127.0.0.1", party.port) };
    dial_to(room, endpoint_of("far.test", 80), &parent, false);
    assert_int_equal(room->fault, DIAL_OK);
    assert_true(transport_is_tls(room->origin->connection.transport));
    tls_party_close(&party);
}

/* To far.test:25. */
static void dial_through(struct tls_party *party, const char *answer)
{
    struct parent parent = { .at = tls_endpoint_of("127.0.0.1", party->port),
                             .authorization = text_from("Basic abc") };

    party->answer = answer;
    dial_to(party->room, endpoint_of("far.test", 25), &parent, true);
}

/* Whatever records the answer comes in, none of the tunnel's bytes goes with its head. */
static void test_tunnels_through_a_parent_over_tls(void **state)
{
    static const char answer[] = "HTTP/1.1 100 Continue\r\n\r\n"
                                 "HTTP/1.1 200 OK\r\nA: \r\n\r\n220 hello\r\n\r\n";
    static const size_t at_once[] = { 0, 1, 2, 3, 5, 7, 40 };
    struct dial_room *room = *state;
    struct tls_party party;

    tls_party_open(&party, room);
    dial_room_options(room, &usual, party.trusting);
    for (size_t i = 0; i < COUNT_OF(at_once); i++) {
        char came[16] = "";
        size_t have = 0, got = 0;

        party.at_once = at_once[i];
        dial_through(&party, answer);
        assert_int_equal(room->fault, DIAL_OK);
        assert_true(room->origin->apart);
        assert_string_equal(party.heard, "CONNECT far.test:25 HTTP/1.1\r\nHost: far.test:25\r\n"
                                         "Proxy-Authorization: Basic abc\r\n\r\n");
        memset(party.heard, 0, sizeof party.heard);
        for (int turn = 0; turn < 50 && have < 13; turn++)
            if (transport_read(room->origin->connection.transport, came + have, 13 - have, &got) ==
                IO_DONE)
                have += got;
        assert_string_equal(came, "220 hello\r\n\r\n");
    }
    tls_party_close(&party);
}

static void test_says_what_a_parent_over_tls_answered(void **state)
{
    static const struct {
        const char *answer, *detail;
    } answers[] = {
        { "HTTP/1.1 407 Proxy Authentication Required\r\nA: b\r\n\r\n",
          "the parent proxy answered 407 Proxy Authentication Required" },
        { "HTTP/1.1 200 OK\r\n", "the parent proxy closed the connection" },
        { "", "the parent proxy closed the connection" },
        { "SSH-2.0-OpenSSH_9.0\r\n", "the parent proxy's answer is not HTTP/1" },
    };
    struct dial_room *room = *state;
    struct tls_party party;

    tls_party_open(&party, room);
    dial_room_options(room, &usual, party.trusting);
    party.ends = true;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        dial_through(&party, answers[i].answer);
        assert_int_equal(room->fault, DIAL_PARENT);
        assert_string_equal(room->detail, answers[i].detail);
    }
    tls_party_close(&party);
}

static void test_bounds_the_head_over_tls(void **state)
{
    struct dial_room *room = *state;
    struct tls_party party;
    char *answer = malloc(10001);

    assert_non_null(answer);
    memset(answer, 'a', 10000);
    memcpy(answer, "HTTP/1.1 200 OK\r\nA: ", 20);
    answer[10000] = 0;
    tls_party_open(&party, room);
    dial_room_options(room, &usual, party.trusting);
    dial_through(&party, answer);
    assert_int_equal(room->fault, DIAL_PARENT);
    assert_string_equal(room->detail, "the parent proxy's answer has a head over 8 KiB");
    tls_party_close(&party);
    free(answer);
}

/* The room's own trust is the system's. */
static void test_names_a_parent_that_is_not_verified(void **state)
{
    struct dial_room *room = *state;
    struct tls_party party;
    char where[64];

    tls_party_open(&party, room);
    (void)snprintf(where, sizeof where, "(127.0.0.1:%u)", party.port);
    for (int tunnel = 0; tunnel < 2; tunnel++) {
        struct parent parent = { .at = tls_endpoint_of("127.0.0.1", party.port) };

        dial_to(room, endpoint_of("far.test", 80), &parent, tunnel);
        assert_int_equal(room->fault, DIAL_PARENT);
        assert_non_null(strstr(room->detail, "its certificate does not verify: "));
        assert_non_null(strstr(room->detail, where));
    }
    tls_party_close(&party);
}

static void test_names_a_parent_that_does_not_shake_hands(void **state)
{
    static const char *const answers[] = { "HTTP/1.1 400 Bad Request\r\n\r\n", "" };
    struct dial_room *room = *state;
    struct party_server server;
    struct tls_party party;
    struct parent parent;
    char where[64];

    party_server_open(&server, room->loop);
    parent = (struct parent){ .at = tls_endpoint_of("::ffff:127.0.0.1", server.port) };
    (void)snprintf(where, sizeof where, "([::ffff:127.0.0.1]:%u)", server.port);
    server.closes = true;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        server.answer = answers[i];
        server.length = strlen(answers[i]);
        dial_to(room, tls_endpoint_of("far.test", 443), &parent, false);
        assert_int_equal(room->fault, DIAL_PARENT);
        assert_non_null(strstr(room->detail, where));
    }
    party_server_close(&server);

    tls_party_open(&party, room);
    party.silent = true;
    dial_room_patience(room, 50 * MSEC);
    parent.at = tls_endpoint_of("127.0.0.1", party.port);
    dial_to(room, tls_endpoint_of("far.test", 443), &parent, false);
    assert_int_equal(room->fault, DIAL_TIMEOUT);
    assert_non_null(strstr(room->detail, "the TLS handshake with the parent proxy did not end"));
    tls_party_close(&party);
}

static void test_a_dial_to_a_parent_over_tls_may_be_canceled(void **state)
{
    struct dial_room *room = *state;
    struct tls_party party;
    size_t before;

    tls_party_open(&party, room);
    dial_room_options(room, &usual, party.trusting);
    before = party_descriptors();
    for (usec wait = 0; wait < 12 * MSEC; wait += 2 * MSEC) {
        struct parent parent = { .at = tls_endpoint_of("127.0.0.1", party.port) };

        dial_start(room, tls_endpoint_of("far.test", 443), &parent, false);
        assert_false(party_wait(room->loop, wait));
        dial_cancel(room->dial);
        room->dial = NULL;
        (void)party_wait(room->loop, 5 * MSEC);
        party_hang_up(&party);
        assert_int_equal(party_descriptors(), before);
    }
    tls_party_close(&party);
}

static void test_says_how_the_handshake_broke(void **state)
{
    static const struct {
        const char *answer;
        bool closes;
    } answers[] = { { "HTTP/1.1 400 Bad Request\r\n\r\n", false }, { "", true } };
    struct dial_room *room = *state;
    struct party_server server;

    party_server_open(&server, room->loop);
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        server.answer = answers[i].answer;
        server.length = strlen(server.answer);
        server.closes = answers[i].closes;
        dial_to(room, tls_endpoint_of("127.0.0.1", server.port), NULL, false);
        assert_int_equal(room->fault, DIAL_TLS);
        assert_true(strlen(room->detail) > 8);
    }
    party_server_close(&server);
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, dial_room_enter, dial_room_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(test_verified),
        IN_ROOM(test_stays_idle_when_tickets_come),
        IN_ROOM(test_not_verified),
        IN_ROOM(test_parent_over_tls_takes_plain_requests),
        IN_ROOM(test_tunnels_through_a_parent_over_tls),
        IN_ROOM(test_says_what_a_parent_over_tls_answered),
        IN_ROOM(test_bounds_the_head_over_tls),
        IN_ROOM(test_names_a_parent_that_is_not_verified),
        IN_ROOM(test_names_a_parent_that_does_not_shake_hands),
        IN_ROOM(test_a_dial_to_a_parent_over_tls_may_be_canceled),
        IN_ROOM(test_says_how_the_handshake_broke),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
