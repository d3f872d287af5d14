/* worker_test: drains, limits on connections, and the heads that end one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "net_party.h"
#include "serve_world.h"

#define GET "GET /one HTTP/1.1\r\nHost: any\r\n\r\n"
#define GOOD "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright"
#define HANG             \
    "  - name: outage\n" \
    "    lasts: 1h\n"    \
    "    faults:\n"      \
    "      - {service: api, hang: {}}\n"

static void note_drained(void *user)
{
    ++*(unsigned *)user;
}

static void open_world(struct serve_world *world, const char *phases)
{
    world_open(world, phases);
    world->worker->drained = note_drained;
    world->worker->drained_user = &world->drained;
}

static void idle_connections_are_closed_at_once(void **state)
{
    struct serve_world world;
    struct fake_transport *fresh, *used, *origin;

    (void)state;
    open_world(&world, NULL);
    fresh = world_client(&world, WORLD_REVERSE, "");
    origin = world_origin(&world, GOOD);
    used = world_client(&world, WORLD_REVERSE, GET);
    world_turns(&world);
    world_give(origin, strlen(GOOD));
    assert_true(world_waits_for(&world, used, "right"));
    world_turns(&world);
    worker_drain(world.worker, false);
    world_turns(&world);
    assert_int_equal(fresh->ends, 1);
    assert_int_equal(used->ends, 1);
    assert_int_equal(world.drained, 0);
    world_stop(fresh, IO_END);
    world_stop(used, IO_END);
    world_turns(&world);
    assert_int_equal(world.drained, 1);
    world_close(&world);
}

static void an_empty_worker_is_drained_at_once(void **state)
{
    struct serve_world world;

    (void)state;
    open_world(&world, NULL);
    worker_drain(world.worker, false);
    assert_int_equal(world.drained, 1);
    worker_drain(world.worker, true);
    assert_int_equal(world.drained, 1);
    world_close(&world);
}

static void what_is_on_finishes_and_says_close(void **state)
{
    struct serve_world world;
    struct fake_transport *origin, *client;

    (void)state;
    open_world(&world, NULL);
    origin = world_origin(&world, GOOD);
    client = world_client(&world, WORLD_REVERSE, GET GET);
    world_turns(&world);
    worker_drain(world.worker, false);
    world_turns(&world);
    assert_int_equal(client->ends, 0);
    world_give(origin, strlen(GOOD));
    assert_true(world_waits_for(&world, client, "right"));
    world_turns(&world);
    assert_true(world_has_written(client, "\r\nConnection: close\r\n"));
    assert_int_equal(client->ends, 1);
    assert_int_equal(world_count(world_written(client), "HTTP/1.1"), 1);
    world_stop(client, IO_END);
    world_turns(&world);
    assert_int_equal(world.drained, 1);
    world_close(&world);
}

static void a_hang_is_cut_when_the_time_is_over(void **state)
{
    struct serve_world world;
    struct fake_transport *client;
    usec began;

    (void)state;
    open_world(&world, HANG);
    world.settings.drain_timeout = 50 * MSEC;
    client = world_client(&world, WORLD_REVERSE, GET);
    world_turns(&world);
    began = loop_now();
    worker_drain(world.worker, false);
    world_turns(&world);
    assert_int_equal(world.worker->session_count, 1);
    assert_true(world_waits_for_sessions(&world, 0));
    assert_true(loop_now() - began >= 50 * MSEC);
    assert_true(client->freed);
    assert_int_equal(client->written.length, 0);
    assert_int_equal(world.drained, 1);
    world_close(&world);
}

static void a_cut_ends_everything_at_once(void **state)
{
    static const char *const states[] = {
        "", "GET / HT", GET, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"
    };
    struct serve_world world;

    (void)state;
    open_world(&world, HANG);
    for (size_t i = 0; i < COUNT_OF(states); i++)
        (void)world_client(&world, WORLD_REVERSE, states[i]);
    world_turns(&world);
    assert_int_equal(world.worker->session_count, COUNT_OF(states));
    worker_drain(world.worker, true);
    assert_int_equal(world.worker->session_count, 0);
    assert_int_equal(world.drained, 1);
    world_close(&world);
}

static void a_worker_may_be_freed_with_all_that_is_on(void **state)
{
    struct serve_world world;

    (void)state;
    open_world(&world, HANG);
    (void)world_client(&world, WORLD_REVERSE, GET);
    (void)world_client(&world, WORLD_FORWARD, "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n");
    (void)world_client(&world, WORLD_REVERSE, "GET / HT");
    (void)world_origin(&world, GOOD);
    world_turns(&world);
    world_close(&world);
}

static int dial(const struct serve_world *world)
{
    const struct address *to = &world->fronts[WORLD_REVERSE].address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, &to->any, to->length), 0);
    return fd;
}

static void connections_beyond_the_limit_wait_their_turn(void **state)
{
    struct serve_world world;
    int fds[3];

    (void)state;
    open_world(&world, NULL);
    world.settings.max_connections = 2;
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        fds[i] = dial(&world);
    world_turns(&world);
    assert_int_equal(world.worker->session_count, 2);
    assert_true(world.worker->full);
    assert_int_equal(world_totals(&world).troubles, 1);
    close(fds[0]);
    close(fds[1]);
    for (size_t i = 0; i < 50 && world.worker->full; i++)
        (void)party_wait(world.loop, 10 * MSEC);
    assert_false(world.worker->full);
    world_turns(&world);
    assert_int_equal(world.worker->session_count, 1);
    close(fds[2]);
    assert_true(world_waits_for_sessions(&world, 0));
    world_close(&world);
}

/* A head that comes a byte at a time, and one that is larger than a buffer. */
static void heads_may_come_in_any_pieces(void **state)
{
    struct serve_world world;
    struct fake_transport *client;
    struct buffer large = { 0 };

    (void)state;
    world_open(&world, NULL);
    buffer_add_string(&large, "GET / HTTP/1.1\r\nHost: any\r\nX-Large: ");
    for (size_t i = 0; i < 25000; i++)
        buffer_add_byte(&large, 'x');
    buffer_add_string(&large, "\r\n\r\n");
    client = world_client(&world, WORLD_REVERSE, "");
    client->bytes = large.at;
    client->reading.step = 999;
    world_give(client, large.length);
    assert_true(world_waits_for(&world, client, "HTTP/1.1 200"));
    buffer_clear(&large);
    for (size_t i = 0; i < 50000; i++)
        buffer_add_byte(&large, 'x');
    client = world_client(&world, WORLD_REVERSE, "GET / HTTP/1.1\r\nX: ");
    world_turns(&world);
    client->bytes = large.at;
    world_give(client, large.length);
    assert_true(world_waits_for(&world, client, "HTTP/1.1 431"));
    world_close(&world);
    buffer_free(&large);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_connections_are_closed_at_once),
        cmocka_unit_test(an_empty_worker_is_drained_at_once),
        cmocka_unit_test(what_is_on_finishes_and_says_close),
        cmocka_unit_test(a_hang_is_cut_when_the_time_is_over),
        cmocka_unit_test(a_cut_ends_everything_at_once),
        cmocka_unit_test(a_worker_may_be_freed_with_all_that_is_on),
        cmocka_unit_test(connections_beyond_the_limit_wait_their_turn),
        cmocka_unit_test(heads_may_come_in_any_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
