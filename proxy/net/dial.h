/* dial: what the files behind upstream.h share. */
#ifndef PANNE_NET_DIAL_H
#define PANNE_NET_DIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/list.h"
#include "net/loop.h"
#include "net/upstream.h"

enum { UPSTREAMS_BUCKETS = 256 };

struct upstreams {
    struct loop *loop;
    struct pool *pool;
    struct resolver *resolver;
    struct tls_client *tls;
    struct upstream_options options;
    struct upstream_counts counts;
    uint64_t seed;
    size_t idle;
    struct list age;                        /* oldest first */
    struct list buckets[UPSTREAMS_BUCKETS]; /* by key; youngest first */
};

/* With copies of all texts, of no pool's and not connected. */
struct origin *origin_new(struct upstreams *upstreams, const struct endpoint *endpoint,
                          const struct parent *parent);

/* One CONNECT to a parent proxy. Embed it; zero-fill to start. */
struct parent_ask {
    struct loop *loop;
    struct watch watch;
    struct transport *transport;
    struct buffer request;
    size_t sent;
    char *head; /* what the parent has answered */
    size_t length;
    size_t skipped; /* interim answers */
    /* `transport` is the receiver's and nothing behind the answer's head has been read; or NULL and
     * a complaint. */
    void (*done)(void *user, struct transport *transport, const char *complaint);
    void *user;
};

/* Takes the transport, its handshake done. Set loop and done before. May call `done` before it
 * returns. */
void parent_ask_start(struct parent_ask *ask, struct transport *transport,
                      const struct endpoint *endpoint, struct text authorization);
/* Closes; safe twice and on a zero-filled one. */
void parent_ask_stop(struct parent_ask *ask);

#endif
