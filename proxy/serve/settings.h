/* settings: what the user asked for about traffic, as plain data; filled by the command line, read
 * by everybody, never changed. */
#ifndef PANNE_SERVE_SETTINGS_H
#define PANNE_SERVE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/time.h"
#include "http/codec.h"
#include "net/address.h"
#include "net/upstream.h"
#include "scenario/match.h"

enum front_kind { FRONT_REVERSE, FRONT_FORWARD };

/* How clients are told apart. */
enum client_by {
    CLIENT_BY_ADDRESS,
    CLIENT_BY_HEADER,
    CLIENT_BY_AGENT, /* and address */
    CLIENT_BY_AUTHORIZATION,
    CLIENT_BY_TLS,
};

/* One way in. */
struct front {
    enum front_kind kind;
    bool tls;                       /* reverse: https:// */
    struct address address;         /* after binding: with the real port */
    struct endpoint upstream;       /* reverse: where requests go */
    struct text upstream_url;       /* as given, for people */
    struct text upstream_authority; /* value of Host towards it */
    bool redirects; /* forward: whatever host is asked for, `upstream` answers (demonstrations) */
    bool embedded;  /* the upstream is our own origin: filled in once that listens */
};

/* A proxy on the way out, or none. */
struct parents {
    const struct parent *plain, *tls; /* for http and https origins; NULL: direct */
    const struct text *direct;        /* NO_PROXY items: hosts, .suffixes, addresses, CIDRs, `*` */
    size_t direct_count;
};

struct settings {
    struct front *fronts;
    size_t front_count;

    size_t max_connections;
    usec header_timeout, idle_timeout, connect_timeout, origin_timeout, drain_timeout;
    struct head_limits head_limits;

    bool preserve_host, keep_alt_svc, via, log_queries, flood_origin;
    struct patterns passthrough; /* CONNECT hosts and SNI that are tunneled untouched */
    enum client_by client_by;
    struct text client_header;     /* CLIENT_BY_HEADER: its name */
    const struct network *allowed; /* --allow: who may use us beyond loopback */
    size_t allowed_count;
    struct patterns targets;       /* --target: internal hosts that strangers may reach */
    const uint16_t *connect_ports; /* for strangers; 443 is always among them */
    size_t connect_port_count;
    struct parents parents;

    const char *cert_file, *key_file, *upstream_ca, *client_cert, *client_key;
    bool upstream_insecure;
    unsigned workers;
};

#endif
