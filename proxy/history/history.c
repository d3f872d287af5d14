/* history: takes events in, and counts. */
#include "history/history.h"

#include <stdlib.h>
#include <string.h>

#include "history/observation.h"
#include "history/private.h"

/* The place of a name among the services; its record is made ready. */
static uint16_t service_of(struct history *history, struct text name)
{
    size_t known = history->service_names.count, index;
    struct service_record *record;

    if (text_is_empty(name))
        return HISTORY_NONE;
    if (names_are_at(&history->service_names, name))
        return (uint16_t)history->service_names.last_index;
    index = names_put(&history->service_names, cut(name, NAME_MOST));
    if (index == SERVICES_MOST)
        return HISTORY_NONE;
    record = &history->services[index];
    if (index == known) {
        record->shown.name = names_at(&history->service_names, index);
        record->shown.terms.name = record->shown.name;
        record->shown.series = &record->series;
        record->series.most = SERVICE_BINS_MOST;
        record->shown.faults = (struct span){ NEVER, NEVER };
        record->trouble = (struct trouble){ .first = NEVER, .last_phase = HISTORY_NONE };
    }
    return (uint16_t)index;
}

static uint16_t phase_of(struct history *history, struct text name)
{
    size_t known = history->phase_names.count, index;

    if (text_is_empty(name))
        return HISTORY_NONE;
    if (names_are_at(&history->phase_names, name))
        return (uint16_t)history->phase_names.last_index;
    index = names_put(&history->phase_names, cut(name, NAME_MOST));
    if (index == PHASES_MOST)
        return HISTORY_NONE;
    if (index == known) {
        if (known == history->phase_room) {
            history->phase_room = known > 0 ? 2 * known : 8;
            history->phases =
                memory_grow(history->phases, history->phase_room * sizeof *history->phases);
        }
        memset(&history->phases[index], 0, sizeof *history->phases);
        history->phases[index].shown.name = names_at(&history->phase_names, index);
        history->phases[index].shown.span = (struct span){ NEVER, NEVER };
    }
    return (uint16_t)index;
}

static uint32_t client_of(struct history *history, struct text name, struct text agent)
{
    size_t known = history->client_names.count;
    size_t index = names_put(&history->client_names, cut(name, NAME_MOST));
    struct history_client *client;

    if (index == CLIENTS_MOST)
        return HISTORY_NOBODY;
    if (index == known && known == history->client_room) {
        history->client_room = known > 0 ? 2 * known : 16;
        history->clients =
            memory_grow(history->clients, history->client_room * sizeof *history->clients);
    }
    client = &history->clients[index];
    if (index == known) {
        memset(client, 0, sizeof *client);
        client->name = names_at(&history->client_names, index);
        client->first = NEVER;
        client->last_ok = NEVER;
    }
    if (text_is_empty(client->agent) && !text_is_empty(agent))
        client->agent = arena_copy(&history->arena, cut(agent, AGENT_MOST));
    return (uint32_t)index;
}

/* Where an exchange of that phase and service counts; sums are made at the end. */
static struct cell *cell_of(struct history *history, uint16_t phase, uint16_t service)
{
    return phase_cell(phase == HISTORY_NONE ? &history->loose : &history->phases[phase], service);
}

static void on_close(void *user, const struct operation *operation)
{
    struct history *history = user;

    cell_add_operation(cell_of(history, operation->phase, operation->service), operation);
    if (operation->attempts > 1) {
        history->tied++;
        history->marked += operation->tie == TIE_MARK;
    }
    if (operation->client != HISTORY_NOBODY) {
        struct history_client *client = &history->clients[operation->client];

        cell_add_operation(&client->cell, operation);
        if (operation->attempts > client->most_attempts)
            client->most_attempts = operation->attempts;
    }
    if (history->watcher.operation)
        history->watcher.operation(history->watcher.user, operation);
}

struct history *history_new(const struct history_terms *terms,
                            const struct history_watcher *watcher)
{
    struct history *history = memory_take(sizeof *history);
    struct group_parts parts = { .close = on_close, .user = history };

    history->terms = *terms;
    history->watcher = *watcher;
    history->client_names.most = CLIENTS_MOST;
    history->service_names.most = SERVICES_MOST;
    history->phase_names.most = PHASES_MOST;
    history->trouble = (struct trouble){ .first = NEVER, .last_phase = HISTORY_NONE };
    history->phase = HISTORY_NONE;
    history->start = history->first = NEVER;
    history->polling = polling_new();
    history->links = links_new(terms->bad_certificates);
    parts.polling = history->polling;
    parts.reasks = history->reasks = reasks_new();
    history->group = group_new(&parts);
    for (size_t i = 0; i < terms->service_count; i++) {
        uint16_t service = service_of(history, terms->services[i].name);

        if (service != HISTORY_NONE) {
            history->services[service].shown.terms = terms->services[i];
            history->services[service].shown.terms.name = history->services[service].shown.name;
        }
    }
    return history;
}

