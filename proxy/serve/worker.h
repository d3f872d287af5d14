/* worker: one event loop and all that it owns: listeners, sessions, connections to origins, memory.
 */
#ifndef PANNE_SERVE_WORKER_H
#define PANNE_SERVE_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/list.h"
#include "net/listener.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/upstream.h"
#include "observe/recorder.h"
#include "serve/run.h"
#include "stream/block.h"

/* A listener and the front that it serves. */
struct gate {
    struct worker *worker;
    const struct front *front;
    struct listener *listener;
    const struct generation *generation; /* refused: by a rule of this one … */
    uint16_t phase;                      /* … for as long as this phase lasts */
    struct deadline reopening;           /* refused: when to look whether it has ended */
};

/* Its fields are for session, exchange and their kin. */
struct worker {
    struct run *run;
    struct loop *loop;
    unsigned index; /* 0: the main one */
    struct pool pool;
    struct arena_pool arenas;
    struct resolver *resolver;
    struct upstreams *upstreams;
    struct recorder_port *port;
    struct gate *gates; /* a listener with its front, one a front */
    size_t gate_count;
    struct list sessions;
    size_t session_count;
    uint64_t last_connection, last_exchange; /* numbers given so far */
    bool draining;
    bool full; /* --max-connections reached: the listeners pause */
    struct deadline room;
    struct deadline drain;
    void (*drained)(void *user); /* called once when draining and the last session has gone */
    void *drained_user;
};

/* `loop` is lent. `descriptors`: a listening socket for each front, taken. */
struct worker *worker_new(struct run *run, struct loop *loop, unsigned index,
                          const int *descriptors);
/* Cuts what is left. */
void worker_free(struct worker *worker);

/* Stops accepting; exchanges in flight finish; idle connections are closed. After drain_timeout (or
 * at once if `now_at_once`) the rest is cut. On the worker's own thread. */
void worker_drain(struct worker *worker, bool now_at_once);

/* Numbers unique over all workers. */
uint64_t worker_next_connection(struct worker *worker);
uint64_t worker_next_exchange(struct worker *worker);
/* Called by session.c when one has gone. */
void worker_session_gone(struct worker *worker);

#endif
