/* transport: how queues leave through a transport, and how bytes pass through pipes. */
#include "net/transport.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One write of at most so many chunks. */
enum { PARTS_MOST = 64 };

/* From one end to the other; the count in *moved, or what kept it. 0 bytes moved is an end. */
static enum io splice_bytes(struct transport *transport, int from, int to, size_t room,
                            enum io later, size_t *moved)
{
    ssize_t count;

    do
        count = splice(from, NULL, to, NULL, room, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    while (count < 0 && errno == EINTR);

    *moved = count > 0 ? (size_t)count : 0;
    if (count > 0)
        return IO_DONE;
    if (count == 0)
        return IO_END;
    if (errno == EAGAIN)
        return later;
    transport->complaint = strerrordesc_np(errno);
    return IO_RESET;
}

static enum io write_bytes(struct transport *transport, const struct queue *queue, size_t *put,
                           size_t *offered)
{
    struct iovec parts[PARTS_MOST];
    const struct chunk *chunk = queue_front(queue);
    int count = 0;

    *offered = 0;
    for (; chunk && chunk->kind == CHUNK_BYTES && count < PARTS_MOST; chunk = chunk->next) {
        parts[count].iov_base = chunk->start;
        parts[count].iov_len = chunk->length;
        *offered += chunk->length;
        count++;
    }
    return transport->ops->write(transport, parts, count, put);
}

static enum io write_pipe(struct transport *transport, const struct queue *queue, size_t *put,
                          size_t *offered)
{
    const struct chunk *chunk = queue_front(queue);
    struct pipe_pair *pipe = chunk->pipe;
    enum io io;

    assert(transport->can_splice);
    *offered = chunk->length;
    io = splice_bytes(transport, pipe->out, transport->fd, chunk->length, IO_WANT_WRITE, put);
    pipe->held -= *put;
    return io;
}

enum io transport_flush(struct transport *transport, struct queue *queue, size_t *put)
{
    struct chunk *front;

    *put = 0;
    while ((front = queue_front(queue)) && !chunk_is_final(front)) {
        size_t went = 0, offered = 0;
        enum chunk_kind kind = (enum chunk_kind)front->kind;
        enum io io;

        if (front->length == 0) {
            chunk_free(queue->pool, queue_take(queue));
            continue;
        }
        if (kind == CHUNK_PIPE)
            io = write_pipe(transport, queue, &went, &offered);
        else
            io = write_bytes(transport, queue, &went, &offered);
        if (io != IO_DONE)
            return io;
        queue_drop(queue, went);
        *put += went;
        /* A plain socket that takes less than it is offered is full, and asking again would tell
         * just that. TLS takes a record at a time. */
        if (went == 0 || (went < offered && transport->can_splice && kind == CHUNK_BYTES))
            return IO_WANT_WRITE;
    }
    return IO_DONE;
}

enum io transport_splice_in(struct transport *transport, struct pipe_pair *pipe, size_t room,
                            size_t *got)
{
    size_t most = room < pipe->room ? room : pipe->room;
    enum io io;

    assert(transport->can_splice && most > 0 && pipe->held == 0);
    io = splice_bytes(transport, transport->fd, pipe->in, most, IO_WANT_READ, got);
    pipe->held = *got;
    transport->drained = *got < most;
    return io;
}

bool transport_peer_has_left(const struct transport *transport)
{
    struct pollfd asked = { .fd = transport->fd, .events = POLLRDHUP };

    return poll(&asked, 1, 0) > 0 && (asked.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

void transport_free(struct transport *transport, bool reset)
{
    if (transport)
        transport->ops->free(transport, reset);
}
