/* target: request targets, hosts and URLs taken apart strictly (RFC 9112 3.2, RFC 3986). */
#ifndef PANNE_HTTP_TARGET_H
#define PANNE_HTTP_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/text.h"

/* host is without brackets for IPv6 literals (`literal6` says so); port 0: none was given. */
struct authority {
    struct text host;
    uint16_t port;
    bool literal6;
};

struct target {
    enum { TARGET_ORIGIN, TARGET_ABSOLUTE, TARGET_AUTHORITY, TARGET_ASTERISK } form;
    bool tls;                   /* absolute: https */
    struct authority authority; /* absolute and authority form */
    /* With the query: what an origin is asked for; `/` where a URL ends behind the authority, `*`
     * for asterisk. `?query` where a URL has no path but a query: writer_head puts the slash before
     * it. */
    struct text path;
};

/* `host`, `host:port`, `[v6]:port`. Strict: registered-name characters, no userinfo, no empty host,
 * port 1..65535. */
MUST_USE bool authority_parse(struct text text, struct authority *authority);
/* The target of a request line. `method` matters: CONNECT wants authority form with a port, only
 * OPTIONS may have `*`. */
MUST_USE bool target_parse(struct text text, struct text method, struct target *target);
/* `path` without `?query` (`/` where nothing is left), and the query without `?`. */
void target_split(struct text path, struct text *plain, struct text *query);

#endif
