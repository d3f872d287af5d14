/* resolver: names to addresses without blocking (the only user of c-ares is resolver.c). */
#ifndef PANNE_NET_RESOLVER_H
#define PANNE_NET_RESOLVER_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/text.h"
#include "net/address.h"
#include "net/loop.h"

struct resolver;
struct lookup;

/* Never NULL: where name servers cannot be set up, each name asked for says why. */
struct resolver *resolver_new(struct loop *loop);
/* Asks `servers` (`127.0.0.1:5353,[::1]:53`; NULL: the system's) twice, for `timeout_ms` at first
 * (0: the system's). */
struct resolver *resolver_new_with(struct loop *loop, const char *servers, int timeout_ms);
/* Nobody who waits is told. May be called by one who is being told. */
void resolver_free(struct resolver *resolver);

/* `count` addresses (port set), IPv6 and IPv4 in turn (RFC 8305 4), or 0 and `complaint`. Lent for
 * the call. /etc/hosts is read (or what CARES_HOSTS names); `localhost` and its subdomains are
 * loopback always (RFC 6761). Answers are kept for at most their TTL and 60 s. */
typedef void resolver_done(void *user, const struct address *addresses, size_t count,
                           const char *complaint);

/* Literals and cached names answer before it returns, then it gives NULL. Else a handle for
 * resolver_cancel. */
struct lookup *resolver_find(struct resolver *resolver, struct text host, uint16_t port,
                             resolver_done *done, void *user);
/* `done` will not be called. */
void resolver_cancel(struct lookup *lookup);

#endif