void history_free(struct history *history)
{
    if (!history)
        return;
    group_free(history->group);
    polling_free(history->polling);
    reasks_free(history->reasks);
    links_free(history->links);
    map_free(&history->touched);
    for (size_t i = 0; i < history->phase_names.count; i++)
        phase_clear(&history->phases[i]);
    phase_clear(&history->loose);
    for (size_t i = 0; i < SERVICES_MOST; i++)
        series_clear(&history->services[i].series);
    series_clear(&history->series);
    names_clear(&history->client_names);
    names_clear(&history->service_names);
    names_clear(&history->phase_names);
    arena_clear(&history->arena);
    free(history->clients);
    free(history->phases);
    free(history);
}

static void note_trouble(struct trouble *trouble, usec began, usec ended, uint16_t phase)
{
    trouble->first = usec_min(trouble->first, began);
    trouble->last = usec_max(trouble->last, ended);
    if (phase != HISTORY_NONE &&
        (trouble->last_phase == HISTORY_NONE || phase > trouble->last_phase))
        trouble->last_phase = phase;
}

static void note_hit(struct history *history, uint16_t service, usec began, usec ended,
                     uint16_t phase)
{
    note_trouble(&history->trouble, began, ended, phase);
    if (service == HISTORY_NONE)
        return;
    note_trouble(&history->services[service].trouble, began, ended, phase);
    history->services[service].shown.faults =
        (struct span){ history->services[service].trouble.first,
                       history->services[service].trouble.last };
}

/* In its phase, something of its service has been hit before now. */
static bool is_in_trouble(const struct history *history, const struct attempt *attempt)
{
    const struct trouble *trouble = attempt->service == HISTORY_NONE
                                        ? &history->trouble
                                        : &history->services[attempt->service].trouble;
    const struct cell *cell = history_cell(history, attempt->phase, attempt->service);

    return attempt->touched != 0 || (attempt->began >= trouble->first && cell && cell->touched > 0);
}

static void count_client(struct history_client *client, const struct attempt *attempt,
                         size_t bucket)
{
    cell_add_attempt(&client->cell, attempt, bucket);
    client->first = usec_min(client->first, attempt->began);
    client->last = usec_max(client->last, attempt->ended);
    if (attempt->ok)
        client->last_ok =
            client->last_ok == NEVER ? attempt->ended : usec_max(client->last_ok, attempt->ended);
}

static void count(struct history *history, const struct attempt *attempt)
{
    size_t bucket = latency_bucket(attempt->ended - attempt->began);

    cell_add_attempt(cell_of(history, attempt->phase, attempt->service), attempt, bucket);
    series_add_attempt(&history->series, attempt);
    if (attempt->client != HISTORY_NOBODY)
        count_client(&history->clients[attempt->client], attempt, bucket);
    if (attempt->service != HISTORY_NONE)
        series_add_attempt(&history->services[attempt->service].series, attempt);
}

/* What the client asks for again of its own accord. */
static void note_habits(struct history *history, const struct attempt *attempt)
{
    if (!attempt->print || attempt->index > 0)
        return;
    reasks_note(history->reasks, attempt->pair, attempt->client, attempt->began, attempt->ended,
                attempt->ok);
    if (attempt->ok && attempt->method_class == METHOD_SAFE && history->trouble.first == NEVER)
        polling_note(history->polling, attempt->pair, attempt->began);
}

/* What faults did to an exchange stands before it, with other workers' exchanges between. */
static unsigned take_touched(struct history *history, uint64_t exchange)
{
    if (history->touched.count == 0)
        return 0;
    return (unsigned)(uintptr_t)map_take(&history->touched, exchange);
}

static void touch_exchange(struct history *history, uint64_t exchange, unsigned bit)
{
    unsigned before = take_touched(history, exchange);

    if (history->touched.count < TOUCHED_MOST)
        map_put(&history->touched, exchange, (void *)(uintptr_t)(before | bit)); /* never 0 */
    else
        history->forgotten++;
}

