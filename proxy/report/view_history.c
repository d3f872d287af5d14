/* view_history: clients, services, phases and time series. */
#include <stdlib.h>

#include "report/view.h"

static const struct view_span *span_of(struct span span, struct arena *arena)
{
    struct view_span *view = ARENA_NEW(arena, struct view_span);

    *view = (struct view_span){ span.begins, span.ends };
    return view;
}

static const struct view_cell *cell_of(const struct cell *cell, struct arena *arena)
{
    struct view_cell *view = ARENA_NEW(arena, struct view_cell);

    *view = (struct view_cell){
        .attempts = cell->attempts,
        .ok = cell->ok,
        .failed = cell->failed,
        .final = cell->final,
        .throttled = cell->throttled,
        .broken = cell->broken,
        .left = cell->left,
        .unfinished = cell->unfinished,
        .touched = cell->touched,
        .operations = cell->operations,
        .retries = cell->retries,
        .succeeded = cell->succeeded,
        .gave_up = cell->gave_up,
        .marked = cell->marked,
        .bytes_up = cell->bytes_up,
        .bytes_down = cell->bytes_down,
        .median_s = latency_quantile(cell->latency, 0.5),
        .p90_s = latency_quantile(cell->latency, 0.9),
        .p99_s = latency_quantile(cell->latency, 0.99),
    };
    return view;
}

static void fill_services(const struct history *history, struct arena *arena,
                          struct view_report *view)
{
    const struct history_service *service;
    struct view_service *items;
    size_t count = 0;

    while (history_service(history, count))
        count++;
    items = ARENA_ARRAY(arena, struct view_service, count + 1);
    for (size_t i = 0; i < count; i++) {
        service = history_service(history, i);
        items[i] = (struct view_service){ .name = service->name,
                                          .stays_up = service->terms.stays_up,
                                          .repeatable = service->terms.repeatable,
                                          .polled = service->terms.polled,
                                          .faults = span_of(service->faults, arena),
                                          .cell = cell_of(&service->cell, arena) };
    }
    view->services = (struct record_list){ items, count };
}

static struct record_list parts_of(const struct history *history, size_t phase, size_t services,
                                   struct arena *arena)
{
    struct view_part *items = ARENA_ARRAY(arena, struct view_part, services + 1);
    size_t count = 0;

    for (size_t i = 0; i <= services; i++) {
        bool is_none = i == services;
        const struct cell *cell = history_cell(history, phase, is_none ? HISTORY_NONE : i);

        if (cell)
            items[count++] = (struct view_part){
                .service = is_none ? text_of("", 0) : history_service(history, i)->name,
                .cell = cell_of(cell, arena),
            };
    }
    return (struct record_list){ items, count };
}

static void fill_phases(const struct history *history, struct arena *arena,
                        struct view_report *view)
{
    struct view_phase *items;
    size_t count = 0;

    while (history_phase(history, count))
        count++;
    items = ARENA_ARRAY(arena, struct view_phase, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct history_phase *phase = history_phase(history, i);

        items[i] =
            (struct view_phase){ .name = phase->name,
                                 .begins_s = phase->span.begins,
                                 .ends_s = phase->span.ends,
                                 .again = phase->again,
                                 .connections = phase->connections,
                                 .handshakes = phase->handshakes,
                                 .cell = cell_of(&phase->cell, arena),
                                 .services = parts_of(history, i, view->services.count, arena) };
    }
    view->phases = (struct record_list){ items, count };
}

/* Most attempts first; of equals, who came first. */
static int by_attempts(const void *a, const void *b)
{
    const struct history_client *one = *(const struct history_client *const *)a;
    const struct history_client *other = *(const struct history_client *const *)b;

    if (one->cell.attempts != other->cell.attempts)
        return one->cell.attempts > other->cell.attempts ? -1 : 1;
    return one < other ? -1 : one > other;
}

