/* dial_parent_test: tunnels through a parent proxy, and all that it may answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dial_room.h"

struct claim {
    const char *name, *answer;
    const char *detail; /* NULL: the tunnel stands */
};

static const struct claim claims[] = {
    { "established", "HTTP/1.1 200 Connection established\r\n\r\n", NULL },
    { "no reason", "HTTP/1.1 200\r\n\r\n", NULL },
    { "old version, fields", "HTTP/1.0 204 \r\nServer: x\r\nEmpty:\r\n\r\n", NULL },
    { "a length that is void", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", NULL },
    { "interim answers",
      "HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 x\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", NULL },
    { "authorization wanted",
      "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n",
      "the parent proxy answered 407 Proxy Authentication Required" },
    { "no reason to refuse", "HTTP/1.1 503\r\n\r\n", "the parent proxy answered 503" },
    { "strange words",
      "HTTP/1.1 502 b\xc3\xa4"
      "d\r\n\r\n",
      "the parent proxy answered 502 b??d" },
    { "another protocol", "HTTP/1.1 101 Switching\r\n\r\n",
      "the parent proxy answered 101 Switching" },
    { "not HTTP", "SSH-2.0-OpenSSH_9.0\r\n", "the parent proxy's answer is not HTTP/1" },
    { "another version", "HTTP/2.0 200 OK\r\n\r\n", "the parent proxy's answer is not HTTP/1" },
    { "odd version", "HTTP/1.2 200 OK\r\n\r\n", "the parent proxy's answer is not HTTP/1" },
    { "short code", "HTTP/1.1 20 OK\r\n\r\n", "the parent proxy's answer is not HTTP/1" },
    { "long code", "HTTP/1.1 2000 OK\r\n\r\n", "the parent proxy's answer is not HTTP/1" },
    { "impossible code", "HTTP/1.1 600 OK\r\n\r\n", "the parent proxy's answer is not HTTP/1" },
    { "control byte", "HTTP/1.1 200 O\x01K\r\n\r\n", "the parent proxy's answer is not HTTP/1" },
    { "bare carriage return", "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
      "the parent proxy's answer is not HTTP/1" },
    { "bare line feed", "HTTP/1.1 200 OK\nA: b\r\n\r\n",
      "the parent proxy's answer is not HTTP/1" },
    { "field without colon", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
      "the parent proxy's answer is not HTTP/1" },
    { "field without name", "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
      "the parent proxy's answer is not HTTP/1" },
    { "space before colon", "HTTP/1.1 200 OK\r\nA : x\r\n\r\n",
      "the parent proxy's answer is not HTTP/1" },
    { "folded field", "HTTP/1.1 200 OK\r\nA: x\r\n y\r\n\r\n",
      "the parent proxy's answer is not HTTP/1" },
    { "cut off", "HTTP/1.1 200 OK\r\nA: x\r\n", "the parent proxy closed the connection" },
    { "nothing", "", "the parent proxy closed the connection" },
};

static void try_claim(struct dial_room *room, struct party_server *server,
                      const struct claim *claim, size_t cut)
{
    struct parent parent = { .at = endpoint_of("127.0.0.1", server->port) };

    server->answer = claim->answer;
    server->length = strlen(claim->answer);
    server->cut = cut;
    server->closes = true;
    server->heard[0] = 0;
    dial_to(room, endpoint_of("far.test", 443), &parent, true);
    if ((claim->detail == NULL) != (room->fault == DIAL_OK) ||
        (claim->detail && strcmp(claim->detail, room->detail) != 0))
        fail_msg("%s, cut at %zu: %s: %s", claim->name, cut, dial_fault_name(room->fault),
                 room->detail);
    assert_true(claim->detail ? room->fault == DIAL_PARENT : room->origin->apart);
    alarm_clear(&server->later);
}

static void test_understands_answers(void **state)
{
    struct dial_room *room = *state;
    struct party_server server;

    party_server_open(&server, room->loop);
    for (size_t i = 0; i < COUNT_OF(claims); i++)
        try_claim(room, &server, &claims[i], 0);
    party_server_close(&server);
}

static void test_understands_answers_in_pieces(void **state)
{
    struct dial_room *room = *state;
    struct party_server server;
    static const size_t chosen[] = { 2, 4, 5, 16 };

    party_server_open(&server, room->loop);
    for (size_t i = 0; i < COUNT_OF(chosen); i++) {
        for (size_t cut = 1; cut < strlen(claims[chosen[i]].answer); cut++)
            try_claim(room, &server, &claims[chosen[i]], cut);
    }
    party_server_close(&server);
}

static void put_text(char *at, const char *string)
{
    memcpy(at, string, strlen(string) + 1);
}

static void test_bounds_the_head(void **state)
{
    struct dial_room *room = *state;
    struct party_server server;
    struct claim claim = { .name = "long",
                           .detail = "the parent proxy's answer has a head over 8 KiB" };
    char *answer = malloc(20001);
    size_t length = (size_t)sprintf(answer, "HTTP/1.1 200 OK\r\nA: ");

    party_server_open(&server, room->loop);
    memset(answer + length, 'a', 20000 - length);
    answer[20000] = 0;
    claim.answer = answer;
    try_claim(room, &server, &claim, 0);
    try_claim(room, &server, &claim, 8191);
    try_claim(room, &server, &claim, 8192);
    /* The longest that is allowed, and one byte more. */
    put_text(answer + 8192 - 4, "\r\n\r\n");
    claim.detail = NULL;
    try_claim(room, &server, &claim, 0);
    answer[8192 - 4] = 'a';
    put_text(answer + 8192 - 3, "\r\n\r\n");
    claim.detail = "the parent proxy's answer has a head over 8 KiB";
    try_claim(room, &server, &claim, 0);
    for (size_t at = 0; at + 20 <= 20000; at += 19)
        put_text(answer + at, "HTTP/1.1 100 Go\r\n\r\n");
    try_claim(room, &server, &claim, 0);
    party_server_close(&server);
    free(answer);
}

static void test_writes_the_request(void **state)
{
    static const struct {
        const char *host, *authorization, *heard;
    } requests[] = {
        { "far.test", "", "CONNECT far.test:443 HTTP/1.1\r\nHost: far.test:443\r\n\r\n" },
        { "2001:db8::1", "Basic Zm9v",
          "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n"
          "Proxy-Authorization: Basic Zm9v\r\n\r\n" },
    };
    struct dial_room *room = *state;
    struct party_server server;

    party_server_open(&server, room->loop);
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        struct parent parent = { .at = endpoint_of("127.0.0.1", server.port),
                                 .authorization = text_from(requests[i].authorization) };

        server.heard[0] = 0;
        server.answer = claims[0].answer;
        server.length = strlen(server.answer);
        dial_to(room, endpoint_of(requests[i].host, 443), &parent, true);
        assert_int_equal(room->fault, DIAL_OK);
        assert_string_equal(server.heard, requests[i].heard);
    }
    party_server_close(&server);
}

