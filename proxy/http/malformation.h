/* malformation: what shall be wrong with one message as it goes over the wire. Plain data: faults
 * fill it in, the writer carries it out. */
#ifndef PANNE_HTTP_MALFORMATION_H
#define PANNE_HTTP_MALFORMATION_H

#include <stdint.h>

enum malformed {
    MALFORMED_NONE,
    MALFORMED_LENGTH_LONG,      /* Content-Length says `size` more than comes; then the end */
    MALFORMED_LENGTH_SHORT,     /* … `size` less */
    MALFORMED_CHUNK_SIZE,       /* a chunk's size line is no number */
    MALFORMED_LAST_CHUNK,       /* the last chunk never comes; the connection ends instead */
    MALFORMED_EMPTY,            /* the connection ends without a byte of an answer */
    MALFORMED_GARBAGE_BEFORE,   /* `size` bytes that are no HTTP, before the head */
    MALFORMED_GARBAGE_AFTER,    /* … behind the message, on a connection that stays open */
    MALFORMED_VERSION,          /* a version that does not exist */
    MALFORMED_DUPLICATE_LENGTH, /* two Content-Length fields that differ by `size` */
    MALFORMED_FOLDED,           /* a field folded over two lines (obs-fold, RFC 9112, 5.2) */
    MALFORMED_BARE_LF,          /* lines of the head end with LF alone */
    MALFORMED_OVERSIZED_HEAD,   /* one field of `size` bytes */
};

struct malformation {
    enum malformed kind;
    uint64_t size;
    uint64_t touched; /* bytes changed, made or left out so far: by the writer */
};

#endif
