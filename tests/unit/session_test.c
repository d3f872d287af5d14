/* session_test: scripted exchanges over connections that fail, end, block or dribble at each byte.
 *
 * Whatever happens, a client gets the right answer, one of ours that says what failed, or one that
 * cannot be taken for whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "play.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: any\r\n\r\n"
#define POST "POST /post HTTP/1.1\r\nHost: any\r\n"
#define OK(body) "HTTP/1.1 200 OK\r\nContent-Length: " body

static const struct play_script scripts[] = {
    { "GET, an answer by length",
      { { GET("/one"), OK("5\r\n\r\nright"), "right", 200 } },
      .count = 1 },
    { "GET, an answer in chunks",
      { { GET("/one"),
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nrig\r\n2;x=y\r\nht\r\n0\r\nX: "
          "y\r\n\r\n",
          "right", 200 } },
      .count = 1 },
    { "GET, an answer until the end",
      { { GET("/one"), "HTTP/1.1 200 OK\r\nServer: x\r\n\r\nright", "right", 200 } },
      .count = 1,
      .ends = true },
    { "interim answers before the final one",
      { { GET("/one"),
          "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" OK(
              "5\r\n\r\nright"),
          "right", 200 } },
      .count = 1 },
    { "POST with Content-Length",
      { { POST "Content-Length: 10\r\n\r\n0123456789", OK("5\r\n\r\nright"), "right", 200 } },
      .count = 1,
      .unsafe = true },
    { "POST in chunks, with trailers",
      { { POST "Transfer-Encoding: chunked\r\nTE: trailers\r\n\r\n4\r\n0123\r\n6\r\n456789\r\n0\r\n"
               "X-Sum: 1\r\n\r\n",
          OK("5\r\n\r\nright"), "right", 200, "0\r\nX-Sum: 1\r\n\r\n" } },
      .count = 1,
      .unsafe = true },
    { "HEAD",
      { { "HEAD /one HTTP/1.1\r\nHost: any\r\n\r\n", OK("5\r\n\r\n"), "", 200 } },
      .count = 1,
      .to_head = true },
    { "a pair, one after the other",
      { { GET("/one"), OK("5\r\n\r\nright"), "right", 200 },
        { GET("/two"), OK("6\r\n\r\nsecond"), "second", 200 } },
      .count = 2 },
    { "a pair, pipelined",
      { { GET("/one"), OK("5\r\n\r\nright"), "right", 200 },
        { GET("/two"), OK("6\r\n\r\nsecond"), "second", 200 } },
      .count = 2,
      .pipelined = true },
    { "an upgrade",
      { { "GET /chat HTTP/1.1\r\nHost: any\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n",
          "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n", "",
          101 },
        { "ping", "pong", "pong", 0 } },
      .count = 2,
      .tunnels = true },
};

struct rehearsal {
    struct serve_world world;
    const struct play_script *script;
    bool abandons;
    size_t learned[PLAY_STAGES];
    size_t lengths[PLAY_SIDES]; /* bytes that pass when all goes well */
};

static void play_once(struct rehearsal *rehearsal, enum play_side side, enum io how, size_t at)
{
    struct play play = { .world = &rehearsal->world,
                         .script = rehearsal->script,
                         .learned = rehearsal->learned,
                         .side = side,
                         .how = how,
                         .at = at,
                         .abandons = rehearsal->abandons };

    play_run(&play);
    world_forget(&rehearsal->world);
}

/* All goes well: how long everything is. */
static void rehearse(struct rehearsal *rehearsal)
{
    struct play play = { .world = &rehearsal->world,
                         .script = rehearsal->script,
                         .learned = rehearsal->learned,
                         .learns = true };

    play_run(&play);
    rehearsal->lengths[CLIENT_READ] = play.client->reading.moved;
    rehearsal->lengths[CLIENT_WRITE] = play.client->writing.moved;
    if (play.origin) {
        rehearsal->lengths[ORIGIN_READ] = play.origin->reading.moved;
        rehearsal->lengths[ORIGIN_WRITE] = play.origin->writing.moved;
        assert_true(rehearsal->lengths[ORIGIN_WRITE] > 0);
    }
    assert_true(rehearsal->lengths[CLIENT_WRITE] > 0);
    world_forget(&rehearsal->world);
}

