/* wire_history: what a world plays, written as events, for a history to make of it what it can. */
#include <stdio.h>

#include "wire_bench.h"

struct scribe {
    const struct wire_world *world;
    struct history *history;
    int phase; /* the last one told of; -1: none */
};

static const char *const phase_names[] = { "calm", "outage", "after" };

static void tell_phase(struct scribe *scribe, int phase, usec time)
{
    struct event_phase event = { .name = text_from(phase_names[phase]), .lasts = NEVER };

    history_take(scribe->history, EVENT_phase, &event, time);
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

static void tell_attempt(void *user, const struct attempt *attempt,
                         const struct operation *operation)
{
    struct scribe *scribe = user;
    struct event_fault fault = { .exchange = attempt->exchange,
                                 .connection = attempt->connection,
                                 .kind = text_from(kind_of(attempt->touched)),
                                 .touched = 1,
                                 .exercised = true };
    struct event_request request = { .exchange = attempt->exchange,
                                     .connection = attempt->connection,
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
    char client[24];

    (void)operation;
    (void)snprintf(client, sizeof client, "client-%u", attempt->client + 1);
    request.client = text_from(client);
    tell_phases(scribe, attempt->ended);
    if (attempt->touched)
        history_take(scribe->history, EVENT_fault, &fault, attempt->ended);
    history_take(scribe->history, EVENT_request, &request, attempt->ended);
}

struct history *wire_history(const struct wire_world *world, const struct history_watcher *watcher)
{
    const struct service_terms service = { .name = text_from("api") };
    const struct history_terms terms = { .services = &service, .service_count = 1 };
    const struct history_watcher none = { 0 };
    struct scribe scribe = { world, history_new(&terms, watcher ? watcher : &none), -1 };
    const struct history_watcher player = { .user = &scribe, .attempt = tell_attempt };

    wire_play(world, &player);
    tell_phases(&scribe, world->lasts);
    history_end(scribe.history);
    return scribe.history;
}
