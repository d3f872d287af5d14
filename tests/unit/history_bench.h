/* history_bench: a run told by its rates (so many requests a second of a service in the calm, while
 * a fault is on and after it, so many failures, such connections), as events for a real history,
 * and what a check makes of it. */
#ifndef PANNE_TESTS_HISTORY_BENCH_H
#define PANNE_TESTS_HISTORY_BENCH_H

#include "check_bench.h"
#include "history/history.h"

enum { BENCH_CALM, BENCH_TROUBLE, BENCH_AFTER, BENCH_SPANS };

/* What a client does with its connections. */
enum bench_links {
    BENCH_KEPT,        /* until the end */
    BENCH_FRESH,       /* one for each request */
    BENCH_AFTER_ERROR, /* left after each failure */
};

/* The requests of some clients to one service. Zero: one client that never asks. */
struct bench_flow {
    const char *service;         /* NULL: api */
    unsigned clients;            /* 0: one */
    double rate[BENCH_SPANS];    /* a second, of all clients together */
    bool even;                   /* at equal intervals; else at random (Poisson) */
    unsigned batch;              /* so many at once, at times that are as said; 0: one */
    double failing[BENCH_SPANS]; /* share; while a fault is on it is the fault's doing */
    bool breaks;                 /* failures are broken connections; else 503 */
    usec back;                   /* silent so long after the fault's end */
    double surge;                /* so many at once then */
    const char *fallback;        /* a service that is asked instead after a failure … */
    double falls_back;           /* … in that share of cases */
    usec waits;                  /* … so long after it */
    enum bench_links links;
    unsigned pool;  /* connections of each client, taken in turn; 0: one */
    bool tls;       /* their names are those of the services */
    double resumes; /* share of handshakes */
};

struct bench_world {
    uint64_t seed;
    usec lasts[BENCH_SPANS]; /* phases `calm`, `outage`, `after` */
    const struct bench_flow *flows;
    size_t flow_count; /* 0: one */
};

/* A check, by its name; with `limits` (`at-most=2 warn=1`, may be empty) as an expectation, which
 * may be narrowed; NULL: by the profile. */
struct bench_question {
    const char *check;
    const char *limits, *service, *phase, *client;
    enum profile profile;
};

/* The services `api`, `other` (which stays up) and `spare` are known beforehand. The finding's
 * texts live in the arena. alpha is BENCH_ALPHA. */
struct finding bench_ask(const struct bench_world *world, const struct bench_question *question,
                         struct arena *arena);
/* The outcome, and that its evidence or reason contains `words`. */
void bench_answers(const struct bench_world *world, const struct bench_question *question,
                   enum outcome outcome, const char *words);
/* Adds the outcome. */
void bench_tell(const struct bench_world *world, const struct bench_question *question,
                struct bench_tally *tally);

#endif
