/* tls_wire: the socket as OpenSSL sees it, with no system call that is known to be for nothing. */
#include "net/tls_private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/arena.h"

#define KEPT_AT_ONCE 4096u

static int take_seen(struct tls *tls, char *out, size_t room)
{
    size_t length = tls->seen_length - tls->seen_at;

    if (length > room)
        length = room;
    memcpy(out, tls->seen + tls->seen_at, length);
    tls->seen_at += length;
    if (!tls_wire_has_seen(tls)) {
        free(tls->seen);
        tls->seen = NULL;
        tls->seen_at = tls->seen_length = 0;
    }
    return (int)length;
}

ssize_t tls_wire_take(struct tls *tls, void *out, size_t room)
{
    ssize_t got = 0;

    do
        got = recv(tls->transport.fd, out, room, 0);
    while (got < 0 && errno == EINTR);
    if (got == 0 && tls->wire == WIRE_OPEN)
        tls->wire = WIRE_ENDED;
    else if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
        tls->wire = WIRE_RESET; /* and so it stays: the next recv would give 0 */
    return got;
}

void tls_wire_keep(struct tls *tls, size_t most)
{
    ssize_t got = 1;

    while (got > 0 && tls->seen_length < most) {
        size_t room =
            most - tls->seen_length < KEPT_AT_ONCE ? most - tls->seen_length : KEPT_AT_ONCE;

        tls->seen = memory_grow(tls->seen, tls->seen_length + room);
        got = tls_wire_take(tls, tls->seen + tls->seen_length, room);
        if (got > 0)
            tls->seen_length += (size_t)got;
    }
}

static int wire_read(BIO *bio, char *out, int room)
{
    struct tls *tls = BIO_get_data(bio);
    ssize_t got = 0;

    BIO_clear_retry_flags(bio);
    if (room <= 0)
        return 0;
    if (tls->trouble && tls_trouble_keeps_out(tls)) {
        BIO_set_retry_read(bio);
        return -1;
    }
    if (tls_wire_has_seen(tls))
        return take_seen(tls, out, (size_t)room);
    if (tls->dry) {
        BIO_set_retry_read(bio);
        return -1;
    }
    got = tls_wire_take(tls, out, (size_t)room);
    tls->dry = got < room;
    if (got < 0 && tls->wire != WIRE_RESET)
        BIO_set_retry_read(bio);
    return (int)got;
}

static int wire_write(BIO *bio, const char *bytes, int length)
{
    struct tls *tls = BIO_get_data(bio);
    ssize_t put = 0;
    size_t let_out = (size_t)length;

    BIO_clear_retry_flags(bio);
    if (length <= 0)
        return 0;
    if (tls->trouble)
        let_out = tls_trouble_lets_out(tls, bytes, let_out);
    if (tls->full || let_out == 0) {
        BIO_set_retry_write(bio);
        return -1;
    }
    do
        put = send(tls->transport.fd, bytes, let_out, MSG_NOSIGNAL);
    while (put < 0 && errno == EINTR);
    tls->full = put < (ssize_t)let_out;
    if (tls->trouble && put > 0)
        tls_trouble_sent(tls, (size_t)put);
    if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        BIO_set_retry_write(bio);
    else if (put < 0)
        tls->wire = WIRE_RESET;
    return (int)put;
}

/* The end of the stream is deliberately not told by BIO_CTRL_EOF: OpenSSL would then break the
 * connection for writing, too, where the peer may only have closed its half. */
static long wire_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

static int wire_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

/* The transport owns what lies behind. */
static int wire_destroy(BIO *bio)
{
    return bio != NULL;
}

BIO_METHOD *tls_wire_make(const char *name, int (*read)(BIO *bio, char *out, int room),
                          int (*write)(BIO *bio, const char *bytes, int length))
{
    BIO_METHOD *wire = BIO_meth_new(BIO_TYPE_SOURCE_SINK, name);

    if (wire && BIO_meth_set_read(wire, read) == 1 && BIO_meth_set_write(wire, write) == 1 &&
        BIO_meth_set_ctrl(wire, wire_control) == 1 && BIO_meth_set_create(wire, wire_create) == 1 &&
        BIO_meth_set_destroy(wire, wire_destroy) == 1)
        return wire;
    BIO_meth_free(wire);
    return NULL;
}

BIO_METHOD *tls_wire_new(void)
{
    return tls_wire_make("panne wire", wire_read, wire_write);
}
