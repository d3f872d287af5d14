/* dial_tls_test: TLS at the end of a dial, and why it fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dial_room.h"

/* An origin that shakes hands, with certificates of a CA of its own. */
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
};

static void on_handshake(void *user, unsigned events)
{
    struct tls_party *party = user;

    (void)events;
    if (transport_handshake(party->transport) != IO_WANT_READ)
        watch_change(&party->watch, 0);
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
    party->transport = tls_accept(party->server, fd, text_from("127.0.0.1"), text_of("", 0));
    watch_start(&party->watch, party->room->loop, fd, WATCH_READ, on_handshake, party);
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
        IN_ROOM(test_says_how_the_handshake_broke),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
