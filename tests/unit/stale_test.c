/* stale_test: which answers a run keeps, and for whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "serve/kept.h"
#include "serve/session.h"
#include "serve_world.h"

#define GET "GET /one?two HTTP/1.1\r\nHost: any\r\n\r\n"
#define GOOD "HTTP/1.1 200 OK\r\nDate: then\r\nContent-Length: 5\r\n\r\nright"

struct keep_case {
    const char *phases, *request, *answer;
    size_t kept;
};

#define STALE WORLD_PHASE("nth: 2.., stale: {}")
#define ANSWER(fields) "HTTP/1.1 200 OK\r\n" fields "\r\nright"
#define LENGTH "Content-Length: 5\r\n"

static const struct keep_case cases[] = {
    { STALE, GET, GOOD, 1 },
    /* Cut off. */
    { STALE, GET, ANSWER("Transfer-Encoding: chunked\r\n\r\n5\r\n") "\r\n0\r\n\r\n", 0 },
    { STALE, GET, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nright\r\n0\r\n\r\n",
      1 },
    { STALE, GET, ANSWER("Content-Length: 0\r\n"), 1 },
    { STALE, GET, ANSWER(LENGTH "Vary: Accept, *\r\n"), 0 },
    { STALE, GET, ANSWER(LENGTH "Vary: Accept\r\n"), 1 },
    { STALE, GET, ANSWER(LENGTH "Cache-Control: private\r\nCache-Control: a,no-store\r\n"), 0 },
    { STALE, GET, ANSWER(LENGTH "Set-Cookie: a=b\r\n"), 0 },
    { STALE, GET, ANSWER("Content-Length: 262145\r\n"), 0 },
    { STALE, GET, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 0 },
    { STALE, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
      0 },
    { STALE, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", GOOD, 0 },
    { STALE, "GET / HTTP/1.1\r\nHost: a\r\nRange: bytes=1-\r\n\r\n", GOOD, 0 },
    { WORLD_PHASE("nth: 2, mix: [{share: 1%, error: 500}, {share: 1%, stale: {}}]"), GET, GOOD, 1 },
    { WORLD_PHASE("nth: 2, error: 500"), GET, GOOD, 0 },
    { NULL, GET, GOOD, 0 },
};

static void check_kept(const struct keep_case *row)
{
    struct serve_world world;
    size_t bytes, kept;

    world_open(&world, row->phases);
    world_ask(&world, row->request, row->answer);
    kept = kept_count(world.run.kept, &bytes);
    if (kept != row->kept)
        fail_msg("%s%s%s: %zu kept", row->phases ? row->phases : "", row->request, row->answer,
                 kept);
    world_close(&world);
}

static void good_answers_are_kept_where_a_rule_wants_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_kept(&cases[i]);
}

static void what_was_kept_comes_again(void **state)
{
    struct serve_world world;
    struct fake_transport *client;

    (void)state;
    world_open(&world, STALE);
    world_ask(&world, GET, GOOD);
    client = world_ask(&world, GET, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong");
    assert_string_equal(
        world_written(client),
        "HTTP/1.1 200 OK\r\nDate: then\r\nAge: 0\r\nContent-Length: 5\r\n\r\nright");
    assert_int_equal(world_totals(&world).exercised, 1);
    world_close(&world);
}

static void a_count_of_hops_stays_here(void **state)
{
    struct serve_world world;

    (void)state;
    world_open(&world, WORLD_PHASE("redirect: {chain: 2}, nth: 9"));
    world_ask(&world, "GET /a?panne-hop=1&b HTTP/1.1\r\nHost: any\r\n\r\n", GOOD);
    assert_true(world_has_written(world.fakes[0], "GET /a?b HTTP/1.1\r\n"));
    world_close(&world);
    world_open(&world, WORLD_PHASE("error: 500, nth: 9"));
    world_ask(&world, "GET /a?panne-hop=1&b HTTP/1.1\r\nHost: any\r\n\r\n", GOOD);
    assert_true(world_has_written(world.fakes[0], "GET /a?panne-hop=1&b HTTP/1.1\r\n"));
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_answers_are_kept_where_a_rule_wants_them),
        cmocka_unit_test(what_was_kept_comes_again),
        cmocka_unit_test(a_count_of_hops_stays_here),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
