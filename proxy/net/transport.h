/* transport: bytes over one connected descriptor, plain or TLS, behind one table of functions.
 * Never blocks. */
#ifndef PANNE_NET_TRANSPORT_H
#define PANNE_NET_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "base/attributes.h"
#include "stream/queue.h"

enum io {
    IO_DONE,       /* something was done; for reads and writes see the count */
    IO_WANT_READ,  /* nothing was done: wait until readable */
    IO_WANT_WRITE, /* nothing was done: wait until writable */
    IO_END,        /* the peer sends no more (FIN, or close_notify) */
    IO_CUT,        /* TLS only: the peer's connection ended without close_notify */
    IO_RESET,      /* the connection is broken (RST, time-out of the kernel) */
    IO_FAILED,     /* TLS failed; transport_complaint says how */
};

struct transport;

struct transport_ops {
    const char *name;
    enum io (*handshake)(struct transport *transport);
    enum io (*read)(struct transport *transport, void *bytes, size_t room, size_t *got);
    enum io (*write)(struct transport *transport, const struct iovec *parts, int count,
                     size_t *put);
    /* Orderly end of sending, once. IO_DONE when nothing more has to be done. */
    enum io (*end)(struct transport *transport);
    /* Bytes wait inside that the poller cannot see. */
    bool (*holds_bytes)(const struct transport *transport);
    /* Frees the transport; closes the descriptor, with an RST (SO_LINGER 0) if `reset`. */
    void (*free)(struct transport *transport, bool reset);
};

/* Embedded first in each kind's own struct. */
struct transport {
    const struct transport_ops *ops;
    int fd;
    bool can_splice; /* plain: the kernel may move bytes through pipes */
    bool drained; /* the last read took all that was there: do not ask again before the poller says
                     so */
    const char *complaint; /* after IO_FAILED or a broken handshake: why, for log and 502; lent,
                              lives as long */
};

/* Plain TCP or Unix stream socket; takes the descriptor (non-blocking already). Never NULL. */
struct transport *tcp_transport_new(int fd);
/* Frees the transport, but hands its descriptor over instead of closing it. */
MUST_USE int tcp_transport_take(struct transport *transport);

static inline enum io transport_handshake(struct transport *transport)
{
    return transport->ops->handshake(transport);
}

static inline enum io transport_read(struct transport *transport, void *bytes, size_t room,
                                     size_t *got)
{
    return transport->ops->read(transport, bytes, room, got);
}

/* Writes from the front of the queue, as much as goes, and drops what went: adjacent CHUNK_BYTES go
 * out in one write (writev of up to 64; under TLS one record of up to 16 KiB), a CHUNK_BOUNDARY
 * ends a write, CHUNK_PIPE is spliced. Stops at a final chunk, which is left at the front. IO_DONE:
 * the queue is empty or a final chunk stands at the front. `*put`: bytes that went. */
enum io transport_flush(struct transport *transport, struct queue *queue, size_t *put);

/* From the socket into the pipe, up to `room` bytes; like read. Only where can_splice, and into an
 * empty pipe: a full one could not be told from an empty socket. */
enum io transport_splice_in(struct transport *transport, struct pipe_pair *pipe, size_t room,
                            size_t *got);

/* The peer has ended its side or the connection, though nothing may have been read of what it sent
 * before. Asks the kernel: not for every turn. */
bool transport_peer_has_left(const struct transport *transport);

void transport_free(struct transport *transport, bool reset);

#endif
