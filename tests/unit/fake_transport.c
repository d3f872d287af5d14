/* fake_transport: a transport that fails, blocks, ends or resets at any byte, on either side. */
#include "fake_transport.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"

static struct fake_transport *fake_of(const struct transport *transport)
{
    return CONTAINER_OF(transport, struct fake_transport, transport);
}

static bool side_has_stopped(const struct fake_side *side)
{
    return side->stops && side->moved >= side->at;
}

/* How many of `wanted` bytes a call moves. */
static size_t side_move(struct fake_side *side, size_t wanted)
{
    size_t most = side->stops ? side->at - side->moved : wanted;

    if (side->step > 0 && most > side->step)
        most = side->step;
    if (most > wanted)
        most = wanted;
    side->moved += most;
    return most;
}

static void empty(int fd)
{
    char bytes[4096];

    while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        ;
}

static void fill(int fd)
{
    static const char bytes[4096];

    while (send(fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
        ;
}

static bool would_read(const struct fake_transport *fake)
{
    if (side_has_stopped(&fake->reading))
        return fake->reading.how != IO_WANT_READ && fake->reading.how != IO_WANT_WRITE;
    return fake->reading.moved < fake->length && !fake->holds;
}

void fake_transport_update(struct fake_transport *fake)
{
    empty(fake->transport.fd);
    if (would_read(fake))
        (void)!send(fake->peer, "!", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    empty(fake->peer);
    if (side_has_stopped(&fake->writing) && fake->writing.how == IO_WANT_WRITE)
        fill(fake->transport.fd);
}

static enum io fake_handshake(struct transport *transport)
{
    struct fake_transport *fake = fake_of(transport);

    fake->handshakes++;
    return fake->handshake;
}

static enum io stop(struct transport *transport, enum io how)
{
    if (how == IO_FAILED || how == IO_RESET)
        transport->complaint = "the fake was told to break";
    return how;
}

static enum io fake_read(struct transport *transport, void *bytes, size_t room, size_t *got)
{
    struct fake_transport *fake = fake_of(transport);
    struct fake_side *side = &fake->reading;
    size_t start = side->moved;
    size_t left = fake->length - start;

    side->calls++;
    *got = 0;
    if (side_has_stopped(side))
        return stop(transport, side->how);
    *got = side_move(side, left < room ? left : room);
    memcpy(bytes, fake->bytes + start, *got);
    transport->drained = side->moved == fake->length && !side_has_stopped(side);
    fake_transport_update(fake);
    return *got > 0 ? IO_DONE : IO_WANT_READ;
}

static enum io fake_write(struct transport *transport, const struct iovec *parts, int count,
                          size_t *put)
{
    struct fake_transport *fake = fake_of(transport);
    struct fake_side *side = &fake->writing;

    side->calls++;
    *put = 0;
    if (side_has_stopped(side))
        return stop(transport, side->how);
    for (int i = 0; i < count; i++) {
        size_t piece;

        if (side->step > 0 && *put >= side->step)
            break;
        piece = side_move(side, parts[i].iov_len);
        buffer_add(&fake->written, parts[i].iov_base, piece);
        *put += piece;
    }
    if (fake->marks)
        buffer_add_byte(&fake->written, '|');
    fake_transport_update(fake);
    return IO_DONE;
}

static enum io fake_end(struct transport *transport)
{
    struct fake_transport *fake = fake_of(transport);

    fake->ends++;
    return fake->end;
}

static bool fake_holds_bytes(const struct transport *transport)
{
    const struct fake_transport *fake = fake_of(transport);

    return fake->holds && !side_has_stopped(&fake->reading) && fake->reading.moved < fake->length;
}

static void fake_free(struct transport *transport, bool reset)
{
    struct fake_transport *fake = fake_of(transport);

    assert_false(fake->freed);
    fake->freed = true;
    fake->reset = reset;
    close(transport->fd);
}

static const struct transport_ops fake_ops = {
    .name = "fake",
    .handshake = fake_handshake,
    .read = fake_read,
    .write = fake_write,
    .end = fake_end,
    .holds_bytes = fake_holds_bytes,
    .free = fake_free,
};

struct fake_transport *fake_transport_new(const char *bytes, size_t length)
{
    struct fake_transport *fake = memory_take(sizeof(*fake));
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    fake->transport.ops = &fake_ops;
    fake->transport.fd = ends[0];
    fake->peer = ends[1];
    fake->bytes = bytes;
    fake->length = length;
    fake_transport_update(fake);
    return fake;
}

void fake_transport_delete(struct fake_transport *fake)
{
    assert_true(fake->freed);
    close(fake->peer);
    buffer_free(&fake->written);
    free(fake);
}
