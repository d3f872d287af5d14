/* relay_test: what is held for whoever does not read, early answers, uploads, and ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "client_view.h"
#include "net_party.h"
#include "serve/exchange.h"
#include "serve/steps.h"
#include "serve_world.h"

enum { LARGE = 4 * 1024 * 1024 };

#define GET "GET /one HTTP/1.1\r\nHost: any\r\n\r\n"
#define POST "POST /one HTTP/1.1\r\nHost: any\r\n"
#define GOOD "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright"

static char *large(const char *head)
{
    char *bytes = malloc(strlen(head) + LARGE + 1);

    memset(bytes, 'x', strlen(head) + LARGE);
    memcpy(bytes, head, strlen(head));
    bytes[strlen(head) + LARGE] = '\0';
    return bytes;
}

static struct session *only_session(struct serve_world *world)
{
    assert_int_equal(world->worker->session_count, 1);
    return CONTAINER_OF(world->worker->sessions.next, struct session, node);
}

static void stall_writing(struct fake_transport *fake, bool stalls)
{
    fake->writing.stops = stalls;
    fake->writing.at = 0;
    fake->writing.how = IO_WANT_WRITE;
    fake_transport_update(fake);
}

static void expect_quiet(struct serve_world *world)
{
    usec cpu = world_cpu_time();

    (void)party_wait(world->loop, 150 * MSEC);
    assert_true(world_cpu_time() - cpu < 60 * MSEC);
}

static void a_client_that_does_not_read_holds_little(void **state)
{
    struct serve_world world;
    char *answer = large("HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n");
    struct fake_transport *origin, *client;

    (void)state;
    world_open(&world, NULL);
    origin = world_origin(&world, answer);
    client = world_client(&world, WORLD_REVERSE, GET);
    stall_writing(client, true);
    world_turns(&world);
    world_give(origin, strlen(answer));
    world_turns(&world);
    assert_in_range(origin->reading.moved, SESSION_HOLDS / 2, SESSION_HOLDS + 2 * BLOCK_SIZE);
    assert_true(only_session(&world)->down.held <= SESSION_HOLDS + BLOCK_SIZE);
    stall_writing(client, false);
    world_turns(&world);
    assert_true(client->written.length > LARGE);
    world_close(&world);
    free(answer);
}

static void an_origin_that_does_not_read_holds_little(void **state)
{
    struct serve_world world;
    char *request = large(POST "Content-Length: 4194304\r\n\r\n");
    struct fake_transport *origin, *client;

    (void)state;
    world_open(&world, NULL);
    origin = world_origin(&world, GOOD);
    stall_writing(origin, true);
    client = world_client(&world, WORLD_REVERSE, request);
    world_turns(&world);
    assert_in_range(client->reading.moved, SESSION_HOLDS / 2, SESSION_HOLDS + 2 * BLOCK_SIZE);
    assert_true(only_session(&world)->up.held <= SESSION_HOLDS + BLOCK_SIZE);
    stall_writing(origin, false);
    world_turns(&world);
    assert_true(origin->written.length > LARGE);
    world_give(origin, strlen(GOOD));
    assert_true(world_waits_for(&world, client, "right"));
    world_close(&world);
    free(request);
}

struct wire {
    int ends[2];
};

static void plug(struct wire *wire)
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, wire->ends),
                     0);
}

/* How much comes out of the far end until nothing does. */
static size_t drain(struct serve_world *world, int fd)
{
    char bytes[65536];
    size_t sum = 0;

    for (int quiet = 0; quiet < 3;) {
        ssize_t got = recv(fd, bytes, sizeof bytes, 0);

        quiet = got > 0 ? 0 : quiet + 1;
        sum += got > 0 ? (size_t)got : 0;
        world_turns(world);
    }
    return sum;
}

