/* exchange_test: injected faults, reloads, and what the log says of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "client_view.h"
#include "serve/session.h"
#include "serve_world.h"

#define GET "GET /one HTTP/1.1\r\nHost: any\r\n\r\n"
#define GOOD "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright"

static struct view look(struct fake_transport *client)
{
    struct text bytes = text_from(world_written(client));
    enum view_end end = client->reset ? VIEW_RESET : client->ends ? VIEW_ENDED : VIEW_OPEN;

    return view_next(&bytes, false, false, end);
}

static void expect_log(struct serve_world *world, const char *const parts[])
{
    char *log = world_read_log(world);

    for (size_t i = 0; parts[i]; i++)
        if (!strstr(log, parts[i]))
            fail_msg("no %s in\n%s", parts[i], log);
    free(log);
}

#define EXPECT_LOG(world, ...) expect_log(world, (const char *const[]){ __VA_ARGS__, NULL })

static void an_error_is_answered_without_the_origin(void **state)
{
    struct serve_world world;
    struct fake_transport *client;

    (void)state;
    world_open_logged(&world, WORLD_PHASE("error: {status: 503, body: down, retry-after: 2s}"));
    client = world_ask(&world, GET, GOOD);
    assert_int_equal(look(client).status, 503);
    assert_string_equal(look(client).body, "down");
    assert_true(world_has_written(client, "\r\nRetry-After: 2\r\n"));
    assert_false(client->freed); /* and may ask again */
    assert_int_equal(world.fakes[0]->writing.moved, 0);
    assert_int_equal(world_totals(&world).exercised, 1);
    EXPECT_LOG(&world, "\"outcome\":\"made\"", "\"kind\":\"error\"", "\"status\":503");
    world_close(&world);
}

/* Bodies that are small enough are read and forgotten, so that the connection can be used again. */
static void an_error_instead_of_an_upload_leaves_the_connection_usable(void **state)
{
    static const char twice[] = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody" GET;
    struct serve_world world;

    (void)state;
    world_open(&world, WORLD_PHASE("error: 500"));
    assert_int_equal(world_count(world_written(world_ask(&world, twice, GOOD)), "HTTP/1.1 500"), 2);
    world_close(&world);
}

static void an_error_instead_of_a_large_upload_closes(void **state)
{
    static const char large[] =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\nbody";
    struct serve_world world;
    struct fake_transport *client;

    (void)state;
    world_open(&world, WORLD_PHASE("error: 500"));
    client = world_ask(&world, large, GOOD);
    assert_true(world_has_written(client, "\r\nConnection: close\r\n"));
    assert_int_equal(client->ends, 1);
    world_close(&world);
}

static void a_delay_before_the_answer_passes_without_spinning(void **state)
{
    struct serve_world world;
    struct fake_transport *client;
    usec began = loop_now(), cpu;

    (void)state;
    world_open_logged(&world, WORLD_PHASE("latency: 150ms"));
    client = world_ask(&world, GET, GOOD);
    assert_int_equal(client->writing.moved, 0);
    cpu = world_cpu_time();
    assert_true(world_waits_for(&world, client, "right"));
    assert_true(loop_now() - began >= 150 * MSEC);
    assert_true(world_cpu_time() - cpu < 75 * MSEC);
    world_stop(client, IO_END);
    world_turns(&world);
    EXPECT_LOG(&world, "\"kind\":\"latency\"", "\"exercised\":true", "\"injected_ms\":150.000");
    world_close(&world);
}

/* An answer of which more has come than is used waits for its time without turning the loop. */
static void a_body_that_has_begun_to_come_waits_for_its_delayed_head(void **state)
{
    static const char answer[] = GOOD;
    struct serve_world world;
    struct fake_transport *origin, *client;
    usec cpu;

    (void)state;
    world_open(&world, WORLD_PHASE("latency: 150ms"));
    origin = world_origin(&world, answer);
    client = world_client(&world, WORLD_REVERSE, GET);
    world_turns(&world);
    world_give(origin, sizeof answer - 4);
    world_turns(&world);
    world_give(origin, sizeof answer - 1);
    cpu = world_cpu_time();
    assert_true(world_waits_for(&world, client, "right"));
    assert_true(world_cpu_time() - cpu < 75 * MSEC);
    world_close(&world);
}

