/* fleet: all workers of a run, each on a thread of its own but the main one. */
#ifndef PANNE_SERVE_FLEET_H
#define PANNE_SERVE_FLEET_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "net/loop.h"
#include "serve/run.h"

struct fleet;

/* Binds a socket for each front and worker (SO_REUSEPORT where there are several), so that port 0
 * gets its real port in settings' fronts. NULL with a complaint, such as `127.0.0.1:8080: Address
 * already in use`. Nothing is accepted before fleet_start. `fronts` are the settings' own, to be
 * filled in. */
MUST_USE struct fleet *fleet_bind(struct front *fronts, size_t count, unsigned workers,
                                  struct buffer *complaint);

/* Starts worker 0 on `loop` (the caller runs it) and the others on threads of their own. */
void fleet_start(struct fleet *fleet, struct run *run, struct loop *loop);

/* Stops accepting and lets exchanges finish; a second call, or `at_once`, cuts them. `drained` is
 * called once on the main loop when the last session of all workers has gone. Main thread. */
void fleet_drain(struct fleet *fleet, bool at_once, void (*drained)(void *user), void *user);

/* Ends the threads (cutting what is left) and frees everything. Main thread. */
void fleet_free(struct fleet *fleet);

#endif
