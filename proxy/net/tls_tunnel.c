/* tls_tunnel: TLS inside the TLS connection with a parent proxy. */
#include "net/tls_private.h"

#include <assert.h>
#include <stdlib.h>

#include <openssl/err.h>

#include "base/arena.h"

/* So that a record of ours and what it costs fit in one of the records that carry it. */
#define FRAGMENT (SSL3_RT_MAX_PLAIN_LENGTH - 128)

struct tunnel {
    struct tls tls; /* first: the transport, and what the wire's BIO has for data */
    struct transport *below;
    bool said_end; /* the inner close_notify has gone */
};

/* The carrying connection empties the thread's list of errors, but the cause of an alert of ours
 * stands in it while that is sent. What tls_complaint asks for is kept. */
static void restore(unsigned long error)
{
    ERR_clear_error();
    if (error != 0)
        ERR_raise(ERR_GET_LIB(error), ERR_GET_REASON(error));
}

/* What kept the carrying connection from going on, in OpenSSL's words. */
static int held_up(struct tunnel *tunnel, BIO *bio, enum io io)
{
    if (io == IO_WANT_READ) {
        BIO_set_retry_read(bio);
    } else if (io == IO_WANT_WRITE) {
        BIO_set_retry_write(bio);
    } else if (io == IO_END || io == IO_CUT) {
        if (tunnel->tls.wire == WIRE_OPEN)
            tunnel->tls.wire = WIRE_ENDED;
        return 0;
    } else {
        tunnel->tls.wire = WIRE_RESET;
        if (io == IO_FAILED && tunnel->below->complaint)
            tls_complain(&tunnel->tls, "%s", tunnel->below->complaint);
    }
    return -1;
}

static int wire_read(BIO *bio, char *out, int room)
{
    struct tunnel *tunnel = BIO_get_data(bio);
    unsigned long error = ERR_peek_error();
    size_t got = 0;
    enum io io;

    BIO_clear_retry_flags(bio);
    if (room <= 0)
        return 0;
    if (tunnel->tls.dry)
        return held_up(tunnel, bio, IO_WANT_READ);
    io = transport_read(tunnel->below, out, (size_t)room, &got);
    restore(error);
    tunnel->tls.dry = tunnel->below->drained;
    return io == IO_DONE ? (int)got : held_up(tunnel, bio, io);
}

static int wire_write(BIO *bio, const char *bytes, int length)
{
    struct tunnel *tunnel = BIO_get_data(bio);
    struct iovec part = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = (size_t)length };
    unsigned long error = ERR_peek_error();
    size_t put = 0;
    enum io io;

    BIO_clear_retry_flags(bio);
    if (length <= 0)
        return 0;
    if (tunnel->tls.full)
        return held_up(tunnel, bio, IO_WANT_WRITE);
    io = tunnel->below->ops->write(tunnel->below, &part, 1, &put);
    restore(error);
    tunnel->tls.full = io == IO_WANT_WRITE;
    return io == IO_DONE ? (int)put : held_up(tunnel, bio, io);
}

BIO_METHOD *tls_tunnel_wire_new(void)
{
    return tls_wire_make("panne tunnel", wire_read, wire_write);
}

static struct tunnel *tunnel_of(struct transport *transport)
{
    return (struct tunnel *)transport;
}

/* Both say it: whoever looks at the carrying connection alone sees the end, too. */
static enum io end(struct transport *transport)
{
    struct tunnel *tunnel = tunnel_of(transport);

    if (!tunnel->said_end && tls_say_end(&tunnel->tls) == IO_WANT_WRITE)
        return IO_WANT_WRITE;
    tunnel->said_end = true;
    return tunnel->below->ops->end(tunnel->below);
}

static bool holds_bytes(const struct transport *transport)
{
    const struct tunnel *tunnel = (const struct tunnel *)transport;

    return tunnel->tls.holds || tunnel->below->ops->holds_bytes(tunnel->below);
}

static void free_tunnel(struct transport *transport, bool reset)
{
    struct tunnel *tunnel = tunnel_of(transport);

    tls_clear(&tunnel->tls);
    transport_free(tunnel->below, reset);
    free(tunnel);
}

static const struct transport_ops tunnel_ops = {
    .name = "tls in tls",
    .handshake = tls_handshake,
    .read = tls_read,
    .write = tls_write,
    .end = end,
    .holds_bytes = holds_bytes,
    .free = free_tunnel,
};

struct tls *tls_tunnel_new(const struct tls_context *context, BIO_METHOD *wire,
                           struct transport *below)
{
    struct tunnel *tunnel = memory_take(sizeof *tunnel);

    assert(transport_is_tls(below));
    tls_start(&tunnel->tls, &tunnel_ops, context, wire, below->fd);
    tunnel->below = below;
    SSL_set_max_send_fragment(tunnel->tls.ssl, FRAGMENT);
    return &tunnel->tls;
}

const struct transport *tls_below(const struct transport *transport)
{
    return transport->ops == &tunnel_ops ? ((const struct tunnel *)transport)->below : NULL;
}
