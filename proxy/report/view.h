/* view: what the JSON report tells, as plain structs whose members have its names. Filled in from a
 * judgment; described by the tables of view.c. */
#ifndef PANNE_REPORT_VIEW_H
#define PANNE_REPORT_VIEW_H

#include "base/arena.h"
#include "base/text.h"
#include "base/time.h"
#include "report/record.h"
#include "verdict/verdict.h"

enum { VIEW_VERSION = 1, VIEW_CLIENTS = 200, VIEW_BINS = 600 };

struct view_run {
    struct text scenario, title, seed, began, version;
    const char *profile;
    double speed;
    usec length_s;
    bool whole, reloaded, had_faults;
    uint64_t lost_lines;
};

struct view_counts {
    uint64_t fail, warn, inconclusive, pass;
};

struct view_scope {
    struct text phase, service, client;
};

struct view_expectation {
    struct text as_written, file;
    uint64_t line, column;
    bool warn_only;
};

struct view_proof {
    uint64_t exchange, connection;
    usec at_s;
    struct text words;
};

struct view_proofs {
    uint64_t total;
    struct record_list items; /* view_proof */
};

struct view_finding {
    struct text check, title;
    const char *group, *outcome;
    bool gate, enforced;
    const struct view_scope *scope;
    const struct view_expectation *expectation;
    const char *unit;
    double value, low, high, limit, warn;
    bool at_least;
    uint64_t samples, missing;
    struct text sample;
    double tied_by_markers;
    struct text evidence, because, pattern, remedy, source;
    const struct view_proofs *proofs;
    const char *change;
    double before;
    bool regressed;
};

struct view_span {
    usec begins_s, ends_s;
};

struct view_cell {
    uint64_t attempts, ok, failed, final, throttled, broken, left, unfinished, touched;
    uint64_t operations, retries, succeeded, gave_up, marked;
    uint64_t bytes_up, bytes_down;
    usec median_s, p90_s, p99_s;
};

struct view_client {
    struct text name, agent;
    usec first_s, last_s, last_ok_s;
    uint64_t most_attempts;
    const struct view_cell *cell;
};

struct view_service {
    struct text name;
    bool stays_up, repeatable, polled;
    const struct view_span *faults;
    const struct view_cell *cell;
};

struct view_part {
    struct text service;
    const struct view_cell *cell;
};

struct view_phase {
    struct text name;
    usec begins_s, ends_s;
    bool again;
    uint64_t connections, handshakes;
    const struct view_cell *cell;
    struct record_list services; /* view_part */
};

struct view_bin {
    usec begins_s;
    uint64_t attempts, ok, failed, retries, touched, unsafe, connections, handshakes, resumed;
    usec mean_s, slowest_s;
    uint64_t bytes_up, bytes_down;
};

struct view_series {
    usec width_s;
    struct record_list bins; /* view_bin */
};

struct view_gaps {
    uint64_t retry, total;
    struct record_list gaps_s; /* usec */
};

struct view_step {
    uint64_t exchange, status, told;
    usec began_s, ended_s, retry_after_s;
    const char *end;
    bool ok, failed;
    struct record_list touched; /* const char * */
};

struct view_operation {
    struct text client, service, phase, method, host, path;
    const char *tie, *close;
    uint64_t attempts, overlaps;
    usec began_s, ended_s;
    struct record_list steps; /* view_step */
};

struct view_operations {
    uint64_t total;
    struct record_list worst, drawn; /* view_operation */
};

struct view_clients {
    uint64_t total;
    struct record_list items; /* view_client */
};

struct view_evicted {
    uint64_t clients, operations, services, phases, polled_requests, faults;
};

struct view_report {
    uint64_t report;
    const char *verdict;
    const struct view_counts *counts;
    const struct view_run *run;
    struct record_list findings; /* view_finding */
    double tied_by_markers;
    const struct view_span *calm, *trouble, *after;
    const struct view_cell *total;
    struct record_list services; /* view_service */
    struct record_list phases;   /* view_phase */
    const struct view_clients *clients;
    const struct view_series *series;
    struct record_list gaps; /* view_gaps */
    const struct view_operations *operations;
    const struct view_evicted *evicted;
};

extern const struct record record_report;

/* Fill in their parts, each in a file of its own. What they make lies in the arena or is lent from
 * the judgment.  */
void view_findings(const struct judgment *judgment, struct arena *arena, struct view_report *view);
void view_history(const struct judgment *judgment, struct arena *arena, struct view_report *view);
void view_samples(const struct judgment *judgment, struct arena *arena, struct view_report *view);

#endif
