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

struct resolver *resolver_new(struct loop *loop);
void resolver_free(struct resolver *resolver);

/* `count` addresses (port set), IPv6 and IPv4 in turn (RFC 8305 4), or 0 and `complaint`. Lent for
 * the call. /etc/hosts is read; `localhost` and its subdomains are loopback always (RFC 6761).
 * Answers are kept for at most their TTL and 60 s. */
typedef void resolver_done(void *user, const struct address *addresses, size_t count,
                           const char *complaint);

/* Literals and cached names answer before it returns, then it gives NULL. Else a handle for
 * resolver_cancel. */
struct lookup *resolver_find(struct resolver *resolver, struct text host, uint16_t port,
                             resolver_done *done, void *user);
/* `done` will not be called. */
void resolver_cancel(struct lookup *lookup);

#endif