/* Bytes that the kernel moves stand in a pipe meanwhile, which takes no more until it is empty. */
static void a_full_pipe_waits_without_spinning(void **state)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n";
    struct serve_world world;
    struct wire client, origin;
    char *answer = large(head);
    size_t sent = 0, got = 0;

    (void)state;
    world_open(&world, NULL);
    plug(&client);
    plug(&origin);
    world_pool(&world, tcp_transport_new(origin.ends[0]));
    assert_int_equal(send(client.ends[1], GET, strlen(GET), 0), strlen(GET));
    world_begin(&world, WORLD_REVERSE, tcp_transport_new(client.ends[0]), "127.0.0.1");
    while (sent < strlen(answer)) {
        ssize_t put = send(origin.ends[1], answer + sent, strlen(answer) - sent, 0);

        if (put < 0 && sent > 0 && got == 0) {
            world_turns(&world);
            put = send(origin.ends[1], answer + sent, strlen(answer) - sent, 0);
            if (put < 0) {
                expect_quiet(&world);
                got += drain(&world, client.ends[1]);
            }
        } else if (put < 0) {
            got += drain(&world, client.ends[1]);
        }
        sent += put > 0 ? (size_t)put : 0;
    }
    world_turns(&world);
    got += drain(&world, client.ends[1]);
    assert_true(got > LARGE);
    close(client.ends[1]);
    close(origin.ends[1]);
    world_turns(&world);
    assert_int_equal(world.worker->session_count, 0);
    world_close(&world);
    free(answer);
}

static struct view look(struct fake_transport *client)
{
    struct text bytes = text_from(world_written(client));

    return view_next(&bytes, false, false, client->reset ? VIEW_RESET : VIEW_OPEN);
}

/* The origin answers when it has seen enough. */
static void an_early_answer_that_closes_ends_the_upload(void **state)
{
    static const char early[] =
        "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";
    struct serve_world world;
    struct fake_transport *origin, *client;

    (void)state;
    world_open(&world, NULL);
    origin = world_origin(&world, early);
    client = world_client(&world, WORLD_REVERSE, POST "Content-Length: 1000\r\n\r\nbody");
    world_turns(&world);
    world_give(origin, strlen(early));
    world_turns(&world);
    assert_int_equal(look(client).status, 413);
    assert_true(look(client).whole);
    assert_true(world_has_written(client, "\r\nConnection: close\r\n"));
    assert_int_equal(client->ends, 1);
    assert_true(origin->freed);
    world_close(&world);
}

static void an_upload_goes_on_after_an_early_answer_that_keeps(void **state)
{
    static const char asks[] = POST "Content-Length: 8\r\n\r\n01234567" GET;
    size_t upload = strlen(asks) - strlen(GET);
    struct serve_world world;
    struct fake_transport *origin, *client;

    (void)state;
    world_open(&world, NULL);
    origin = world_origin(&world, GOOD);
    client = world_client(&world, WORLD_REVERSE, "");
    client->bytes = asks;
    world_give(client, upload - 4);
    world_turns(&world);
    world_give(origin, strlen(GOOD));
    world_turns(&world);
    assert_true(look(client).whole);
    assert_false(origin->freed);
    world_give(client, strlen(asks));
    world_turns(&world);
    assert_true(world_has_written(origin, "01234567GET /one"));
    world_give(origin, strlen(GOOD));
    world_close(&world);
}

