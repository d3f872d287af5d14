/* serve_world: a worker with its run, scripted clients and origins, and a real origin to fall back
 * on. */
#ifndef PANNE_TESTS_SERVE_WORLD_H
#define PANNE_TESTS_SERVE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "fake_transport.h"
#include "observe/recorder.h"
#include "serve/worker.h"

enum { WORLD_REVERSE, WORLD_FORWARD, WORLD_FRONTS };

/* A real origin on 127.0.0.1. To what ends in an empty line it says `answer` and closes. */
struct world_spare {
    struct loop *loop;
    int listener;
    uint16_t port;
    struct watch accepting;
    struct list peers;
    const char *answer; /* NULL: says nothing */
    bool echoes;        /* gives back what comes instead, and ends when that does */
    unsigned accepted;
    struct buffer heard; /* of all connections */
};

struct serve_world {
    struct loop *loop;
    struct settings settings; /* may be changed at any time */
    struct front fronts[WORLD_FRONTS];
    struct run run;
    struct worker *worker;
    struct world_spare spare; /* the upstream of the reverse front */
    struct fake_transport *fakes[8];
    size_t fake_count;
    char request[512]; /* room for tests */
    unsigned drained;  /* for tests to count in */
    char host[32];     /* `127.0.0.1:PORT` of the spare origin */
    char log[32];      /* path; empty: none */
};

/* An outage of an hour, with this fault. */
#define WORLD_PHASE(fault) \
    "  - name: outage\n"   \
    "    lasts: 1h\n"      \
    "    faults:\n"        \
    "      - {service: api, " fault "}\n"

/* `phases`: of the scenario, as YAML; NULL: one in which nothing happens. */
void world_open(struct serve_world *world, const char *phases);
/* The same with a log. */
void world_open_logged(struct serve_world *world, const char *phases);
/* Cuts what is left; nothing may be held then. */
void world_close(struct serve_world *world);
/* Another scenario in force. */
void world_renew(struct serve_world *world, const char *phases);
/* Ends the log (and all traffic), and gives what stands in it: the caller's to free. */
char *world_read_log(struct serve_world *world);

/* A client that sends the bytes (lent), as much as `length` says at the time, from 127.0.0.1. The
 * fakes are the world's: world_forget frees them. */
struct fake_transport *world_client(struct serve_world *world, int front, const char *bytes);
struct fake_transport *world_client_from(struct serve_world *world, int front, const char *bytes,
                                         const char *address);
/* The same over any transport, taken. */
void world_begin(struct serve_world *world, int front, struct transport *transport,
                 const char *address);
/* A connection to the reverse front's upstream, in the pool, that will answer so (lent): `length`
 * is 0 until the test sets it. */
struct fake_transport *world_origin(struct serve_world *world, const char *bytes);
void world_pool(struct serve_world *world, struct transport *transport);
/* A client asks, and the origin has its answer ready; both lent. */
struct fake_transport *world_ask(struct serve_world *world, const char *request,
                                 const char *answer);
/* Lets a fake give up to `length` bytes. */
void world_give(struct fake_transport *fake, size_t length);
/* The peer sends no more, or breaks, at the byte that has been reached. */
void world_stop(struct fake_transport *fake, enum io how);
/* All fakes, which their owners must have freed. */
void world_forget(struct serve_world *world);

/* Turns of the loop until nothing moves any more. */
void world_turns(struct serve_world *world);
/* Runs the loop until `text` stands in what was written, or `sessions` are left: false if that took
 * longer than two seconds. */
bool world_waits_for(struct serve_world *world, const struct fake_transport *fake,
                     const char *text);
bool world_waits_for_sessions(struct serve_world *world, size_t sessions);
/* What was written so far, terminated. */
const char *world_written(struct fake_transport *fake);
bool world_has_written(struct fake_transport *fake, const char *text);
struct tally_totals world_totals(const struct serve_world *world);
/* Of the process, in microseconds. */
usec world_cpu_time(void);

/* As strstr, counted. */
unsigned world_count(const char *text, const char *part);

#endif
