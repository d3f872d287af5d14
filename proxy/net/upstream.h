/* upstream: connections to origins: dialed, handshaken, kept for reuse and watched while idle. One
 * for each worker. */
#ifndef PANNE_NET_UPSTREAM_H
#define PANNE_NET_UPSTREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/list.h"
#include "base/text.h"
#include "net/address.h"
#include "net/connection.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/tls.h"

/* Where an origin is. Texts lent; they must live as long as whoever holds it says. */
struct endpoint {
    struct text host; /* name or literal without brackets; a path if `local` */
    uint16_t port;
    bool tls;
    bool local;              /* a Unix socket */
    struct text server_name; /* SNI and verification; empty: host */
};

/* A proxy on the way to origins (HTTPS_PROXY, --parent). */
struct parent {
    struct endpoint at;
    struct text authorization; /* value of Proxy-Authorization, or empty; never logged */
};

struct upstream_options {
    usec connect_timeout; /* for all of a dial: name, TCP, parent, TLS */
    usec idle_timeout;    /* in the pool: 60 s */
    size_t idle_most;     /* connections kept idle: 256 a worker */
};

struct upstreams;

/* An origin's connection. `connection` first. */
struct origin {
    struct connection connection;
    struct list node; /* in its pool's bucket while idle */
    struct list age;  /* among all idle ones, oldest first */
    struct upstreams *upstreams;
    uint64_t key;             /* hash of endpoint and parent */
    struct endpoint endpoint; /* what the key stands for, compared too; its texts are in `texts` */
    struct parent parent;     /* if has_parent; likewise */
    bool has_parent;
    bool apart;               /* a tunnel through the parent to a plain endpoint: never pooled */
    struct deadline deadline; /* idle; free for the exchange's use otherwise */
    struct address address;   /* what it is connected to */
    char texts[];
};

struct upstreams *upstreams_new(struct loop *loop, struct pool *pool, struct resolver *resolver,
                                struct tls_client *tls, const struct upstream_options *options);
/* Closes idle connections; dials and taken connections must be gone. */
void upstreams_free(struct upstreams *upstreams);

/* An idle connection to there, most recently used first, still alive as far as the loop has told;
 * or NULL. The caller sets its call by connection_hand_over and owns it. */
MUST_USE struct origin *upstreams_take(struct upstreams *upstreams, const struct endpoint *endpoint,
                                       const struct parent *parent);
/* Takes back a clean connection (no bytes pending either way, keep-alive): idle until taken, an
 * event or the time-out. One that is not clean, or set apart, is closed. */
void upstreams_put(struct upstreams *upstreams, struct origin *origin);
/* Closes and frees one. */
void origin_free(struct origin *origin, bool reset);

enum dial_fault {
    DIAL_OK,
    DIAL_UNRESOLVED,  /* no such name, or no answer */
    DIAL_REFUSED,     /* all addresses refused */
    DIAL_UNREACHABLE, /* no route, network down, … */
    DIAL_TIMEOUT,
    DIAL_FORBIDDEN,  /* `allowed` said no to every address */
    DIAL_PARENT,     /* the parent proxy refused or broke, or its certificate does not verify */
    DIAL_UNVERIFIED, /* the certificate does not verify */
    DIAL_TLS,        /* the handshake failed otherwise */
    DIAL_STARVED,    /* we are out of descriptors */
};
const char *dial_fault_name(enum dial_fault fault);

struct dial;
/* `origin` is the receiver's; NULL with a fault and `detail` (lent for the call: `certificate has
 * expired`, `Connection refused (127.0.0.1:9)`). */
typedef void dial_done(void *user, struct origin *origin, enum dial_fault fault,
                       const char *detail);

/* Connects: resolves, tries addresses in order with a start every 250 ms or at a failure (RFC
 * 8305), first to connect wins; through `parent` by CONNECT if `tunnel` or endpoint->tls (plain
 * HTTP goes to the parent itself, in absolute form, by the caller); TLS if endpoint->tls. With a
 * parent whose endpoint says so TLS is spoken, too, and failing in that is DIAL_PARENT; inside a
 * tunnel through it the origin's TLS is spoken in the parent's. A local endpoint is reached without
 * the parent. `allowed` (may be NULL) is asked for each address before it is tried; on the way
 * through a parent, which the user has chosen, it is asked for an endpoint that is a literal, and
 * not for the parent. Texts are copied. May call `done` before it returns, then gives NULL. */
struct dial *upstreams_dial(struct upstreams *upstreams, const struct endpoint *endpoint,
                            const struct parent *parent, bool tunnel,
                            bool (*allowed)(void *user, const struct address *address),
                            dial_done *done, void *user);
/* `done` will not be called. */
void dial_cancel(struct dial *dial);

/* How many connections were opened, reused, found dead while idle. */
struct upstream_counts {
    uint64_t dialed, reused, died_idle, failed;
};
struct upstream_counts upstreams_counts(const struct upstreams *upstreams);

#endif
