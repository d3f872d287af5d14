/* route_test: where requests go, in reverse and in forward mode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "serve_world.h"

/* Asks once, and gives what came back. `%s` in the request: host and port of the real origin. */
static struct fake_transport *ask_from(struct serve_world *world, int front, const char *peer,
                                       const char *format, const char *host)
{
    struct fake_transport *client;
    size_t at = text_find(text_from(format), '%');

    (void)snprintf(world->request, sizeof world->request, "%.*s%s%s", (int)at, format,
                   format[at] ? host : "", format[at] ? format + at + 2 : "");
    client = world_client_from(world, front, world->request, peer);
    world_turns(world);
    return client;
}

static struct fake_transport *ask(struct serve_world *world, int front, const char *format)
{
    return ask_from(world, front, "127.0.0.1", format, world->host);
}

static void expect_status(struct fake_transport *client, unsigned status)
{
    char line[16];

    (void)snprintf(line, sizeof line, "HTTP/1.1 %u ", status);
    if (strncmp(world_written(client), line, strlen(line)) != 0)
        fail_msg("wanted %u, got: %s", status, world_written(client));
}

struct route_case {
    const char *claim, *request;
    unsigned status;
    const char *heard; /* by the origin; NULL: nothing */
};

static void check_routes(int front, const struct route_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct serve_world world;

        world_open(&world, NULL);
        print_message("  %s\n", cases[i].claim);
        expect_status(ask(&world, front, cases[i].request), cases[i].status);
        if (!cases[i].heard)
            assert_int_equal(world.spare.accepted, 0);
        else if (!strstr(world.spare.heard.at, cases[i].heard))
            fail_msg("no %s in %s", cases[i].heard, world.spare.heard.at);
        world_close(&world);
    }
}

static void a_reverse_listener_asks_its_upstream(void **state)
{
    static const struct route_case cases[] = {
        { "a path", "GET /a?b=c HTTP/1.1\r\nHost: www.test\r\n\r\n", 200,
          "GET /a?b=c HTTP/1.1\r\n" },
        { "Host is the upstream's", "GET / HTTP/1.1\r\nHost: www.test\r\n\r\n", 200,
          "Host: 127.0.0.1:" },
        { "absolute form", "GET http://www.test/a HTTP/1.1\r\nHost: www.test\r\n\r\n", 200,
          "GET /a HTTP/1.1\r\n" },
        { "asterisk", "OPTIONS * HTTP/1.1\r\nHost: www.test\r\n\r\n", 200,
          "OPTIONS * HTTP/1.1\r\n" },
        { "CONNECT", "CONNECT www.test:443 HTTP/1.1\r\nHost: www.test\r\n\r\n", 405, NULL },
        { "no target", "GET nowhere HTTP/1.1\r\nHost: www.test\r\n\r\n", 400, NULL },
    };

    (void)state;
    check_routes(WORLD_REVERSE, cases, COUNT_OF(cases));
}

static void hop_by_hop_fields_stay_here(void **state)
{
    struct serve_world world;

    (void)state;
    world_open(&world, NULL);
    world.settings.via = true;
    expect_status(ask(&world, WORLD_REVERSE,
                      "GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Mine\r\nX-Mine: 1\r\n"
                      "Proxy-Authorization: secret\r\nKeep-Alive: 5\r\nX-Other: 2\r\n\r\n"),
                  200);
    assert_null(strstr(world.spare.heard.at, "X-Mine"));
    assert_null(strstr(world.spare.heard.at, "secret"));
    assert_null(strstr(world.spare.heard.at, "Keep-Alive"));
    assert_non_null(strstr(world.spare.heard.at, "X-Other: 2\r\n"));
    assert_non_null(strstr(world.spare.heard.at, "Via: 1.1 panne\r\n"));
    world_close(&world);
}

static void the_host_can_be_preserved(void **state)
{
    struct serve_world world;

    (void)state;
    world_open(&world, NULL);
    world.settings.preserve_host = true;
    expect_status(ask(&world, WORLD_REVERSE, "GET / HTTP/1.1\r\nHost: www.test\r\n\r\n"), 200);
    assert_non_null(strstr(world.spare.heard.at, "Host: www.test\r\n"));
    world_close(&world);
}