static void fill_clients(const struct history *history, struct arena *arena,
                         struct view_report *view)
{
    struct view_clients *clients = ARENA_NEW(arena, struct view_clients);
    const struct history_client **order;
    struct view_client *items;
    size_t total = 0, count;

    while (history_client(history, total))
        total++;
    order = memory_take((total + 1) * sizeof *order);
    for (size_t i = 0; i < total; i++)
        order[i] = history_client(history, i);
    qsort(order, total, sizeof *order, by_attempts);
    count = total < VIEW_CLIENTS ? total : VIEW_CLIENTS;
    items = ARENA_ARRAY(arena, struct view_client, count + 1);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct view_client){ .name = order[i]->name,
                                         .agent = order[i]->agent,
                                         .first_s = order[i]->first,
                                         .last_s = order[i]->last,
                                         .last_ok_s = order[i]->last_ok,
                                         .most_attempts = order[i]->most_attempts,
                                         .cell = cell_of(&order[i]->cell, arena) };
    free(order);
    *clients = (struct view_clients){ total, { items, count } };
    view->clients = clients;
}

static void add_bin(struct view_bin *sum, const struct bin *bin, uint64_t *lasted)
{
    sum->attempts += bin->attempts;
    sum->ok += bin->ok;
    sum->failed += bin->failed;
    sum->retries += bin->retries;
    sum->touched += bin->touched;
    sum->unsafe += bin->unsafe;
    sum->connections += bin->connections;
    sum->handshakes += bin->handshakes;
    sum->resumed += bin->resumed;
    sum->slowest_s = usec_max(sum->slowest_s, (usec)bin->slowest * MSEC);
    sum->bytes_up += bin->bytes_up;
    sum->bytes_down += bin->bytes_down;
    *lasted += bin->lasted;
}

/* `each` bins of the history in one. */
static struct view_bin bin_of(const struct series *series, size_t from, size_t each)
{
    struct view_bin sum = { .begins_s = (usec)from * series->width };
    uint64_t lasted = 0;

    for (size_t i = from; i < from + each && i < series->count; i++)
        add_bin(&sum, &series->bins[i], &lasted);
    sum.mean_s = sum.ok > 0 ? (usec)(lasted / sum.ok) : NEVER;
    if (sum.slowest_s == 0)
        sum.slowest_s = NEVER;
    return sum;
}

static void fill_series(const struct history *history, struct arena *arena,
                        struct view_report *view)
{
    const struct series *series = history_series(history);
    size_t each = (series->count + VIEW_BINS - 1) / VIEW_BINS;
    size_t count = each > 0 ? (series->count + each - 1) / each : 0;
    struct view_bin *bins = ARENA_ARRAY(arena, struct view_bin, count + 1);
    struct view_series *filled = ARENA_NEW(arena, struct view_series);

    for (size_t i = 0; i < count; i++)
        bins[i] = bin_of(series, i * each, each);
    *filled = (struct view_series){ series->width * (usec)(each > 0 ? each : 1), { bins, count } };
    view->series = filled;
}

void view_history(const struct judgment *judgment, struct arena *arena, struct view_report *view)
{
    const struct history *history = judgment->history;
    struct history_evicted evicted = history_evicted(history);
    struct view_evicted *left = ARENA_NEW(arena, struct view_evicted);

    *left = (struct view_evicted){ evicted.clients, evicted.operations, evicted.services,
                                   evicted.phases,  evicted.prints,     evicted.faults };
    view->evicted = left;
    view->tied_by_markers = history_confidence(history);
    view->calm = span_of(history_calm(history, HISTORY_NONE), arena);
    view->trouble = span_of(history_trouble(history, HISTORY_NONE), arena);
    view->after = span_of(history_after(history, HISTORY_NONE), arena);
    view->total = cell_of(history_total(history), arena);
    fill_services(history, arena, view);
    fill_phases(history, arena, view);
    fill_clients(history, arena, view);
    fill_series(history, arena, view);
}
