/* wire_history: what a world plays, written as events, for a history to make of it what it can. */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "wire_bench.h"

/* A connection that is open. */
struct wire {
    uint64_t number, requests;
    usec opened, free_from;
};

struct pool {
    struct wire *wires;
    size_t count, room;
};

struct scribe {
    const struct wire_world *world;
    void (*take)(void *user, enum event_kind kind, const void *event, usec time);
    void *user;
    int phase;          /* the last one told of; -1: none */
    struct pool *pools; /* by client */
    uint64_t connections;
};

static const char *const phase_names[] = { "calm", "outage", "after" };

static void tell_phase(struct scribe *scribe, int phase, usec time)
{
    struct event_phase event = { .name = text_from(phase_names[phase]), .lasts = NEVER };

    scribe->take(scribe->user, EVENT_phase, &event, time);
    scribe->phase = phase;
}

/* All phases that begin up to a moment. */
static void tell_phases(struct scribe *scribe, usec until)
{
    const struct wire_world *world = scribe->world;
    usec begins = NEVER, ends = 0;

    for (size_t i = 0; i < world->fault_count; i++) {
        begins = usec_min(begins, world->faults[i].begins);
        ends = usec_max(ends, world->faults[i].ends);
    }
    if (scribe->phase < 0)
        tell_phase(scribe, 0, 0);
    if (scribe->phase < 1 && begins <= until)
        tell_phase(scribe, 1, begins);
    if (scribe->phase == 1 && ends <= until)
        tell_phase(scribe, 2, ends);
}

static const char *kind_of(unsigned touched)
{
    return touched & TOUCH_ANSWER  ? "error"
           : touched & TOUCH_HANG  ? "hang"
           : touched & TOUCH_DELAY ? "latency"
                                   : "reset";
}

static const char *outcome_of(const struct attempt *attempt)
{
    static const char *const outcomes[] = { "answered", "reset", "client-left", "cut", "tunnel" };

    return outcomes[attempt->end];
}

static const char *detail_of(const struct attempt *attempt)
{
    return attempt->end == ATTEMPT_UNFINISHED ? "the run was ended" : "";
}

static void name_client(char name[24], uint32_t client)
{
    (void)snprintf(name, 24, "client-%u", client + 1);
}

/* One that is free by then, else a new one. */
static size_t find_wire(struct scribe *scribe, struct pool *pool, usec began)
{
    size_t at = 0;

    while (at < pool->count && pool->wires[at].free_from > began)
        at++;
    if (at < pool->count)
        return at;
    if (pool->count == pool->room) {
        pool->room = pool->room ? 2 * pool->room : 4;
        pool->wires = memory_grow(pool->wires, pool->room * sizeof *pool->wires);
    }
    pool->wires[pool->count] = (struct wire){ .number = ++scribe->connections, .opened = began };
    return pool->count++;
}

static void tell_wire(struct scribe *scribe, uint32_t client, size_t at, const char *end, usec time)
{
    struct pool *pool = &scribe->pools[client];
    struct event_connection event = { .connection = pool->wires[at].number,
                                      .requests = pool->wires[at].requests,
                                      .lasted = time - pool->wires[at].opened,
                                      .end = text_from(end) };
    char name[24];

    name_client(name, client);
    event.client = text_from(name);
    scribe->take(scribe->user, EVENT_connection, &event, time);
    pool->wires[at] = pool->wires[--pool->count];
}

static struct event_request request_of(const struct attempt *attempt)
{
    return (struct event_request){ .exchange = attempt->exchange,
                                   .service = text_from("api"),
                                   .phase = text_from(phase_names[attempt->phase]),
                                   .decided = attempt->began,
                                   .timeline = attempt->began,
                                   .status = attempt->status,
                                   .outcome = text_from(outcome_of(attempt)),
                                   .detail = text_from(detail_of(attempt)),
                                   .measured = attempt->delay,
                                   .first_byte = attempt->first_byte,
                                   .lasted = attempt->ended - attempt->began,
                                   .method = attempt->method,
                                   .host = attempt->host,
                                   .path = attempt->path,
                                   .agent = attempt->agent,
                                   .bytes_up = attempt->bytes_up,
                                   .bytes_down = attempt->bytes_down,
                                   .print = attempt->print,
                                   .marker = attempt->marker,
                                   .mark = attempt->mark,
                                   .attempt = attempt->told,
                                   .key = attempt->key,
                                   .retry_after = attempt->retry_after,
                                   .retry_date = attempt->retry_date };
}

static void tell_attempt(void *user, const struct attempt *attempt,
                         const struct operation *operation)
{
    struct scribe *scribe = user;
    struct pool *pool = &scribe->pools[attempt->client];
    size_t at = find_wire(scribe, pool, attempt->began);
    struct wire *wire = &pool->wires[at];
    struct event_request request = request_of(attempt);
    struct event_fault fault = { .exchange = attempt->exchange,
                                 .connection = wire->number,
                                 .kind = text_from(kind_of(attempt->touched)),
                                 .touched = 1,
                                 .exercised = true };
    char client[24];

    (void)operation;
    name_client(client, attempt->client);
    request.client = text_from(client);
    request.connection = wire->number;
    wire->requests++;
    wire->free_from = attempt->ended;
    tell_phases(scribe, attempt->ended);
    if (attempt->touched)
        scribe->take(scribe->user, EVENT_fault, &fault, attempt->ended);
    scribe->take(scribe->user, EVENT_request, &request, attempt->ended);
    if (attempt->end == ATTEMPT_BROKEN || attempt->end == ATTEMPT_LEFT)
        tell_wire(scribe, attempt->client, at, attempt->end == ATTEMPT_LEFT ? "client" : "reset",
                  attempt->ended);
}

void wire_events(const struct wire_world *world,
                 void (*take)(void *user, enum event_kind kind, const void *event, usec time),
                 void *user)
{
    struct scribe scribe = { .world = world, .take = take, .user = user, .phase = -1 };
    const struct history_watcher player = { .user = &scribe, .attempt = tell_attempt };

    scribe.pools = memory_take(world->clients * sizeof *scribe.pools);
    wire_play(world, &player);
    tell_phases(&scribe, world->lasts);
    for (uint32_t i = 0; i < world->clients; i++) {
        while (scribe.pools[i].count > 0)
            tell_wire(&scribe, i, 0, "drain", world->lasts);
        free(scribe.pools[i].wires);
    }
    free(scribe.pools);
}

static void take(void *user, enum event_kind kind, const void *event, usec time)
{
    history_take(user, kind, event, time);
}

struct history *wire_history(const struct wire_world *world, const struct history_watcher *watcher)
{
    const struct service_terms service = { .name = text_from("api") };
    const struct history_terms terms = { .services = &service, .service_count = 1 };
    const struct history_watcher none = { 0 };
    struct history *history = history_new(&terms, watcher ? watcher : &none);

    wire_events(world, take, history);
    history_end(history);
    return history;
}