static void a_forward_listener_asks_who_is_named(void **state)
{
    static const struct route_case cases[] = {
        { "absolute form", "GET http://%s/a?b HTTP/1.1\r\nHost: other.test\r\n\r\n", 200,
          "GET /a?b HTTP/1.1\r\n" },
        { "the target leads, not Host", "GET http://%s HTTP/1.1\r\nHost: other.test\r\n\r\n", 200,
          "Host: 127.0.0.1:" },
        { "origin form", "GET /a HTTP/1.1\r\nHost: %s\r\n\r\n", 400, NULL },
        { "asterisk form", "OPTIONS * HTTP/1.1\r\nHost: %s\r\n\r\n", 400, NULL },
        { "CONNECT", "CONNECT %s HTTP/1.1\r\nHost: a\r\n\r\n", 200, "" },
        { "CONNECT without a port", "CONNECT www.test HTTP/1.1\r\nHost: www.test\r\n\r\n", 400,
          NULL },
    };

    (void)state;
    check_routes(WORLD_FORWARD, cases, COUNT_OF(cases));
}

static void a_request_that_would_come_back_is_refused(void **state)
{
    struct serve_world world;
    char self[ADDRESS_TEXT];

    (void)state;
    world_open(&world, NULL);
    address_write(&world.fronts[WORLD_FORWARD].address, self);
    expect_status(ask_from(&world, WORLD_FORWARD, "127.0.0.1",
                           "GET http://%s/ HTTP/1.1\r\nHost: a\r\n\r\n", self),
                  508);
    assert_int_equal(world_totals(&world).troubles, 1);
    world_close(&world);
}

static void an_origin_that_refuses_is_a_bad_gateway(void **state)
{
    struct serve_world world;

    (void)state;
    world_open(&world, NULL);
    expect_status(ask_from(&world, WORLD_FORWARD, "127.0.0.1",
                           "GET http://%s/ HTTP/1.1\r\nHost: a\r\n\r\n", "127.0.0.1:1"),
                  502);
    world_close(&world);
}

/* Strangers get in only by --allow, and from there not to what is inside. */
static void strangers_are_let_in_and_kept_out(void **state)
{
    static const char get[] = "GET http://%s/ HTTP/1.1\r\nHost: a\r\n\r\n";
    struct serve_world world;
    struct fake_transport *client;
    struct network network;

    (void)state;
    world_open(&world, NULL);
    client = ask_from(&world, WORLD_FORWARD, "192.0.2.7", get, world.host);
    assert_true(client->freed && client->reset);
    assert_int_equal(client->written.length, 0);
    assert_int_equal(world_totals(&world).refused, 1);

    assert_true(network_parse(text_from("192.0.2.0/24"), &network));
    world.settings.allowed = &network;
    world.settings.allowed_count = 1;
    expect_status(ask_from(&world, WORLD_FORWARD, "192.0.2.7", get, world.host), 403);
    expect_status(ask_from(&world, WORLD_FORWARD, "192.0.2.7",
                           "CONNECT %s HTTP/1.1\r\nHost: a\r\n\r\n", "www.test:22"),
                  403);
    expect_status(ask_from(&world, WORLD_FORWARD, "127.0.0.1", get, world.host), 200);
    assert_int_equal(world.spare.accepted, 1);
    /* A reverse listener leads to one place, which its user has chosen. */
    expect_status(
        ask_from(&world, WORLD_REVERSE, "192.0.2.7", "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", "a"),
        200);
    world_close(&world);
}

