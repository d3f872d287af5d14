/* private: the history's insides, shared by its files. */
#ifndef PANNE_HISTORY_PRIVATE_H
#define PANNE_HISTORY_PRIVATE_H

#include "history/group.h"
#include "history/history.h"
#include "history/links.h"
#include "history/names.h"

enum {
    CLIENTS_MOST = 1 << 16,
    SERVICES_MOST = 64,
    PHASES_MOST = 256,
    SERVICE_BINS_MOST = 1 << 13, /* of a service's series; there may be many */
    TOUCHED_MOST = 1 << 16,      /* exchanges whose faults were told of and that were not yet */
    NAME_MOST = 256,             /* bytes of a name; what is longer is cut */
    AGENT_MOST = 64,
};

static inline struct text cut(struct text text, size_t most)
{
    return text.length > most ? text_of(text.at, most) : text;
}

/* What is later happened then: a clock that is wrong must not make a run that never ends. */
#define RUN_MOST (100 * 24 * HOUR)

/* Faults on one service, or on all. */
struct trouble {
    usec first, last;    /* of what was hit: began, ended; NEVER, 0: nothing was */
    uint16_t last_phase; /* in order of appearance, in which something was hit */
};

struct service_record {
    struct history_service shown;
    struct series series;
    struct trouble trouble;
};

struct phase_record {
    struct history_phase shown;
    struct cell *cells[SERVICES_MOST + 1]; /* the last: exchanges of no service; NULL: none */
};

struct history {
    struct history_terms terms;
    struct history_watcher watcher;
    struct names client_names, service_names, phase_names;
    struct arena arena; /* agents */
    struct history_client *clients;
    size_t client_room;
    struct service_record services[SERVICES_MOST];
    struct phase_record *phases;
    size_t phase_room;
    struct series series;
    struct phase_record loose; /* exchanges of no phase */
    struct cell total;
    struct trouble trouble;
    struct group *group;
    struct polling *polling;
    struct reasks *reasks;
    struct links *links;
    uint16_t phase;        /* that is on; HISTORY_NONE before the first */
    usec start;            /* of the timeline; NEVER: not yet */
    usec first;            /* beginning of the first attempt; NEVER: none */
    usec length;           /* time of the last event */
    struct map touched;    /* of exchanges still to be told of: what faults did, as a pointer */
    uint64_t forgotten;    /* faults that had no room there */
    uint64_t tied, marked; /* operations of more than one attempt; those tied by markers */
    bool ended;
};

/* Where an attempt counts; `bucket` is that of its latency. */
void cell_add_attempt(struct cell *cell, const struct attempt *attempt, size_t bucket);
void series_add_attempt(struct series *series, const struct attempt *attempt);
void cell_add_operation(struct cell *cell, const struct operation *operation);
/* Zeroed when new. `service` may be HISTORY_NONE. */
struct cell *phase_cell_new(struct phase_record *phase, size_t place);
static inline struct cell *phase_cell(struct phase_record *phase, uint16_t service)
{
    size_t place = service == HISTORY_NONE ? SERVICES_MOST : service;

    return phase->cells[place] ? phase->cells[place] : phase_cell_new(phase, place);
}
void phase_clear(struct phase_record *phase);
/* At the end: what phases and services and all together come to. */
void cells_sum(struct history *history);

#endif
