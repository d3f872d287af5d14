/* dial_test: the way to an origin, and each way in which it can fail. */
#include <errno.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "dial_room.h"
#include "slack.h"

static void test_connects(void **state)
{
    struct dial_room *room = *state;
    uint16_t port = 0;
    int listener = party_listen("127.0.0.1", &port, 4), on = 0;
    socklen_t size = sizeof on;
    char where[ADDRESS_TEXT], wanted[ADDRESS_TEXT];

    dial_to(room, endpoint_of("127.0.0.1", port), NULL, false);
    assert_int_equal(room->fault, DIAL_OK);
    (void)snprintf(wanted, sizeof wanted, "127.0.0.1:%u", port);
    assert_string_equal(address_write(&room->origin->address, where), wanted);
    assert_int_equal(
        getsockopt(room->origin->connection.transport->fd, IPPROTO_TCP, TCP_NODELAY, &on, &size),
        0);
    assert_int_not_equal(on, 0);
    assert_int_equal(upstreams_counts(room->upstreams).dialed, 1);
    close(listener);
}

static void test_falls_over_to_the_next_address(void **state)
{
    struct dial_room *room = *state;
    uint16_t port = 0;
    int listener = party_listen("127.0.0.3", &port, 4);
    char where[ADDRESS_TEXT], wanted[ADDRESS_TEXT];
    usec begun = loop_now();

    dial_to(room, endpoint_of("pair.test", port), NULL, false);
    assert_int_equal(room->fault, DIAL_OK);
    assert_true(loop_now() - begun < 200 * MSEC * slack());
    (void)snprintf(wanted, sizeof wanted, "127.0.0.3:%u", port);
    assert_string_equal(address_write(&room->origin->address, where), wanted);
    close(listener);
}

static void test_does_not_wait_for_a_silent_address(void **state)
{
    struct dial_room *room = *state;
    struct party_hole hole;
    uint16_t port = 0;
    int listener = party_listen("127.0.0.3", &port, 4);
    size_t before;
    usec begun, took;

    party_hole_open(&hole, "127.0.0.2", &port);
    before = party_descriptors();
    begun = loop_now();
    dial_to(room, endpoint_of("pair.test", port), NULL, false);
    took = loop_now() - begun;
    assert_int_equal(room->fault, DIAL_OK);
    assert_true(took >= 250 * MSEC && took < 600 * MSEC * slack());
    origin_free(room->origin, false);
    room->origin = NULL;
    resolver_free(room->resolver);
    room->resolver = NULL;
    assert_true(party_descriptors() <= before); /* the loser's is closed, too */
    party_hole_close(&hole);
    close(listener);
}

static void test_says_who_refused(void **state)
{
    struct dial_room *room = *state;
    uint16_t port = 0;
    int deaf = party_listen("127.0.0.2", &port, -1); /* nobody else can listen there */
    char wanted[128];

    dial_to(room, endpoint_of("pair.test", port), NULL, false);
    assert_int_equal(room->fault, DIAL_REFUSED);
    assert_null(room->origin);
    (void)snprintf(wanted, sizeof wanted, "Connection refused (127.0.0.2:%u)", port);
    assert_string_equal(room->detail, wanted);
    assert_int_equal(upstreams_counts(room->upstreams).failed, 1);
    dial_to(room, endpoint_of("255.255.255.255", port), NULL, false);
    assert_int_equal(room->fault, DIAL_UNREACHABLE);
    close(deaf);
}

static void test_says_that_there_is_no_such_host(void **state)
{
    struct dial_room *room = *state;

    dial_to(room, endpoint_of("nowhere.test", 80), NULL, false);
    assert_int_equal(room->fault, DIAL_UNRESOLVED);
    assert_string_equal(room->detail, "no such host (nowhere.test)");
}

static bool allow_third(void *user, const struct address *address)
{
    char where[ADDRESS_TEXT];

    assert_non_null(user);
    return strcmp(address_write_host(address, where), "127.0.0.3") == 0;
}

static bool allow_none(void *user, const struct address *address)
{
    (void)user;
    (void)address;
    return false;
}

static void test_asks_for_each_address(void **state)
{
    struct dial_room *room = *state;
    uint16_t port = 0;
    int listener = party_listen("127.0.0.2", &port, 4);
    int other = party_listen("127.0.0.3", &port, 4);
    char where[ADDRESS_TEXT];

    room->allowed = allow_third;
    dial_to(room, endpoint_of("pair.test", port), NULL, false);
    assert_int_equal(room->fault, DIAL_OK);
    assert_string_equal(address_write_host(&room->origin->address, where), "127.0.0.3");
    room->allowed = allow_none;
    dial_to(room, endpoint_of("pair.test", port), NULL, false);
    assert_int_equal(room->fault, DIAL_FORBIDDEN);
    assert_non_null(strstr(room->detail, "127.0.0.2"));
    close(listener);
    close(other);
}

static void test_connects_to_unix_sockets(void **state)
{
    struct dial_room *room = *state;
    struct address address;
    char path[] = "/tmp/panne-dial-XXXXXX", name[64];
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct endpoint endpoint = { .local = true };
    struct parent parent = { .at = endpoint_of("127.0.0.1", 1) };

    assert_non_null(mkdtemp(path));
    (void)snprintf(name, sizeof name, "%s/socket", path);
    endpoint.host = text_from(name);
    dial_to(room, endpoint, NULL, false);
    assert_int_equal(room->fault, DIAL_REFUSED);
    assert_true(address_local(endpoint.host, &address));
    assert_int_equal(bind(listener, &address.any, address.length), 0);
    assert_int_equal(listen(listener, 4), 0);
    dial_to(room, endpoint, &parent, true); /* the parent is no help */
    assert_int_equal(room->fault, DIAL_OK);
    unlink(name);
    rmdir(path);
    close(listener);
    endpoint.host = text_from("");
    dial_to(room, endpoint, NULL, false);
    assert_int_equal(room->fault, DIAL_UNREACHABLE);
}