/* A connection that a client of the machine had opened, by a name that leads inside. */
static void strangers_do_not_get_what_others_had_opened(void **state)
{
    struct serve_world world;
    struct network network;
    struct fake_transport *kept, *client;
    struct upstreams *upstreams;
    struct origin *origin;
    struct endpoint named = { .host = text_from("a.localhost"), .port = 81 };

    (void)state;
    world_open(&world, NULL);
    upstreams = world.worker->upstreams;
    assert_true(network_parse(text_from("192.0.2.0/24"), &network));
    world.settings.allowed = &network;
    world.settings.allowed_count = 1;
    world.fronts[WORLD_REVERSE].upstream = named;
    kept = world_origin(&world, "");
    origin = upstreams_take(upstreams, &named, NULL);
    assert_true(address_parse(text_from("127.0.0.1"), 81, &origin->address));
    upstreams_put(upstreams, origin);

    client = ask_from(&world, WORLD_FORWARD, "192.0.2.7",
                      "GET http://%s/ HTTP/1.1\r\nHost: a\r\n\r\n", "a.localhost:81");
    expect_status(client, 403);
    assert_int_equal(kept->writing.moved, 0);
    (void)ask_from(&world, WORLD_FORWARD, "127.0.0.1", "GET http://%s/ HTTP/1.1\r\nHost: a\r\n\r\n",
                   "a.localhost:81");
    assert_true(kept->writing.moved > 0);
    world_close(&world);
}

/* What was meant for the tunnel is not read as a request when there is none. */
static void a_refused_connect_ends_the_connection(void **state)
{
    struct serve_world world;
    struct fake_transport *client;

    (void)state;
    world_open(&world, NULL);
    client = ask(&world, WORLD_REVERSE,
                 "CONNECT %s HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect_status(client, 405);
    assert_true(world_has_written(client, "Connection: close"));
    assert_int_equal(world.spare.accepted, 0);
    world_close(&world);
}

/* Inside a CONNECT, plain HTTP is served, and goes where the CONNECT went. */
static void http_inside_connect_goes_where_that_went(void **state)
{
    struct serve_world world;
    struct fake_transport *client;

    (void)state;
    world_open(&world, NULL);
    client =
        ask(&world, WORLD_FORWARD,
            "CONNECT %s HTTP/1.1\r\nHost: a\r\n\r\nGET /in HTTP/1.1\r\nHost: other.test\r\n\r\n");
    expect_status(client, 200);
    assert_true(world_has_written(client, "spare"));
    assert_non_null(strstr(world.spare.heard.at, "GET /in HTTP/1.1\r\nHost: other.test\r\n"));
    world_close(&world);
}

static void another_protocol_inside_connect_is_tunneled(void **state)
{
    struct serve_world world;
    struct fake_transport *client;

    (void)state;
    world_open(&world, NULL);
    world.spare.echoes = true;
    client = ask(&world, WORLD_FORWARD,
                 "CONNECT %s HTTP/1.1\r\nHost: a\r\n\r\n\x10\x20\x30 this is no HTTP");
    assert_true(world_has_written(client, "\x10\x20\x30 this is no HTTP"));
    world_stop(client, IO_END);
    world_turns(&world);
    assert_int_equal(world.worker->session_count, 0);
    world_close(&world);
}

/* A host that is passed through gets its 200 only once it has been reached. */
static void a_tunnel_that_cannot_be_built_is_answered_so(void **state)
{
    static const struct text any = TEXT("*");
    struct serve_world world;
    struct fake_transport *client;

    (void)state;
    world_open(&world, NULL);
    world.settings.passthrough = (struct patterns){ &any, 1 };
    client = ask_from(&world, WORLD_FORWARD, "127.0.0.1", "CONNECT %s HTTP/1.1\r\nHost: a\r\n\r\n",
                      "127.0.0.1:1");
    expect_status(client, 502);
    assert_false(client->freed);
    assert_int_equal(world_totals(&world).requests, 1);
    world_close(&world);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reverse_listener_asks_its_upstream),
        cmocka_unit_test(hop_by_hop_fields_stay_here),
        cmocka_unit_test(the_host_can_be_preserved),
        cmocka_unit_test(a_forward_listener_asks_who_is_named),
        cmocka_unit_test(a_request_that_would_come_back_is_refused),
        cmocka_unit_test(an_origin_that_refuses_is_a_bad_gateway),
        cmocka_unit_test(strangers_are_let_in_and_kept_out),
        cmocka_unit_test(strangers_do_not_get_what_others_had_opened),
        cmocka_unit_test(a_refused_connect_ends_the_connection),
        cmocka_unit_test(http_inside_connect_goes_where_that_went),
        cmocka_unit_test(another_protocol_inside_connect_is_tunneled),
        cmocka_unit_test(a_tunnel_that_cannot_be_built_is_answered_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
