/* dial_room: see dial_room.h. */
#include "dial_room.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct party_record records[] = {
    { .name = "pair.test", .v4 = { "127.0.0.2", "127.0.0.3" }, .ttl = 30 },
    { .name = "silent.test", .silent = true },
};

static const struct upstream_options usual = { .connect_timeout = 5 * SECOND,
                                               .idle_timeout = MINUTE,
                                               .idle_most = 256 };

int dial_room_enter(void **state)
{
    static const struct tls_client_options strict = { .ca_file = NULL };
    struct dial_room *room = calloc(1, sizeof *room);
    struct buffer complaint = { 0 };

    room->loop = loop_new();
    party_names_open(&room->names, room->loop, records, COUNT_OF(records));
    room->resolver = resolver_new_with(room->loop, room->names.servers, 2000);
    room->tls = tls_client_new(&strict, &complaint);
    assert_non_null(room->tls);
    dial_room_options(room, &usual, room->tls);
    *state = room;
    return 0;
}

int dial_room_leave(void **state)
{
    struct dial_room *room = *state;

    dial_cancel(room->dial);
    origin_free(room->origin, false);
    upstreams_free(room->upstreams);
    tls_client_free(room->tls);
    resolver_free(room->resolver);
    party_names_close(&room->names);
    pool_clear(&room->pool);
    loop_free(room->loop);
    free(room);
    return 0;
}

void dial_room_options(struct dial_room *room, const struct upstream_options *options,
                       struct tls_client *tls)
{
    origin_free(room->origin, false);
    room->origin = NULL;
    upstreams_free(room->upstreams);
    room->upstreams = upstreams_new(room->loop, &room->pool, room->resolver, tls, options);
}

void dial_room_patience(struct dial_room *room, usec connect_timeout)
{
    struct upstream_options options = usual;

    options.connect_timeout = connect_timeout;
    dial_room_options(room, &options, room->tls);
}

struct endpoint endpoint_of(const char *host, uint16_t port)
{
    return (struct endpoint){ .host = text_from(host), .port = port };
}

struct endpoint tls_endpoint_of(const char *host, uint16_t port)
{
    return (struct endpoint){ .host = text_from(host), .port = port, .tls = true };
}

static void on_dialed(void *user, struct origin *origin, enum dial_fault fault, const char *detail)
{
    struct dial_room *room = user;

    room->calls++;
    room->dial = NULL;
    room->origin = origin;
    room->fault = fault;
    (void)snprintf(room->detail, sizeof room->detail, "%s", detail);
    assert_int_equal(origin != NULL, fault == DIAL_OK);
    loop_stop(room->loop);
}

void dial_start(struct dial_room *room, struct endpoint endpoint, const struct parent *parent,
                bool tunnel)
{
    struct dial *dial;

    origin_free(room->origin, false);
    room->origin = NULL;
    room->calls = 0;
    dial =
        upstreams_dial(room->upstreams, &endpoint, parent, tunnel, room->allowed, on_dialed, room);
    assert_int_equal(dial != NULL, room->calls == 0);
    room->dial = dial;
}

void dial_to(struct dial_room *room, struct endpoint endpoint, const struct parent *parent,
             bool tunnel)
{
    dial_start(room, endpoint, parent, tunnel);
    assert_true(party_wait(room->loop, 8 * SECOND));
    assert_int_equal(room->calls, 1);
}