static void a_client_that_was_not_told_to_continue_is_closed(void **state)
{
    static const char no[] = "HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno";
    struct serve_world world;
    struct fake_transport *origin, *client;

    (void)state;
    world_open(&world, NULL);
    origin = world_origin(&world, no);
    client = world_client(&world, WORLD_REVERSE,
                          POST "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    world_turns(&world);
    world_give(origin, strlen(no));
    world_turns(&world);
    assert_int_equal(look(client).status, 417);
    assert_true(world_has_written(client, "\r\nConnection: close\r\n"));
    assert_int_equal(client->ends, 1);
    world_close(&world);
}

/* What stands behind a body that is wrong is nobody's request. */
static void a_wrong_body_is_refused_and_ends_the_connection(void **state)
{
    static const char wrong[] =
        POST "Transfer-Encoding: chunked\r\n\r\nxyz\r\n" GET "0\r\n\r\n" GET;
    struct serve_world world;
    struct fake_transport *origin, *client;

    (void)state;
    world_open(&world, NULL);
    origin = world_origin(&world, GOOD);
    client = world_client(&world, WORLD_REVERSE, wrong);
    world_turns(&world);
    assert_int_equal(look(client).status, 400);
    assert_int_equal(world_count(world_written(client), "HTTP/1.1"), 1);
    assert_int_equal(world_count(world_written(origin), "HTTP/1.1"), 1);
    assert_true(origin->freed);
    assert_int_equal(client->ends, 1);
    world_close(&world);
}

/* An upload whose origin takes no more, while its answer waits for a client that reads nothing. */
static void a_stuck_upload_waits_without_spinning(void **state)
{
    struct serve_world world;
    char *request = large(POST "Content-Length: 4194304\r\n\r\n");
    struct fake_transport *origin, *client;

    (void)state;
    world_open(&world, NULL);
    origin = world_origin(&world, GOOD);
    client = world_client(&world, WORLD_REVERSE, request);
    stall_writing(client, true);
    origin->writing.stops = true;
    origin->writing.how = IO_RESET;
    world_give(origin, strlen(GOOD));
    world_turns(&world);
    expect_quiet(&world);
    stall_writing(client, false);
    world_turns(&world);
    assert_int_equal(look(client).status, 200);
    assert_int_equal(client->ends, 1);
    world_close(&world);
    free(request);
}

static void an_answer_until_the_end_that_is_cut_is_reset(void **state)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\n\r\nsome";
    static const enum io breaks[] = { IO_CUT, IO_RESET };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(breaks); i++) {
        struct serve_world world;
        struct fake_transport *origin, *client;

        world_open(&world, NULL);
        origin = world_origin(&world, answer);
        client = world_client(&world, WORLD_REVERSE, GET);
        world_turns(&world);
        world_give(origin, strlen(answer));
        world_turns(&world);
        world_stop(origin, breaks[i]);
        world_turns(&world);
        assert_true(client->freed && client->reset);
        world_close(&world);
    }
}

static void time_outs_are_answered_or_cut(void **state)
{
    static const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nri";
    struct serve_world world;
    struct fake_transport *origin, *client;

    (void)state;
    world_open(&world, NULL);
    world.settings.origin_timeout = world.settings.idle_timeout = 50 * MSEC;
    world.settings.header_timeout = 50 * MSEC;
    (void)world_origin(&world, GOOD);
    client = world_client(&world, WORLD_REVERSE, GET);
    assert_true(world_waits_for(&world, client, "HTTP/1.1 504"));
    client = world_client(&world, WORLD_REVERSE, "GET / HT");
    assert_true(world_waits_for(&world, client, "HTTP/1.1 408"));
    (void)world_origin(&world, GOOD);
    client = world_client(&world, WORLD_REVERSE, POST "Content-Length: 5\r\n\r\n");
    assert_true(world_waits_for(&world, client, "HTTP/1.1 408"));
    origin = world_origin(&world, half);
    client = world_client(&world, WORLD_REVERSE, GET);
    world_turns(&world);
    world_give(origin, strlen(half));
    for (usec patience = loop_now() + SECOND; client->ends == 0 && loop_now() < patience;)
        (void)party_wait(world.loop, MSEC);
    assert_int_equal(client->ends, 1);
    assert_false(look(client).whole);
    assert_int_equal(look(client).status, 200);
    world_close(&world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_that_does_not_read_holds_little),
        cmocka_unit_test(an_origin_that_does_not_read_holds_little),
        cmocka_unit_test(a_full_pipe_waits_without_spinning),
        cmocka_unit_test(an_early_answer_that_closes_ends_the_upload),
        cmocka_unit_test(an_upload_goes_on_after_an_early_answer_that_keeps),
        cmocka_unit_test(a_client_that_was_not_told_to_continue_is_closed),
        cmocka_unit_test(a_wrong_body_is_refused_and_ends_the_connection),
        cmocka_unit_test(a_stuck_upload_waits_without_spinning),
        cmocka_unit_test(an_answer_until_the_end_that_is_cut_is_reset),
        cmocka_unit_test(time_outs_are_answered_or_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
