/* fake_transport: a transport that fails, blocks, ends or resets at any byte, on either side. */
#ifndef PANNE_TEST_FAKE_TRANSPORT_H
#define PANNE_TEST_FAKE_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "net/transport.h"

/* One side. It may be changed at any time. */
struct fake_side {
    size_t step; /* the most bytes that one call moves; 0: all */
    bool stops;  /* after `at` bytes in all every call gives `how` */
    size_t at;
    enum io how;
    size_t moved; /* bytes so far */
    unsigned calls;
};

struct fake_transport {
    struct transport transport;
    struct fake_side reading, writing;
    enum io handshake, end; /* what these calls give; IO_DONE to start */
    unsigned handshakes, ends;
    const char *bytes; /* what is read; after that comes IO_WANT_READ, if nothing stops it before */
    size_t length;
    bool holds;            /* what is left to read is hidden from the poller, as under TLS */
    struct buffer written; /* each write ends in `|` if `marks` */
    bool marks;
    bool freed, reset; /* its owner is done with it */
    int peer;          /* the other end of the socket that its descriptor is of */
};

/* The descriptor is readable while a read would give something, and not writable while the writing
 * side stops with IO_WANT_WRITE, so that a loop can serve it. `bytes` are lent. */
struct fake_transport *fake_transport_new(const char *bytes, size_t length);
/* Makes the descriptor tell the truth again after a change of a side or of `bytes`. */
void fake_transport_update(struct fake_transport *fake);
/* The test's, after its owner has freed it. */
void fake_transport_delete(struct fake_transport *fake);

#endif
