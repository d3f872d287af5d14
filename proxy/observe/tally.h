/* tally: what has happened so far, in numbers that all workers raise and anybody may read. */
#ifndef PANNE_OBSERVE_TALLY_H
#define PANNE_OBSERVE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/text.h"
#include "base/time.h"

struct tally;

/* Names are lent and must outlive it: ids of rules, of phases, of services. */
struct tally_names {
    const struct text *rules, *phases, *services;
    size_t rule_count, phase_count, service_count;
};

struct tally *tally_new(const struct tally_names *names);
void tally_free(struct tally *tally);

/* Of a part that is not replayed, nobody expects a request: the summary says no word of it. */
void tally_leave_out_phase(struct tally *tally, size_t phase);
void tally_leave_out_rule(struct tally *tally, size_t rule);

/* Relaxed atomics: cheap, from any thread. Indices past the counts are taken as "none". */
void tally_request(struct tally *tally, size_t phase, size_t service, unsigned status, bool failed,
                   usec lasted);
void tally_fault(struct tally *tally, size_t rule, bool exercised, bool shadowed);
/* A connection that a fault met as it opened: there may be no request on it, and yet its phase and
 * its service had their part. */
void tally_opening(struct tally *tally, size_t phase, size_t service);
void tally_connection(struct tally *tally, int change); /* +1 opened, -1 closed */
void tally_refused(struct tally *tally);                /* a connection that was not let in */
void tally_trouble(struct tally *tally);

struct tally_totals {
    uint64_t requests, matched, failed, faults, exercised, shadowed, connections, open, refused,
        troubles;
    uint64_t by_class[6]; /* statuses 1xx..5xx at their hundreds; 0: no status */
};
struct tally_totals tally_totals(const struct tally *tally);
/* Exercised at least once. */
uint64_t tally_rule_exercised(const struct tally *tally, size_t rule);
uint64_t tally_phase_requests(const struct tally *tally, size_t phase);

/* The summary at the end: requests by phase and outcome, faults by rule (decided, exercised), what
 * never matched. Plain text, 80 columns. */
void tally_summary(const struct tally *tally, bool color, struct buffer *out);

#endif
