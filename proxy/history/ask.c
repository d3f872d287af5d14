/* ask: what the history says when asked. */
#include "history/private.h"

const struct history_client *history_client(const struct history *history, size_t index)
{
    return index < history->client_names.count ? &history->clients[index] : NULL;
}

const struct history_service *history_service(const struct history *history, size_t index)
{
    return index < history->service_names.count ? &history->services[index].shown : NULL;
}

const struct history_phase *history_phase(const struct history *history, size_t index)
{
    return index < history->phase_names.count ? &history->phases[index].shown : NULL;
}

const struct cell *history_cell(const struct history *history, size_t phase, size_t service)
{
    size_t place = service == HISTORY_NONE ? SERVICES_MOST : service;

    return phase < history->phase_names.count && place <= SERVICES_MOST
               ? history->phases[phase].cells[place]
               : NULL;
}

const struct cell *history_total(const struct history *history)
{
    return &history->total;
}

const struct series *history_series(const struct history *history)
{
    return &history->series;
}

uint16_t history_find_service(const struct history *history, struct text name)
{
    size_t index = names_find(&history->service_names, name);

    return index == SERVICES_MOST ? HISTORY_NONE : (uint16_t)index;
}

uint16_t history_find_phase(const struct history *history, struct text name)
{
    size_t index = names_find(&history->phase_names, name);

    return index == PHASES_MOST ? HISTORY_NONE : (uint16_t)index;
}

static const struct trouble *trouble_of(const struct history *history, uint16_t service)
{
    return service < history->service_names.count ? &history->services[service].trouble
                                                  : &history->trouble;
}

struct span history_trouble(const struct history *history, uint16_t service)
{
    const struct trouble *trouble = trouble_of(history, service);
    struct span span = { trouble->first, trouble->last };

    if (trouble->first == NEVER)
        return (struct span){ NEVER, NEVER };
    if (trouble->last_phase != HISTORY_NONE) {
        usec ends = history->phases[trouble->last_phase].shown.span.ends;

        span.ends = ends == NEVER ? history->length : usec_max(ends, span.begins);
    }
    return span;
}

struct span history_calm(const struct history *history, uint16_t service)
{
    usec first = trouble_of(history, service)->first;
    usec begins = history->first;

    if (begins == NEVER)
        return (struct span){ 0, 0 };
    if (history->start != NEVER)
        begins = usec_max(begins, history->start);
    return (struct span){ begins, usec_max(begins, usec_min(first, history->length)) };
}

struct span history_after(const struct history *history, uint16_t service)
{
    struct span trouble = history_trouble(history, service);

    if (trouble.begins == NEVER)
        return (struct span){ history->length, history->length };
    return (struct span){ trouble.ends, usec_max(trouble.ends, history->length) };
}

usec history_length(const struct history *history)
{
    return history->length;
}

struct history_evicted history_evicted(const struct history *history)
{
    return (struct history_evicted){
        .clients = history->client_names.refused,
        .operations = group_evicted(history->group),
        .services = history->service_names.refused,
        .phases = history->phase_names.refused,
        .prints = polling_evicted(history->polling),
        .faults = history->forgotten + links_refused(history->links),
    };
}

double history_confidence(const struct history *history)
{
    return history->tied > 0 ? (double)history->marked / (double)history->tied : 1;
}
