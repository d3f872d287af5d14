/* sniff: what speaks, from the first bytes of a connection. */
#ifndef PANNE_HTTP_SNIFF_H
#define PANNE_HTTP_SNIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum sniffed {
    SNIFF_MORE,  /* too few bytes to tell */
    SNIFF_TLS,   /* a ClientHello, complete */
    SNIFF_HTTP1, /* a method token and a space */
    SNIFF_HTTP2, /* the connection preface */
    SNIFF_OTHER,
};

struct client_hello {
    struct text server_name; /* SNI, empty where none; lent from the bytes */
    bool offers_h2;          /* ALPN */
    bool offers_http1;
};

/* Never asks for more than 16 KiB: a longer hello is SNIFF_OTHER. A hello may be split over records
 * and reads; `hello` is filled for SNIFF_TLS (RFC 8446 4.1.2, RFC 6066 3). A hello whose SNI lies
 * in a later record fragment has its name looked for in the reassembled bytes in `scratch` (of 16
 * KiB). */
enum sniffed sniff(struct text bytes, struct client_hello *hello, char *scratch);

#endif
