/* fault: the descriptor of one way to go wrong. A kind is one file and one row in table.h; parser,
 * defaults, `panne faults`, manual and schema come from it. */
#ifndef PANNE_FAULTS_FAULT_H
#define PANNE_FAULTS_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/field.h"
#include "faults/plan.h"

/* Where a kind can bite. */
enum { FAULT_ON_HTTP = 1, FAULT_ON_TUNNEL = 2, FAULT_ON_CONNECTION = 4 };

/* What a kind needs of others than the exchange that it hits, wherever one of its rules stands. */
enum {
    FAULT_NEEDS_ORIGIN_FLOOD = 1,  /* larger requests, which the user must allow (--flood-origin) */
    FAULT_NEEDS_KEPT_ANSWERS = 2,  /* good answers of the service kept */
    FAULT_NEEDS_HOPS_STRIPPED = 4, /* its own count taken out of the query before origins see it */
    FAULT_NEEDS_AUTHORITY = 8,     /* the local authority, though listeners show the user's own */
    FAULT_NEEDS_TURNS = 16, /* one order of all decisions, which the log keeps: it has `bites` */
};

/* What the engine asks a kind that counts for itself: does it bite, now? */
struct bite {
    struct counters *counters;
    uint64_t key;       /* of the rule: differs between rules */
    uint64_t client;    /* hash of the client */
    uint64_t operation; /* hash of client and operation */
    usec now;           /* wall time since the run's start */
    uint64_t found;     /* for the hit's `found` */
};

struct fault_kind {
    const char *name;    /* the key in YAML */
    const char *family;  /* answers, time, volume, bytes, … : the chapter in the manual */
    const char *summary; /* one line, for `panne faults` and the man page, no period */
    const char *about;   /* a paragraph for the manual: what the client sees, what stays valid, what
                            the bounds are */
    const char *example; /* as it stands in a rule: `latency: {p50: 80ms, p99: 2s}` */
    const struct field *fields;
    size_t params_size;
    unsigned stands_on;
    bool answers; /* gives an answer of its own: the first one wins, later ones are shadowed */

    /* What one row cannot say about the parameters together. Appends to `complaint` and returns
     * false. May be NULL. May complete params (fit a distribution). */
    bool (*check)(void *params, struct buffer *complaint);
    /* Where these parameters can bite; NULL: wherever stands_on says. */
    unsigned (*stands)(const void *params);
    unsigned needs; /* FAULT_NEEDS_… bits: of others than the exchange that it hits */
    /* Where that depends on the parameters; NULL: `needs`. */
    unsigned (*needs_of)(const void *params);
    /* Asked, in the order of the rules, for each exchange that the rule's draw has hit. False: no
     * hit at all. It may count (bite->counters, by keys of its own made from bite->key), and
     * depends on nothing but what it is given, and on what it was given before: such a kind has
     * FAULT_NEEDS_TURNS. NULL: it always bites. */
    bool (*bites)(const void *params, struct bite *bite);
    /* Hooks edit plain data or add filters; the exchange carries the plan out. Each may be NULL.
     */
    void (*at_request)(const void *params, struct request_plan *plan);
    void (*at_response)(const void *params, struct response_plan *plan);
    void (*at_connection)(const void *params, struct connection_plan *plan);
};

/* stands, or stands_on. */
unsigned fault_stands(const struct fault_kind *kind, const void *params);
/* needs_of, or needs. */
unsigned fault_needs(const struct fault_kind *kind, const void *params);
/* NULL where there is none of that name. */
const struct fault_kind *fault_find(struct text name);
/* NULL past the end. In the order of the table. */
const struct fault_kind *fault_at(size_t index);
/* problem_suggestion's name_at; `list` is not used. */
const char *fault_name_at(const void *list, size_t index);
/* The kind that was probably meant by a name that is none: what others call it (`delay`,
 * `throttle`), or a slip of the pen. NULL: there is no telling. */
const char *fault_meant(struct text name);
/* A word of others and the kind it stands for; NULL past the end. In alphabetical order. */
const char *fault_word_at(size_t index, const char **kind);

#endif
