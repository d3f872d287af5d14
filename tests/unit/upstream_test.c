/* upstream_test: which idle connections are kept, found again, and let go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "dial_room.h"

struct pair {
    struct origin *origin;
    int far; /* the server's end */
};

static struct pair connect_pair(struct dial_room *room, int listener, struct endpoint endpoint)
{
    struct pair pair;

    dial_to(room, endpoint, NULL, false);
    assert_int_equal(room->fault, DIAL_OK);
    pair.origin = room->origin;
    pair.far = party_accept(listener);
    room->origin = NULL;
    return pair;
}

static void test_gives_back_what_it_was_given(void **state)
{
    struct dial_room *room = *state;
    uint16_t port = 0;
    int listener = party_listen("127.0.0.1", &port, 8);
    struct endpoint endpoint = endpoint_of("127.0.0.1", port);
    struct pair a, b;

    assert_null(upstreams_take(room->upstreams, &endpoint, NULL));
    a = connect_pair(room, listener, endpoint);
    b = connect_pair(room, listener, endpoint);
    upstreams_put(room->upstreams, a.origin);
    upstreams_put(room->upstreams, b.origin);
    /* The youngest first: the others may then grow old and go. */
    assert_ptr_equal(upstreams_take(room->upstreams, &endpoint, NULL), b.origin);
    assert_ptr_equal(upstreams_take(room->upstreams, &endpoint, NULL), a.origin);
    assert_null(upstreams_take(room->upstreams, &endpoint, NULL));
    assert_int_equal(upstreams_counts(room->upstreams).dialed, 2);
    assert_int_equal(upstreams_counts(room->upstreams).reused, 2);
    upstreams_put(room->upstreams, b.origin);
    origin_free(a.origin, false);
    dial_room_patience(room, SECOND); /* frees the upstreams and what is idle in them */
    assert_true(party_is_closed(a.far) && party_is_closed(b.far));
    close(a.far);
    close(b.far);
    close(listener);
}

static void test_never_mixes(void **state)
{
    struct dial_room *room = *state;
    uint16_t port = 0;
    int listener = party_listen("127.0.0.1", &port, 8);
    struct parent parent = { .at = endpoint_of("127.0.0.1", port) };
    struct endpoint here = endpoint_of("localhost", port), other = here;
    struct pair pair = connect_pair(room, listener, endpoint_of("localhost", port));
    struct origin *origin = pair.origin;

    upstreams_put(room->upstreams, origin);
    other.port++;
    assert_null(upstreams_take(room->upstreams, &other, NULL));
    other = here, other.tls = true;
    assert_null(upstreams_take(room->upstreams, &other, NULL));
    other = here, other.local = true;
    assert_null(upstreams_take(room->upstreams, &other, NULL));
    other = here, other.server_name = text_from("x");
    assert_null(upstreams_take(room->upstreams, &other, NULL));
    other = here, other.host = text_from("localhos");
    assert_null(upstreams_take(room->upstreams, &other, NULL));
    assert_null(upstreams_take(room->upstreams, &here, &parent));
    other = here, other.host = text_from("LOCALHOST"); /* the same */
    assert_ptr_equal(upstreams_take(room->upstreams, &other, NULL), origin);
    origin_free(origin, true);
    close(pair.far);
    close(listener);
}

static void test_never_mixes_parents(void **state)
{
    struct dial_room *room = *state;
    uint16_t port = 0;
    int listener = party_listen("127.0.0.1", &port, 8);
    struct parent parent = { .at = endpoint_of("127.0.0.1", port),
                             .authorization = TEXT("Basic a") };
    struct parent other = parent;
    struct endpoint far = endpoint_of("far.test", 80);
    struct origin *origin;

    dial_to(room, far, &parent, false);
    assert_int_equal(room->fault, DIAL_OK);
    origin = room->origin;
    room->origin = NULL;
    upstreams_put(room->upstreams, origin);
    assert_null(upstreams_take(room->upstreams, &far, NULL));
    other.at.port++;
    assert_null(upstreams_take(room->upstreams, &far, &other));
    other = parent, other.authorization = text_from("Basic b");
    assert_null(upstreams_take(room->upstreams, &far, &other));
    assert_ptr_equal(upstreams_take(room->upstreams, &far, &parent), origin);
    origin->apart = true;
    upstreams_put(room->upstreams, origin); /* closed */
    assert_null(upstreams_take(room->upstreams, &far, &parent));
    close(listener);
}

