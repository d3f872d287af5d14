/* connection: a transport with its watch, what it has read and nobody has used, and what waits to
 * be written. */
#ifndef PANNE_NET_CONNECTION_H
#define PANNE_NET_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/list.h"
#include "base/text.h"
#include "base/time.h"
#include "net/loop.h"
#include "net/transport.h"
#include "stream/queue.h"

struct connection {
    struct transport *transport;
    struct watch
        watch; /* handed over by connection_hand_over only: its call sets the flags below */
    void (*call)(void *user, unsigned events);
    void *user;
    struct pool *pool;

    struct block
        *input; /* NULL while nothing is read and unused: a waiting connection holds no buffer */
    uint32_t input_start, input_end;

    struct queue out; /* wire bytes */
    struct budget out_budget;

    bool readable;            /* the poller said so, and no read has drained it since */
    bool blocked;             /* a write did not go: wait for writable */
    bool wants_write_to_read; /* TLS */
    bool wants_read_to_write;
    bool read_ended;   /* IO_END was seen */
    bool cut;          /* … or rather IO_CUT */
    bool broken;       /* IO_RESET or IO_FAILED was seen, reading or writing */
    bool write_broken; /* writing failed; what the peer sent before may still be read */
    bool reset;        /* a CHUNK_RESET was carried out: close with an RST */
    bool write_ended;  /* transport end has been done */

    uint64_t bytes_in, bytes_out; /* of application data */
    usec opened;
    uint64_t id;   /* in the log */
    uint32_t uses; /* exchanges so far (origin side: reused if > 0) */
};

/* Takes the transport. `call` is called with readiness (WATCH_READ | WATCH_WRITE bits) after the
 * flags above are set. */
void connection_open(struct connection *connection, struct transport *transport, struct loop *loop,
                     struct pool *pool, void (*call)(void *user, unsigned events), void *user);
/* Others than those named at the opening are called from now on, without telling the kernel. */
void connection_hand_over(struct connection *connection, void (*call)(void *user, unsigned events),
                          void *user);
/* Frees transport and buffers; RST if `reset`. Safe twice. */
void connection_close(struct connection *connection, bool reset);
static inline bool connection_is_open(const struct connection *connection)
{
    return connection->transport != NULL;
}

/* Another transport over the same descriptor takes the place of the present one, which the caller
 * has taken the descriptor from (tcp_transport_take). */
void connection_change_transport(struct connection *connection, struct transport *transport);

/* Reads once if there is any point (readable, or bytes wait inside TLS; room in the input block).
 * True if bytes came or an end or break was seen. A block is taken from the pool only when the
 * socket is readable, and given back when nothing came. */
bool connection_fill(struct connection *connection);
/* From the socket into an empty pipe, past the input (which should be used up), up to `room` bytes;
 * else like connection_fill. Only where the transport can splice. */
bool connection_splice(struct connection *connection, struct pipe_pair *pipe, size_t room,
                       size_t *got);
/* transport_handshake, with the flags set so that connection_watch(connection, true) waits for the
 * right thing. */
enum io connection_handshake(struct connection *connection);
/* What was read and not used. */
static inline struct text connection_input(const struct connection *connection)
{
    return connection->input
               ? text_of((const char *)connection->input->bytes + connection->input_start,
                         connection->input_end - connection->input_start)
               : text_of("", 0);
}
/* `used` bytes at the front are done with; the block goes back to the pool with the last of them.
 */
void connection_use(struct connection *connection, size_t used);
/* Makes room for a head larger than the block, up to `size` bytes in all. False if it is as large
 * already. */
bool connection_widen(struct connection *connection, size_t size);
/* Widens only where what is there is full. */
static inline bool connection_takes_more(struct connection *connection, size_t size)
{
    const struct block *input = connection->input;

    return !input || connection_input(connection).length < input->size ||
           connection_widen(connection, size);
}

/* Writes what goes of `out`. True if anything went or a break was seen. Final chunks are carried
 * out: CHUNK_END ends sending (FIN or close_notify), CHUNK_CUT does so too, CHUNK_RESET sets
 * `broken` after SO_LINGER 0 and closes on connection_close(reset). */
bool connection_flush(struct connection *connection);
/* All written, and the end carried out if there was one. */
bool connection_is_flushed(const struct connection *connection);

/* Computes what to wait for: READ if `want_read` (or TLS needs it), WRITE if blocked. The one place
 * that tells the loop. */
void connection_watch(struct connection *connection, bool want_read);
/* The poller tells of bytes, and of the peer's end: not where bytes are left unread. */
static inline bool connection_is_heard(const struct connection *connection)
{
    return (connection->watch.events & WATCH_READ) != 0;
}
/* What connection_is_ready asks where a glance does not tell. */
bool connection_holds_bytes(const struct connection *connection);
/* More can be done at once without the poller: TLS holds bytes, or readable is still set and
 * reading is wanted. */
static inline bool connection_is_ready(const struct connection *connection, bool want_read)
{
    /* A plain socket holds nothing that the poller does not tell of. */
    if (!want_read || !connection->transport ||
        (!connection->readable && connection->transport->can_splice))
        return false;
    return connection_holds_bytes(connection);
}

#endif