static void a_delay_before_the_request_keeps_it_from_the_origin(void **state)
{
    struct serve_world world;
    struct fake_transport *origin, *client;
    usec began = loop_now();

    (void)state;
    world_open(&world, WORLD_PHASE("latency: {delay: 60ms, at: request}"));
    origin = world_origin(&world, GOOD);
    client = world_client(&world, WORLD_REVERSE, GET);
    world_turns(&world);
    assert_int_equal(origin->writing.moved, 0);
    assert_true(world_waits_for(&world, origin, "GET /one"));
    assert_true(loop_now() - began >= 60 * MSEC);
    world_give(origin, strlen(GOOD));
    assert_true(world_waits_for(&world, client, "right"));
    world_close(&world);
}

static void a_hang_ends_with_the_client(void **state)
{
    struct serve_world world;
    struct fake_transport *client;

    (void)state;
    world_open_logged(&world, WORLD_PHASE("hang: {}"));
    client = world_ask(&world, GET, GOOD);
    assert_int_equal(client->writing.moved, 0);
    assert_int_equal(world.worker->session_count, 1);
    world_stop(client, IO_END);
    world_turns(&world);
    assert_true(client->freed);
    EXPECT_LOG(&world, "\"outcome\":\"client-left\"", "during a hang", "\"kind\":\"hang\"");
    world_close(&world);
}

static void a_hang_with_an_end_is_followed_by_the_answer(void **state)
{
    struct serve_world world;
    struct fake_transport *client;
    usec began = loop_now();

    (void)state;
    world_open(&world, WORLD_PHASE("hang: {for: 60ms}"));
    (void)world_origin(&world, GOOD);
    client = world_client(&world, WORLD_REVERSE, GET);
    world_turns(&world);
    assert_int_equal(client->writing.moved, 0);
    assert_true(world_waits_for(&world, world.fakes[0], "GET /one"));
    assert_true(loop_now() - began >= 60 * MSEC);
    world_give(world.fakes[0], strlen(GOOD));
    assert_true(world_waits_for(&world, client, "right"));
    world_close(&world);
}

static void a_hang_in_the_body_passes_what_stands_before(void **state)
{
    struct serve_world world;
    struct fake_transport *client;

    (void)state;
    world_open(&world, WORLD_PHASE("hang: {at: body, after: 2B}"));
    client = world_ask(&world, GET, GOOD);
    assert_false(look(client).whole);
    assert_string_equal(look(client).body, "ri");
    assert_int_equal(world.worker->session_count, 1);
    world_stop(client, IO_END);
    world_turns(&world);
    assert_int_equal(world.worker->session_count, 0);
    world_close(&world);
}

struct reset_case {
    const char *phase;
    const char *passes; /* of the body; NULL: not even the head */
    bool asks;          /* the origin */
};