static void take_request(struct history *history, const struct event_request *event, usec time)
{
    const struct operation *operation;
    struct attempt attempt;
    bool polled;

    observation_of(event, time, &attempt);
    attempt.touched = take_touched(history, event->exchange);
    if (attempt.end == ATTEMPT_TUNNEL || text_is(event->method, "CONNECT")) {
        links_connect(history->links, attempt.connection);
        return;
    }
    attempt.touched |= links_touched(history->links, attempt.connection);
    links_exchange(history->links, attempt.connection, attempt.exchange);
    if (attempt.end == ATTEMPT_BROKEN || attempt.end == ATTEMPT_LEFT)
        links_lose(history->links, attempt.connection);
    attempt.client = client_of(history, event->client, event->agent);
    attempt.service = service_of(history, event->service);
    attempt.phase = phase_of(history, event->phase);
    history->first = usec_min(history->first, attempt.began);
    if (attempt.touched)
        note_hit(history, attempt.service, attempt.began, attempt.ended, attempt.phase);
    attempt.repeatable = attempt.service != HISTORY_NONE &&
                         history->services[attempt.service].shown.terms.repeatable;
    polled =
        attempt.service != HISTORY_NONE && history->services[attempt.service].shown.terms.polled;
    operation = group_take(history->group, &attempt, polled, is_in_trouble(history, &attempt));
    count(history, &attempt);
    note_habits(history, &attempt);
    if (history->watcher.attempt)
        history->watcher.attempt(history->watcher.user, &attempt, operation);
    group_settle(history->group);
}

static void take_fault(struct history *history, const struct event_fault *event)
{
    if (!event->exercised)
        return;
    if (event->exchange != 0)
        touch_exchange(history, event->exchange, attempt_touch(event->kind));
    else
        links_touch(history->links, event->connection, attempt_touch(event->kind));
}

static void take_opening(struct history *history, const struct event_opening *event, usec time)
{
    usec at = history->start == NEVER
                  ? time
                  : usec_max(usec_min(time, usec_after(history->start, event->decided)), 0);

    if (links_touched(history->links, event->connection) != 0)
        note_hit(history, service_of(history, event->service), at, at,
                 phase_of(history, event->phase));
}

static void take_connection(struct history *history, const struct event_connection *event,
                            usec time)
{
    struct link link = links_end(history->links, event, time);
    struct bin *bin = series_at(&history->series, link.opened);

    bin->connections++;
    bin->handshakes += link.tls;
    bin->resumed += link.tls && link.resumed;
    for (size_t i = history->phase_names.count; i-- > 0;) {
        struct history_phase *phase = &history->phases[i].shown;

        if (phase->span.begins <= link.opened && link.opened < phase->span.ends) {
            phase->connections++;
            phase->handshakes += link.tls;
            break;
        }
    }
    if (history->watcher.connection)
        history->watcher.connection(history->watcher.user, &link);
}

static void take_phase(struct history *history, const struct event_phase *event, usec time)
{
    uint16_t phase = phase_of(history, event->name);

    if (history->start == NEVER)
        history->start = time;
    if (history->phase != HISTORY_NONE && history->phase != phase)
        history->phases[history->phase].shown.span.ends = time;
    if (phase != HISTORY_NONE && phase != history->phase) {
        struct history_phase *shown = &history->phases[phase].shown;

        shown->again = shown->span.begins != NEVER;
        shown->span.begins = usec_min(shown->span.begins, time);
        shown->span.ends = NEVER;
    }
    history->phase = phase;
}

void history_take(struct history *history, enum event_kind kind, const void *event, usec time)
{
    if (kind == EVENT_end || history->ended) /* its time is that of the judging */
        return;
    time = usec_max(0, usec_min(time, RUN_MOST));
    history->length = usec_max(history->length, time);
    switch (kind) {
    case EVENT_request:
        take_request(history, event, time);
        break;
    case EVENT_fault:
        take_fault(history, event);
        break;
    case EVENT_opening:
        take_opening(history, event, time);
        break;
    case EVENT_connection:
        take_connection(history, event, time);
        break;
    case EVENT_phase:
        take_phase(history, event, time);
        break;
    default: /* nothing that the client did */
        break;
    }
}

void history_end(struct history *history)
{
    if (history->ended)
        return;
    history->ended = true;
    group_end(history->group, history->length);
    cells_sum(history);
    if (history->phase != HISTORY_NONE)
        history->phases[history->phase].shown.span.ends = history->length;
}