static void at_each_byte(struct rehearsal *rehearsal, enum play_side side, enum io how)
{
    for (size_t at = 0; at <= rehearsal->lengths[side]; at++)
        play_once(rehearsal, side, how, at);
}

static void on_each_side(struct rehearsal *rehearsal)
{
    for (int side = 0; side < PLAY_SIDES; side++) {
        bool reads = side == CLIENT_READ || side == ORIGIN_READ;

        if (rehearsal->lengths[side] == 0)
            continue;
        at_each_byte(rehearsal, side, IO_RESET);
        at_each_byte(rehearsal, side, IO_FAILED);
        at_each_byte(rehearsal, side, reads ? IO_WANT_READ : IO_WANT_WRITE);
        rehearsal->abandons = true;
        at_each_byte(rehearsal, side, reads ? IO_WANT_READ : IO_WANT_WRITE);
        rehearsal->abandons = false;
        if (reads) {
            at_each_byte(rehearsal, side, IO_END);
            at_each_byte(rehearsal, side, IO_CUT);
        }
        for (size_t step = 1; step < 9; step++)
            play_once(rehearsal, side, IO_DONE, step);
    }
}

/* What the log says and what was counted is the same. */
static void check_books(struct serve_world *world)
{
    struct tally_totals totals = world_totals(world);
    char *log = world_read_log(world);

    assert_int_equal(world_count(log, "\"event\":\"request\""), totals.requests);
    assert_int_equal(world_count(log, "\"event\":\"connection\""), totals.connections);
    assert_int_equal(world_count(log, "\"event\":\"trouble\""), totals.troubles);
    assert_true(totals.requests > 0);
    free(log);
}

static void play_all(const struct play_script *script, struct rehearsal *rehearsal)
{
    rehearsal->script = script;
    rehearse(rehearsal);
    on_each_side(rehearsal);
    check_books(&rehearsal->world);
    world_close(&rehearsal->world);
}

static void nothing_at_any_byte_leads_astray(void **state)
{
    const struct play_script *script = *state;
    struct rehearsal rehearsal = { 0 };

    world_open_logged(&rehearsal.world, NULL);
    play_all(script, &rehearsal);
}

static void a_client_in_a_tunnel_by_connect_fails_at_any_byte(void **state)
{
    static const struct text any = TEXT("127.0.0.1");
    struct rehearsal rehearsal = { 0 };
    char asks[128];
    struct play_script script = {
        "a tunnel by CONNECT",
        { { asks, "", "", 200 }, { "ping", "", "ping", 0 } },
        .count = 2,
        .tunnels = true,
        .connects = true,
    };

    (void)state;
    world_open_logged(&rehearsal.world, NULL);
    rehearsal.world.settings.passthrough = (struct patterns){ &any, 1 };
    rehearsal.world.spare.echoes = true;
    (void)snprintf(asks, sizeof asks, "CONNECT %s HTTP/1.1\r\nHost: any\r\n\r\n",
                   rehearsal.world.host);
    play_all(&script, &rehearsal);
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(scripts) + 1];

    for (size_t i = 0; i < COUNT_OF(scripts); i++)
        tests[i] = (struct CMUnitTest){ .name = scripts[i].name,
                                        .test_func = nothing_at_any_byte_leads_astray,
                                        .initial_state = (void *)(uintptr_t)&scripts[i] };
    tests[COUNT_OF(scripts)] =
        (struct CMUnitTest)cmocka_unit_test(a_client_in_a_tunnel_by_connect_fails_at_any_byte);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