static void a_reset_strikes_where_it_should(void **state)
{
    static const struct reset_case resets[] = {
        { WORLD_PHASE("reset: {at: request}"), NULL, false },
        { WORLD_PHASE("reset: {at: head}"), NULL, true },
        { WORLD_PHASE("reset: {at: body, after: 3B}"), "rig", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(resets); i++) {
        struct serve_world world;
        struct fake_transport *client;

        world_open_logged(&world, resets[i].phase);
        client = world_ask(&world, GET, GOOD);
        assert_true(client->freed && client->reset);
        assert_int_equal(world.fakes[0]->writing.moved > 0, resets[i].asks);
        if (resets[i].passes)
            assert_string_equal(look(client).body, resets[i].passes);
        else
            assert_int_equal(client->writing.moved, 0);
        assert_false(look(client).whole);
        EXPECT_LOG(&world, "\"outcome\":\"reset\"", "\"kind\":\"reset\"", "\"exercised\":true");
        world_close(&world);
    }
}

struct tunnel_case {
    const char *phase, *written; /* to the client before the end; NULL: nothing */
    usec least;                  /* that it takes */
    bool resets;
};

#define ESTABLISHED "HTTP/1.1 200 Connection established\r\n\r\n"

static void faults_strike_tunnels_too(void **state)
{
    static const struct text any = TEXT("*");
    static const struct tunnel_case cases[] = {
        { WORLD_PHASE("reset: {at: request}"), NULL, 0, true },
        { WORLD_PHASE("reset: {at: head}"), NULL, 0, true },
        { WORLD_PHASE("reset: {at: body, after: 2B}"), ESTABLISHED "pi", 0, true },
        { WORLD_PHASE("hang: {at: body, after: 2B, for: 50ms}"), ESTABLISHED "ping", 50 * MSEC,
          false },
        { WORLD_PHASE("latency: {delay: 50ms, at: request}"), ESTABLISHED "ping", 50 * MSEC,
          false },
        { WORLD_PHASE("latency: {delay: 50ms, at: response}"), ESTABLISHED "ping", 50 * MSEC,
          false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct serve_world world;
        struct fake_transport *client;
        usec began = loop_now();

        world_open_logged(&world, cases[i].phase);
        world.settings.passthrough = (struct patterns){ &any, 1 };
        world.spare.echoes = true;
        (void)snprintf(world.request, sizeof world.request,
                       "CONNECT %s HTTP/1.1\r\nHost: a\r\n\r\nping", world.host);
        client = world_client(&world, WORLD_FORWARD, world.request);
        world_turns(&world);
        if (cases[i].written)
            assert_true(world_waits_for(&world, client, cases[i].written));
        assert_string_equal(world_written(client), cases[i].written ? cases[i].written : "");
        assert_int_equal(client->reset, cases[i].resets);
        assert_true(loop_now() - began >= cases[i].least);
        EXPECT_LOG(&world, "\"method\":\"CONNECT\"", "\"exercised\":true");
        world_close(&world);
    }
}

/* More than a turn's worth of bytes is made, and nothing else happens that would wake anybody. */
static void a_flood_goes_on_by_itself(void **state)
{
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 50000\r\n\r\n";
    struct serve_world world;
    struct fake_transport *client;
    char *answer = malloc(sizeof head + 50000);
    usec began = loop_now();

    (void)state;
    memcpy(answer, head, sizeof head);
    for (size_t i = 0; i < 50000; i++)
        answer[sizeof head - 1 + i] = i % 50 == 49 ? '\n' : 'x';
    answer[sizeof head - 1 + 50000] = '\0';
    world_open(&world, WORLD_PHASE("flood: {body: x100}"));
    client = world_ask(&world, GET, answer);
    world_stop(client, IO_END);
    assert_true(world_waits_for_sessions(&world, 0));
    assert_true(client->writing.moved > 4000000);
    assert_true(loop_now() - began < 2 * SECOND);
    world_close(&world);
    free(answer);
}

/* The exchange is judged by the scenario that was in force when its head came. */
static void an_exchange_keeps_its_generation_across_a_reload(void **state)
{
    struct serve_world world;
    struct fake_transport *client;
    struct generation *first;

    (void)state;
    world_open_logged(&world, WORLD_PHASE("latency: 60ms"));
    client = world_ask(&world, GET, GOOD);
    first = run_generation(&world.run);
    world_renew(&world, "  - name: calm\n");
    assert_true(world_waits_for(&world, client, "right"));
    world_turns(&world);
    assert_int_equal(tally_totals(first->tally).requests, 1);
    assert_int_equal(tally_totals(first->tally).exercised, 1);
    assert_int_equal(world_totals(&world).requests, 0);
    /* Connections are counted where they began. */
    world_stop(client, IO_END);
    world_turns(&world);
    assert_int_equal(tally_totals(first->tally).open, 0);
    EXPECT_LOG(&world, "\"phase\":\"outage\"", "\"kind\":\"latency\"");
    world_close(&world);
}

static void the_timeline_starts_with_the_first_match(void **state)
{
    struct serve_world world;

    (void)state;
    world_open(&world, NULL);
    assert_false(run_has_started(&world.run));
    (void)world_ask(&world, GET, GOOD);
    assert_true(run_has_started(&world.run));
    world_close(&world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_is_answered_without_the_origin),
        cmocka_unit_test(an_error_instead_of_an_upload_leaves_the_connection_usable),
        cmocka_unit_test(an_error_instead_of_a_large_upload_closes),
        cmocka_unit_test(a_delay_before_the_answer_passes_without_spinning),
        cmocka_unit_test(a_body_that_has_begun_to_come_waits_for_its_delayed_head),
        cmocka_unit_test(a_delay_before_the_request_keeps_it_from_the_origin),
        cmocka_unit_test(a_hang_ends_with_the_client),
        cmocka_unit_test(a_hang_with_an_end_is_followed_by_the_answer),
        cmocka_unit_test(a_hang_in_the_body_passes_what_stands_before),
        cmocka_unit_test(a_reset_strikes_where_it_should),
        cmocka_unit_test(faults_strike_tunnels_too),
        cmocka_unit_test(a_flood_goes_on_by_itself),
        cmocka_unit_test(an_exchange_keeps_its_generation_across_a_reload),
        cmocka_unit_test(the_timeline_starts_with_the_first_match),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
