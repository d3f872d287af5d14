/* address: socket addresses as people write them, and what kind of place they are. */
#ifndef PANNE_NET_ADDRESS_H
#define PANNE_NET_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/attributes.h"
#include "base/text.h"

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_un local;
    };
    socklen_t length;
};

#define ADDRESS_TEXT 128 /* room for address_write, Unix paths included */

/* An IPv4 or IPv6 literal (no brackets) and a port. */
MUST_USE bool address_parse(struct text host, uint16_t port, struct address *address);
/* `unix:PATH` without its `unix:`. False if the path is too long or empty. */
MUST_USE bool address_local(struct text path, struct address *address);
/* `127.0.0.1:80`, `[::1]:80`, `unix:/path`; returns `out`. */
const char *address_write(const struct address *address, char out[ADDRESS_TEXT]);
/* Without the port. */
const char *address_write_host(const struct address *address, char out[ADDRESS_TEXT]);
uint16_t address_port(const struct address *address);
void address_set_port(struct address *address, uint16_t port);
bool address_is_loopback(const struct address *address); /* also Unix sockets */
bool address_is_any(const struct address *address);      /* 0.0.0.0 and :: */
/* What is sent there arrives at this machine: loopback, or one of its interfaces now. Asks the
 * kernel. */
bool address_is_own(const struct address *address);
/* Loopback, private (RFC 1918, RFC 4193), link-local, shared (RFC 6598), unspecified, multicast,
 * v4-mapped of these: what a proxy must not be talked into reaching for strangers. */
bool address_is_internal(const struct address *address);
bool address_equal(const struct address *a, const struct address *b);

struct network {
    struct address base;
    unsigned bits;
};
/* `10.0.0.0/8`, `::1`, `192.168.1.7`. */
MUST_USE bool network_parse(struct text text, struct network *network);
bool network_holds(const struct network *network, const struct address *address);

#endif
