/* history: what a run's events came to: clients, services, phases, operations and time series, in
 * bounded memory, however long it was. Depends on the events alone, in the log's order: the same
 * log gives the same history, live or read again. */
#ifndef PANNE_HISTORY_HISTORY_H
#define PANNE_HISTORY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/operation.h"
#include "history/series.h"
#include "observe/event.h"

/* What has to be known of a service beforehand; texts are lent and outlive the history. */
struct service_terms {
    struct text name;
    bool stays_up;   /* the client must go on using it */
    bool repeatable; /* its POST and PATCH may be repeated (AWS-style APIs) */
    bool polled;     /* equal requests are asked again and again on purpose */
};

struct history_terms {
    const struct service_terms *services;
    size_t service_count;
    bool bad_certificates; /* some rule shows one: connections are then looked at one by one */
};

/* A client's connection. */
struct link {
    uint64_t connection;
    usec opened, lasted;
    uint64_t requests; /* but CONNECT */
    uint64_t bytes_in;
    bool tls, resumed, failed; /* failed: the handshake, or it was refused */
    bool deceived;             /* it was shown a bad certificate */
    bool lost;                 /* taken from the client: an exchange on it broke off or was given up
                                  (RFC 9112, 9.5: nothing more can be sent on it), or we ended it
                                  while it was idle or shook hands */
    bool left;                 /* the client ended it, and had no need to */
    uint64_t sent_exchange;    /* … and this was sent over it nevertheless; 0: nothing */
    unsigned touched;          /* TOUCH_ bits of what was done to the connection itself */
    struct text client, server_name;
};

/* Told in the order of events. Any may be NULL. What is handed over is lent for the call. */
struct history_watcher {
    void *user;
    /* Each exchange but tunnels, as it ended. Its operation (grouped so far, this one included). */
    void (*attempt)(void *user, const struct attempt *attempt, const struct operation *operation);
    /* Each operation as it closes; all that are open when the history ends. */
    void (*operation)(void *user, const struct operation *operation);
    /* A client's connection, as it ended. */
    void (*connection)(void *user, const struct link *link);
};

struct history;

struct history *history_new(const struct history_terms *terms,
                            const struct history_watcher *watcher);
void history_free(struct history *history);
/* An event, in the log's order; `time` in usec since the start of the run. */
void history_take(struct history *history, enum event_kind kind, const void *event, usec time);
/* No event will come any more: open operations are closed, and told. Once. */
void history_end(struct history *history);

struct span {
    usec begins, ends;
};

/* A client, service or phase, in numbers. Attempts exclude tunnels. */
struct cell {
    uint64_t attempts, ok, failed, final, throttled, broken, left, unfinished;
    uint64_t touched;             /* attempts that faults were exercised on */
    uint64_t operations, retries; /* retries: attempts that were not the first of theirs */
    uint64_t succeeded, gave_up;  /* operations */
    uint64_t marked;              /* operations tied by a marker, or told a number */
    uint64_t bytes_up, bytes_down;
    uint32_t latency[LATENCY_BUCKETS]; /* of whole answers; latency_bucket() */
};

struct history_client {
    struct text name, agent; /* agent: first seen */
    struct cell cell;
    usec first, last;       /* when its first attempt began, its last ended */
    usec last_ok;           /* end of its last good answer; NEVER: none */
    uint64_t most_attempts; /* of one operation */
};
struct history_service {
    struct text name;
    struct service_terms terms;
    struct cell cell;
    const struct series *series;
    struct span faults; /* from the beginning of the first attempt that was hit to the end of the
                           last; NEVER, NEVER: none was */
};
struct history_phase {
    struct text name;
    struct span span; /* ends NEVER while it is on */
    bool again;       /* it came more than once (steps back do not happen; reloads do): span is
                         that of all */
    struct cell cell;
    uint64_t connections, handshakes; /* opened in it */
};

/* Cells of phases, of services and of all are made by history_end.
 *
 * In order of appearance; NULL past the end. Services of the terms come first, in their order. */
const struct history_client *history_client(const struct history *history, size_t index);
const struct history_service *history_service(const struct history *history, size_t index);
const struct history_phase *history_phase(const struct history *history, size_t index);
/* NULL where no exchange of that service fell into that phase. */
const struct cell *history_cell(const struct history *history, size_t phase, size_t service);
const struct cell *history_total(const struct history *history);
/* Of all services together. */
const struct series *history_series(const struct history *history);
/* HISTORY_NONE where there is none. */
uint16_t history_find_service(const struct history *history, struct text name);
uint16_t history_find_phase(const struct history *history, struct text name);

/* When faults were exercised: on a service, or with HISTORY_NONE on any (or on connections): from
 * the first attempt that was hit to the end of the last phase in which one was hit (or of the last
 * such attempt, where no phase ended). NEVER, NEVER: none was. */
struct span history_trouble(const struct history *history, uint16_t service);
/* From the first attempt (or the beginning of the timeline, if that came later) to the first fault:
 * what the client does when all is well. begins == ends: there was no such time. */
struct span history_calm(const struct history *history, uint16_t service);
/* From the end of the trouble to the end of the run or the last event. */
struct span history_after(const struct history *history, uint16_t service);
/* Time of the last event. */
usec history_length(const struct history *history);

/* What the bounds did not hold: requests of clients, services and phases past theirs, operations
 * closed before their time, requests that may be polled and were forgotten, faults on requests that
 * had not been told of yet. All 0: nothing was left out. */
struct history_evicted {
    uint64_t clients, operations, services, phases, prints, faults;
};
struct history_evicted history_evicted(const struct history *history);

/* Share of operations of more than one attempt that were tied by markers; 1 where there were none.
 */
double history_confidence(const struct history *history);

#endif
