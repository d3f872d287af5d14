/* connection: a transport with its watch, what it has read and nobody has used, and what waits to
 * be written. */
#include "net/connection.h"

#include <assert.h>
#include <string.h>
#include <sys/socket.h>

/* With less room behind the input than this it is moved to the front of its block. */
#define ROOM_LEAST 4096u
/* What may wait to be written, unless the owner says otherwise. */
#define OUT_LIMIT (4 * (size_t)BLOCK_SIZE)

static void on_ready(void *user, unsigned events)
{
    struct connection *connection = user;

    if (events & WATCH_READ) {
        connection->readable = true;
        if (connection->wants_read_to_write)
            connection->blocked = connection->wants_read_to_write = false;
    }
    if (events & WATCH_WRITE) {
        if (!connection->wants_read_to_write)
            connection->blocked = false;
        if (connection->wants_write_to_read) {
            connection->wants_write_to_read = false;
            connection->readable = true;
        }
    }
    connection->call(connection->user, events);
}

void connection_open(struct connection *connection, struct transport *transport, struct loop *loop,
                     struct pool *pool, void (*call)(void *user, unsigned events), void *user)
{
    *connection = (struct connection){
        .transport = transport, .call = call, .user = user, .pool = pool, .opened = loop_now()
    };
    connection->out_budget.limit = OUT_LIMIT;
    queue_init(&connection->out, pool, &connection->out_budget);
    watch_start(&connection->watch, loop, transport->fd, WATCH_READ, on_ready, connection);
}

void connection_hand_over(struct connection *connection, void (*call)(void *user, unsigned events),
                          void *user)
{
    connection->call = call;
    connection->user = user;
}

void connection_change_transport(struct connection *connection, struct transport *transport)
{
    connection->transport = transport;
}

static void drop_input(struct connection *connection)
{
    if (connection->input)
        block_drop(connection->pool, connection->input);
    connection->input = NULL;
    connection->input_start = connection->input_end = 0;
}

void connection_close(struct connection *connection, bool reset)
{
    if (!connection->transport)
        return;
    watch_stop(&connection->watch);
    queue_clear(&connection->out);
    drop_input(connection);
    transport_free(connection->transport, reset);
    connection->transport = NULL;
}

static bool input_is_full(const struct connection *connection)
{
    return connection->input && connection->input_start == 0 &&
           connection->input_end == connection->input->size;
}

static bool can_read(const struct connection *connection)
{
    return connection->transport && !connection->read_ended && !connection->broken;
}

/* Puts the input to the front of `block`, which takes the place of its own. */
static void move_input(struct connection *connection, struct block *block)
{
    uint32_t length = connection->input_end - connection->input_start;

    if (connection->input)
        memmove(block->bytes, connection->input->bytes + connection->input_start, length);
    if (connection->input && connection->input != block)
        block_drop(connection->pool, connection->input);
    connection->input = block;
    connection->input_start = 0;
    connection->input_end = length;
}

/* Room behind the input, if the block has any. */
static void make_room(struct connection *connection)
{
    struct block *input = connection->input;

    if (!input)
        connection->input = block_take(connection->pool);
    else if (connection->input_start == 0 || input->size - connection->input_end >= ROOM_LEAST)
        return;
    else if (input->references == 1)
        move_input(connection, input);
    else
        move_input(connection, block_take_sized(connection->pool, input->size));
}

/* What a read came to, but for the bytes. True if there is something to act on. */
static bool note_read(struct connection *connection, enum io io)
{
    switch (io) {
    case IO_DONE:
        if (connection->transport->drained)
            connection->readable = false;
        return true;
    case IO_WANT_READ:
        connection->readable = false;
        return false;
    case IO_WANT_WRITE:
        connection->readable = false;
        connection->wants_write_to_read = true;
        return false;
    case IO_CUT:
        connection->cut = true;
        connection->read_ended = true;
        break;
    case IO_END:
        connection->read_ended = true;
        break;
    case IO_RESET:
    case IO_FAILED:
        connection->broken = true;
        break;
    }
    connection->readable = false;
    return true;
}

bool connection_holds_bytes(const struct connection *connection)
{
    return can_read(connection) && !connection->wants_write_to_read && !input_is_full(connection) &&
           (connection->readable || connection->transport->ops->holds_bytes(connection->transport));
}

