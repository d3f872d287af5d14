/* listener: a socket that accepts. */
#ifndef PANNE_NET_LISTENER_H
#define PANNE_NET_LISTENER_H

#include <stdbool.h>

#include "base/attributes.h"
#include "net/address.h"
#include "net/loop.h"

struct listener;

/* Binds and listens, non-blocking, SO_REUSEADDR, and SO_REUSEPORT if `shared` (workers). A Unix
 * path left behind by a dead process (connect is refused) is replaced, a live one is not; it is
 * removed by listener_free. -1 with errno otherwise. `*address` gets the real port. */
MUST_USE int listener_bind(struct address *address, bool shared);

/* Takes the descriptor. `accepted` gets each new connection (non-blocking, close-on-exec,
 * TCP_NODELAY), at most 64 a turn. Out of descriptors or memory: stops watching for 100 ms instead
 * of spinning, and calls `starved` once each time. */
struct listener *listener_new(struct loop *loop, int fd,
                              void (*accepted)(void *user, int fd, const struct address *peer),
                              void (*starved)(void *user, int error), void *user);
/* Stops accepting (too many connections) and starts again. */
void listener_pause(struct listener *listener, bool paused);
/* Refuses connections as if nobody listened, and keeps the port: connect gets ECONNREFUSED, and
 * what waited to be accepted an RST. And listens again. False, and nothing changed, where the
 * kernel does not let it (a Unix socket). */
MUST_USE bool listener_refuse(struct listener *listener, bool refused);
void listener_free(struct listener *listener);

#endif