static void test_waits_for_a_crowded_unix_socket(void **state)
{
    struct dial_room *room = *state;
    struct endpoint endpoint = { .local = true };
    struct address address;
    char path[] = "/tmp/panne-dial-XXXXXX", name[64];
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int filler = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_non_null(mkdtemp(path));
    (void)snprintf(name, sizeof name, "%s/socket", path);
    endpoint.host = text_from(name);
    assert_true(address_local(endpoint.host, &address));
    assert_int_equal(bind(listener, &address.any, address.length), 0);
    assert_int_equal(listen(listener, 0), 0);
    assert_int_equal(connect(filler, &address.any, address.length), 0);
    dial_start(room, endpoint, NULL, false);
    assert_non_null(room->dial);
    assert_false(party_wait(room->loop, 30 * MSEC));
    close(party_accept(listener));
    assert_true(party_wait(room->loop, SECOND));
    assert_int_equal(room->fault, DIAL_OK);
    close(filler);
    close(listener);
    unlink(name);
    rmdir(path);
}

static void test_says_that_descriptors_are_out(void **state)
{
    struct dial_room *room = *state;
    struct rlimit old, few;
    int next = dup(0);

    close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    few = old;
    few.rlim_cur = (rlim_t)next;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    dial_to(room, endpoint_of("127.0.0.1", 1), NULL, false);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_int_equal(room->fault, DIAL_STARVED);
}

static void test_gives_up_in_time(void **state)
{
    struct dial_room *room = *state;
    struct party_hole hole;
    struct party_server server;
    struct parent parent;
    uint16_t port = 0;

    party_hole_open(&hole, "127.0.0.2", &port);
    party_server_open(&server, room->loop);
    parent = (struct parent){ .at = endpoint_of("127.0.0.1", server.port) };
    dial_room_patience(room, 50 * MSEC);
    dial_to(room, endpoint_of("silent.test", 80), NULL, false);
    assert_int_equal(room->fault, DIAL_TIMEOUT);
    assert_string_equal(room->detail, "no answer from the name servers in 0.05 s (silent.test)");
    dial_to(room, endpoint_of("127.0.0.2", port), NULL, false);
    assert_int_equal(room->fault, DIAL_TIMEOUT);
    assert_string_equal(room->detail, "the connection was not accepted in 0.05 s (127.0.0.2)");
    dial_to(room, endpoint_of("far.test", 80), &parent, true);
    assert_int_equal(room->fault, DIAL_TIMEOUT);
    assert_string_equal(room->detail, "the parent proxy did not answer in 0.05 s (127.0.0.1)");
    dial_to(room, tls_endpoint_of("127.0.0.1", server.port), NULL, false);
    assert_int_equal(room->fault, DIAL_TIMEOUT);
    assert_string_equal(room->detail, "the TLS handshake did not end in 0.05 s (127.0.0.1)");
    party_server_close(&server);
    party_hole_close(&hole);
}

/* Each stage is one that the far side never ends. */
static void test_cancelled_it_leaves_nothing(void **state)
{
    struct dial_room *room = *state;
    struct party_hole hole;
    struct party_server server;
    struct parent parent;
    uint16_t port = 0;

    party_hole_open(&hole, "127.0.0.2", &port);
    party_server_open(&server, room->loop);
    parent = (struct parent){ .at = endpoint_of("127.0.0.1", server.port) };
    const struct {
        struct endpoint endpoint;
        const struct parent *parent;
    } stages[] = {
        { endpoint_of("127.0.0.2", port), NULL },
        { endpoint_of("far.test", 80), &parent },
        { tls_endpoint_of("127.0.0.1", server.port), NULL },
        { endpoint_of("silent.test", 80), NULL }, /* last: c-ares keeps its socket till the end */
    };
    for (size_t i = 0; i < 2 * COUNT_OF(stages); i++) {
        size_t before = party_descriptors();

        dial_start(room, stages[i / 2].endpoint, stages[i / 2].parent, true);
        assert_non_null(room->dial);
        if (i % 2)
            assert_false(party_wait(room->loop, 20 * MSEC));
        dial_cancel(room->dial);
        room->dial = NULL;
        assert_false(party_wait(room->loop, 20 * MSEC));
        assert_int_equal(room->calls, 0);
        party_server_hang_up(&server);
        if (stages[i / 2].endpoint.host.at[0] != 's')
            assert_int_equal(party_descriptors(), before);
    }
    dial_cancel(NULL);
    party_server_close(&server);
    party_hole_close(&hole);
}

static void test_names_its_faults(void **state)
{
    (void)state;
    for (int fault = DIAL_OK; fault <= DIAL_STARVED; fault++)
        assert_true(strlen(dial_fault_name((enum dial_fault)fault)) > 1);
    assert_string_equal(dial_fault_name(DIAL_UNVERIFIED), "unverified");
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, dial_room_enter, dial_room_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(test_connects),
        IN_ROOM(test_falls_over_to_the_next_address),
        IN_ROOM(test_does_not_wait_for_a_silent_address),
        IN_ROOM(test_says_who_refused),
        IN_ROOM(test_says_that_there_is_no_such_host),
        IN_ROOM(test_asks_for_each_address),
        IN_ROOM(test_connects_to_unix_sockets),
        IN_ROOM(test_waits_for_a_crowded_unix_socket),
        IN_ROOM(test_says_that_descriptors_are_out),
        IN_ROOM(test_gives_up_in_time),
        IN_ROOM(test_cancelled_it_leaves_nothing),
        cmocka_unit_test(test_names_its_faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