static void test_does_not_write_what_would_be_read_otherwise(void **state)
{
    static const char *const hosts[] = {
        "a b", "a\r\nX: y", "a/b", "user@a", "a\x7f", "[::1]", ""
    };
    struct dial_room *room = *state;
    struct party_server server;
    struct parent parent;

    party_server_open(&server, room->loop);
    parent = (struct parent){ .at = endpoint_of("127.0.0.1", server.port) };
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        dial_to(room, endpoint_of(hosts[i], 443), &parent, true);
        assert_int_equal(room->fault, DIAL_PARENT);
    }
    parent.authorization = text_from("Basic x\r\nX: y");
    dial_to(room, endpoint_of("far.test", 443), &parent, true);
    assert_int_equal(room->fault, DIAL_PARENT);
    assert_string_equal(server.heard, "");
    party_server_close(&server);
}

static void test_leaves_the_tunnel_its_bytes(void **state)
{
    struct dial_room *room = *state;
    struct party_server server;
    struct parent parent;
    struct connection *connection;
    static const char answer[] = "HTTP/1.1 200 OK\r\n\r\n220 hello\r\n\r\n";

    party_server_open(&server, room->loop);
    parent = (struct parent){ .at = endpoint_of("127.0.0.1", server.port) };
    server.answer = answer;
    server.length = sizeof answer - 1;
    dial_to(room, endpoint_of("far.test", 25), &parent, true);
    assert_int_equal(room->fault, DIAL_OK);
    connection = &room->origin->connection;
    connection->readable = true;
    assert_true(connection_fill(connection));
    assert_true(text_is(connection_input(connection), "220 hello\r\n\r\n"));
    party_server_close(&server);
}

static void test_plain_requests_need_no_tunnel(void **state)
{
    struct dial_room *room = *state;
    struct party_server server;
    struct parent parent;

    party_server_open(&server, room->loop);
    parent = (struct parent){ .at = endpoint_of("127.0.0.1", server.port) };
    dial_to(room, endpoint_of("far.test", 80), &parent, false);
    assert_int_equal(room->fault, DIAL_OK);
    assert_false(room->origin->apart);
    assert_int_equal(address_port(&room->origin->address), server.port);
    party_server_close(&server);
}

static bool allow_none(void *user, const struct address *address)
{
    struct dial_room *room = user;

    (void)address;
    room->asked++;
    return false;
}

static void test_asks_for_literals_behind_the_parent(void **state)
{
    struct dial_room *room = *state;
    struct party_server server;
    struct parent parent;

    party_server_open(&server, room->loop);
    parent = (struct parent){ .at = endpoint_of("127.0.0.1", server.port) };
    room->allowed = allow_none;
    dial_to(room, endpoint_of("169.254.169.254", 80), &parent, false);
    assert_int_equal(room->fault, DIAL_FORBIDDEN);
    assert_non_null(strstr(room->detail, "169.254.169.254"));
    assert_int_equal(room->asked, 1);
    dial_to(room, endpoint_of("far.test", 80), &parent, false);
    assert_int_equal(room->fault, DIAL_OK);
    assert_int_equal(room->asked, 1);
    party_server_close(&server);
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, dial_room_enter, dial_room_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ROOM(test_understands_answers),
        IN_ROOM(test_understands_answers_in_pieces),
        IN_ROOM(test_bounds_the_head),
        IN_ROOM(test_writes_the_request),
        IN_ROOM(test_does_not_write_what_would_be_read_otherwise),
        IN_ROOM(test_leaves_the_tunnel_its_bytes),
        IN_ROOM(test_plain_requests_need_no_tunnel),
        IN_ROOM(test_asks_for_literals_behind_the_parent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