static void test_notices_what_happens_to_idle_ones(void **state)
{
    struct dial_room *room = *state;
    uint16_t port = 0;
    int listener = party_listen("127.0.0.1", &port, 8);
    struct endpoint endpoint = endpoint_of("127.0.0.1", port);
    struct linger at_once = { .l_onoff = 1 };

    for (unsigned way = 0; way < 3; way++) {
        struct pair pair = connect_pair(room, listener, endpoint);
        size_t before;

        upstreams_put(room->upstreams, pair.origin);
        before = party_descriptors();
        assert_int_equal(upstreams_counts(room->upstreams).died_idle, way);
        assert_false(party_wait(room->loop, 5 * MSEC));
        if (way == 0)
            shutdown(pair.far, SHUT_WR);
        else if (way == 1)
            assert_int_equal(send(pair.far, "HTTP/1.1 408", 12, MSG_NOSIGNAL), 12);
        else
            setsockopt(pair.far, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        if (way == 2)
            close(pair.far);
        assert_false(party_wait(room->loop, 5 * MSEC));
        assert_int_equal(upstreams_counts(room->upstreams).died_idle, way + 1);
        assert_null(upstreams_take(room->upstreams, &endpoint, NULL));
        if (way < 2) {
            assert_true(party_is_closed(pair.far) || way == 1);
            close(pair.far);
        }
        assert_int_equal(party_descriptors(), before - 2);
    }
    close(listener);
}

static void test_keeps_the_youngest(void **state)
{
    static const struct upstream_options two = { .connect_timeout = SECOND,
                                                 .idle_timeout = MINUTE,
                                                 .idle_most = 2 };
    static const struct upstream_options none = { .connect_timeout = SECOND };
    struct dial_room *room = *state;
    uint16_t port = 0;
    int listener = party_listen("127.0.0.1", &port, 8);
    struct endpoint names[] = { endpoint_of("127.0.0.1", port), endpoint_of("localhost", port),
                                endpoint_of("a.localhost", port) };
    struct pair pairs[3];

    dial_room_options(room, &two, room->tls);
    for (size_t i = 0; i < 3; i++)
        pairs[i] = connect_pair(room, listener, names[i]);
    for (size_t i = 0; i < 3; i++)
        upstreams_put(room->upstreams, pairs[i].origin);
    assert_true(party_is_closed(pairs[0].far));
    assert_null(upstreams_take(room->upstreams, &names[0], NULL));
    for (size_t i = 1; i < 3; i++) {
        assert_ptr_equal(upstreams_take(room->upstreams, &names[i], NULL), pairs[i].origin);
        origin_free(pairs[i].origin, false);
    }
    dial_room_options(room, &none, room->tls);
    close(pairs[0].far);
    pairs[0] = connect_pair(room, listener, names[0]);
    upstreams_put(room->upstreams, pairs[0].origin);
    assert_true(party_is_closed(pairs[0].far));
    for (size_t i = 0; i < 3; i++)
        close(pairs[i].far);
    close(listener);
}

static void test_lets_go_in_time(void **state)
{
    static const struct upstream_options brief = { .connect_timeout = SECOND,
                                                   .idle_timeout = 20 * MSEC,
                                                   .idle_most = 8 };
    struct dial_room *room = *state;
    uint16_t port = 0;
    int listener = party_listen("127.0.0.1", &port, 8);
    struct endpoint endpoint = endpoint_of("127.0.0.1", port);
    struct pair kept, taken;

    dial_room_options(room, &brief, room->tls);
    kept = connect_pair(room, listener, endpoint);
    taken = connect_pair(room, listener, endpoint);
    upstreams_put(room->upstreams, kept.origin);
    upstreams_put(room->upstreams, taken.origin);
    assert_ptr_equal(upstreams_take(room->upstreams, &endpoint, NULL), taken.origin);
    assert_false(party_wait(room->loop, 250 * MSEC));
    assert_null(upstreams_take(room->upstreams, &endpoint, NULL));
    assert_true(party_is_closed(kept.far));
    assert_int_equal(upstreams_counts(room->upstreams).died_idle, 0);
    assert_false(party_is_closed(taken.far)); /* its time-out no longer counts */
    upstreams_put(room->upstreams, taken.origin);
    assert_false(party_wait(room->loop, 250 * MSEC));
    assert_true(party_is_closed(taken.far)); /* but now it does */
    close(kept.far);
    close(taken.far);
    close(listener);
}

static void test_takes_no_unclean_ones(void **state)
{
    struct dial_room *room = *state;
    uint16_t port = 0;
    int listener = party_listen("127.0.0.1", &port, 8);
    struct endpoint endpoint = endpoint_of("127.0.0.1", port);

    for (int way = 0; way < 6; way++) {
        struct pair pair = connect_pair(room, listener, endpoint);
        struct connection *connection = &pair.origin->connection;

        if (way == 0 || way == 4) {
            assert_int_equal(send(pair.far, "x", 1, 0), 1);
            connection->readable = true;
            assert_true(way == 4 || connection_fill(connection));
        } else if (way == 5) {
            shutdown(pair.far, SHUT_WR);
            connection->readable = true;
        } else if (way == 1) {
            queue_put_copy(&connection->out, "x", 1, PART_WIRE, 0);
        } else if (way == 2) {
            connection->broken = true;
        } else {
            connection_close(connection, false);
        }
        upstreams_put(room->upstreams, pair.origin);
        assert_null(upstreams_take(room->upstreams, &endpoint, NULL));
        assert_true(party_is_closed(pair.far));
        close(pair.far);
    }
    origin_free(NULL, false);
    close(listener);
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, dial_room_enter, dial_room_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(test_gives_back_what_it_was_given), IN_ROOM(test_never_mixes),
        IN_ROOM(test_never_mixes_parents),          IN_ROOM(test_notices_what_happens_to_idle_ones),
        IN_ROOM(test_keeps_the_youngest),           IN_ROOM(test_lets_go_in_time),
        IN_ROOM(test_takes_no_unclean_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