bool connection_fill(struct connection *connection)
{
    size_t got = 0;
    enum io io;

    if (!connection_is_ready(connection, true))
        return false;
    make_room(connection);
    io = transport_read(connection->transport, connection->input->bytes + connection->input_end,
                        connection->input->size - connection->input_end, &got);
    if (io == IO_DONE) {
        connection->input_end += (uint32_t)got;
        connection->bytes_in += got;
    }
    if (connection->input_start == connection->input_end)
        drop_input(connection);
    return note_read(connection, io);
}

bool connection_splice(struct connection *connection, struct pipe_pair *pipe, size_t room,
                       size_t *got)
{
    enum io io;

    *got = 0;
    assert(pipe->held == 0);
    if (room == 0 || !can_read(connection) || !connection->readable)
        return false;
    io = transport_splice_in(connection->transport, pipe, room, got);
    connection->bytes_in += *got;
    return note_read(connection, io);
}

enum io connection_handshake(struct connection *connection)
{
    enum io io = transport_handshake(connection->transport);

    if (io == IO_WANT_WRITE)
        connection->blocked = true;
    else if (io != IO_DONE)
        note_read(connection, io);
    return io;
}

void connection_use(struct connection *connection, size_t used)
{
    assert(used <= connection->input_end - connection->input_start);
    connection->input_start += (uint32_t)used;
    if (connection->input_start == connection->input_end)
        drop_input(connection);
}

bool connection_widen(struct connection *connection, size_t size)
{
    size_t present = connection->input ? connection->input->size : BLOCK_SIZE;
    size_t wider = 2 * present;

    if (present >= size)
        return false;
    move_input(connection, block_take_sized(connection->pool, wider < size ? wider : size));
    return true;
}

/* What keeps writing from going on. */
static void note_write(struct connection *connection, enum io io)
{
    switch (io) {
    case IO_DONE:
        break;
    case IO_WANT_WRITE:
        connection->blocked = true;
        break;
    case IO_WANT_READ:
        connection->blocked = connection->wants_read_to_write = true;
        break;
    case IO_END:
    case IO_CUT:
    case IO_RESET:
    case IO_FAILED:
        connection->write_broken = true;
        break;
    }
}

/* The final chunk at the front, and forgets what stands behind it. */
static void carry_out_end(struct connection *connection, enum chunk_kind kind)
{
    struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
    struct transport *transport = connection->transport;

    if (kind == CHUNK_RESET) {
        setsockopt(transport->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        connection->broken = connection->reset = true;
    } else {
        enum io io = transport->ops->end(transport);

        note_write(connection, io);
        connection->write_ended = io == IO_DONE;
    }
    if (!connection->blocked)
        queue_clear(&connection->out);
}

bool connection_flush(struct connection *connection)
{
    const struct chunk *front = queue_front(&connection->out);
    size_t put = 0;

    if (!front || !connection->transport || connection->blocked || connection->broken ||
        connection->write_broken || connection->write_ended)
        return false;
    note_write(connection, transport_flush(connection->transport, &connection->out, &put));
    connection->bytes_out += put;
    front = queue_front(&connection->out);
    if (front && chunk_is_final(front) && !connection->blocked && !connection->write_broken)
        carry_out_end(connection, (enum chunk_kind)front->kind);
    return put > 0 || connection->write_broken || connection->broken || connection->write_ended;
}

bool connection_is_flushed(const struct connection *connection)
{
    return queue_is_empty(&connection->out);
}

/* Bytes that nobody wants now are left to the poller to tell of once: pausing at once would cost
 * two system calls for each exchange, and bytes seldom come. */
static bool waits_for_read(const struct connection *connection, bool want_read)
{
    if (!can_read(connection) || connection->wants_write_to_read)
        return false;
    if (want_read)
        return !input_is_full(connection);
    return (connection->watch.events & WATCH_READ) && !connection->readable;
}

void connection_watch(struct connection *connection, bool want_read)
{
    unsigned events = 0;

    if (!connection->transport)
        return;
    if (connection->broken) {
        watch_change(&connection->watch, 0);
        return;
    }
    if (waits_for_read(connection, want_read) || connection->wants_read_to_write)
        events |= WATCH_READ;
    if ((connection->blocked && !connection->wants_read_to_write) ||
        connection->wants_write_to_read)
        events |= WATCH_WRITE;
    watch_change(&connection->watch, events);
}
