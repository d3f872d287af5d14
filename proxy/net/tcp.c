/* tcp: the plain transport, over TCP and Unix stream sockets. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "net/transport.h"

/* What an error of the socket means. All but "later" breaks the connection. */
static enum io outcome(struct transport *transport, enum io later)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return later;
    transport->complaint = strerrordesc_np(errno);
    return IO_RESET;
}

static enum io tcp_handshake(struct transport *transport)
{
    (void)transport;
    return IO_DONE;
}

static enum io tcp_read(struct transport *transport, void *bytes, size_t room, size_t *got)
{
    ssize_t count;

    assert(room > 0);
    do
        count = recv(transport->fd, bytes, room, 0);
    while (count < 0 && errno == EINTR);

    /* Less than there is room for: the socket is empty, and asking again would tell just that. */
    transport->drained = count < (ssize_t)room;
    *got = count > 0 ? (size_t)count : 0;
    if (count > 0)
        return IO_DONE;
    return count == 0 ? IO_END : outcome(transport, IO_WANT_READ);
}

static enum io tcp_write(struct transport *transport, const struct iovec *parts, int count,
                         size_t *put)
{
    /* sendmsg only reads what the vector stands for. */
    struct msghdr message = { .msg_iov = (struct iovec *)(uintptr_t)parts,
                              .msg_iovlen = (size_t)count };
    ssize_t sent;

    do
        sent = count == 1 ? send(transport->fd, parts->iov_base, parts->iov_len, MSG_NOSIGNAL)
                          : sendmsg(transport->fd, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);

    *put = sent > 0 ? (size_t)sent : 0;
    return sent >= 0 ? IO_DONE : outcome(transport, IO_WANT_WRITE);
}

static enum io tcp_end(struct transport *transport)
{
    return shutdown(transport->fd, SHUT_WR) == 0 ? IO_DONE : outcome(transport, IO_WANT_WRITE);
}

static bool tcp_holds_bytes(const struct transport *transport)
{
    (void)transport;
    return false;
}

static void tcp_free(struct transport *transport, bool reset)
{
    struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

    if (reset)
        setsockopt(transport->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(transport->fd);
    free(transport);
}

static const struct transport_ops tcp_ops = {
    .name = "tcp",
    .handshake = tcp_handshake,
    .read = tcp_read,
    .write = tcp_write,
    .end = tcp_end,
    .holds_bytes = tcp_holds_bytes,
    .free = tcp_free,
};

struct transport *tcp_transport_new(int fd)
{
    struct transport *transport = memory_take(sizeof(*transport));

    transport->ops = &tcp_ops;
    transport->fd = fd;
    transport->can_splice = true;
    return transport;
}

int tcp_transport_take(struct transport *transport)
{
    int fd = transport->fd;

    assert(transport->ops == &tcp_ops);
    free(transport);
    return fd;
}
