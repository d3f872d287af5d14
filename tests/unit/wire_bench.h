/* wire_bench: clients by their policies and an outage, played in virtual time, as the attempts and
 * operations that the history would tell of. */
#ifndef PANNE_TESTS_WIRE_BENCH_H
#define PANNE_TESTS_WIRE_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "history/history.h"
#include "verdict/check.h"

/* The time before the n-th retry, from 1, without jitter. */
enum wire_pace {
    WIRE_AT_ONCE,
    WIRE_CONSTANT,     /* base */
    WIRE_LINEAR,       /* base * n */
    WIRE_EXPONENTIAL,  /* base * factor^(n-1), at most cap */
    WIRE_DECORRELATED, /* min(cap, U(base, 3 * the one before)); has its own jitter */
};
enum wire_jitter {
    WIRE_STEADY,
    WIRE_FIFTH, /* +-20 %, gRPC's reconnects */
    WIRE_EQUAL, /* d/2 + U(0, d/2) */
    WIRE_FULL,  /* U(0, d) */
};
enum wire_key { WIRE_NO_KEY, WIRE_STABLE_KEY, WIRE_FRESH_KEY };

/* Zero is a client that tries once. */
struct wire_client {
    double rate;       /* operations per second */
    bool regular;      /* at even intervals; else at random (Poisson) */
    unsigned attempts; /* of an operation, at most; 0: one */
    enum wire_pace pace;
    enum wire_jitter jitter;
    usec base, cap;     /* cap 0: none */
    double factor;      /* 0: 2 */
    bool first_at_once; /* no wait before the first retry (requests, pip) */
    usec lag;           /* timers are late by up to so much */
    bool deaf;          /* to Retry-After */
    double forgets;     /* share of answers whose Retry-After it overlooks */
    usec spread;        /* waits up to so much longer than Retry-After */
    bool stagger;       /* Retry-After only lifts the back-off: the longer of both is waited */
    double budget;      /* retries are at most this share of its attempts, … */
    double purse;       /* … and so many more; both 0: no budget */
    usec timeout;       /* of an attempt; 0: none */
    usec deadline;      /* of an operation: no attempt begins later; 0: none */
    bool repeats_final;
    unsigned breaker;   /* consecutive failures before it keeps silent for … */
    usec breaker_pause; /* … so long; the next operation probes. 0: no breaker */
    const char *method; /* NULL: GET */
    enum wire_key key;
    bool marked; /* ties attempts by a marker, and numbers them */
    uint64_t bytes_up;
};

enum wire_hurt { WIRE_STATUS, WIRE_RESET, WIRE_HANG, WIRE_SLOW };

struct wire_fault {
    usec begins, ends; /* of attempts; a hang lasts until the client leaves, or `ends` */
    double share;      /* 0: all */
    enum wire_hurt hurt;
    uint16_t status;  /* 0: 503 */
    usec retry_after; /* 0: none */
    bool retry_date;
    usec delay; /* WIRE_SLOW: in addition */
};

struct wire_world {
    uint64_t seed;
    usec lasts;
    unsigned clients;
    const struct wire_client *kinds; /* client i is of kind i modulo kind_count */
    size_t kind_count;               /* 0: one */
    const struct wire_fault *faults; /* the first that bites does */
    size_t fault_count;
    usec latency, tail; /* of an answer: latency + Exp(tail); both 0: 2 ms + Exp(1 ms) */
};

/* Plays it: attempts as they end, operations as they close, lent as by the history. Phases are 0
 * before the first fault, 1, and 2 after the last. Service 0. No connections. */
void wire_play(const struct wire_world *world, const struct history_watcher *watcher);

/* A check on a world: its hooks called as the verdict does it (plain successes before the first
 * fault are left out unless it wants the calm), and judged. `limits` of check->limits_size. The
 * history that it may ask is `history` (may be NULL where it asks none). The finding's texts live
 * in `arena`. */
struct finding wire_judge(const struct check *check, const void *limits,
                          const struct wire_world *world, const struct history *history,
                          double alpha, struct arena *arena);

/* The same as events, in the order of a log: the phases `calm`, `outage` and `after`, cut at the
 * first fault's beginning and the last one's end, exchanges of the service `api` with their faults,
 * and connections, of which each client has as many as it needs. It drops none but those that broke
 * off or hung. */
void wire_events(const struct wire_world *world,
                 void (*take)(void *user, enum event_kind kind, const void *event, usec time),
                 void *user);

/* What a real history makes of them: it groups by itself. The watcher (may be NULL) is told by it.
 * It has ended; the caller frees it. */
struct history *wire_history(const struct wire_world *world, const struct history_watcher *watcher);

#endif
