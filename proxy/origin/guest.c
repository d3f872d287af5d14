/* guest: one client of the embedded origin: reads requests, sends what the pages answer. */
#include "origin/guest.h"

#include <stdlib.h>
#include <time.h>

#include "http/gzip.h"
#include "http/status.h"
#include "http/target.h"

#define IDLE (75 * SECOND)
#define HOLDS (128 * 1024u)

static const struct head_limits limits = { 32768, 100 };

void guest_free(struct guest *guest)
{
    alarm_clear(&guest->alarm);
    deadline_clear(&guest->deadline);
    loop_forget(&guest->errand);
    pipeline_close(&guest->pipeline);
    connection_close(&guest->connection, false);
    reader_clear(&guest->reader);
    arena_clear(&guest->arena);
    list_remove(&guest->node);
    free(guest);
}

static void await_head(struct guest *guest)
{
    guest->state = GUEST_HEAD;
    pipeline_close(&guest->pipeline);
    arena_clear(&guest->arena);
    reader_start(&guest->reader, HEAD_REQUEST, &limits);
}

static void add(struct guest *guest, const char *name, struct text value)
{
    head_add(&guest->answer, &guest->arena, text_from(name), value);
}

/* The answer's head as the reply wants it. */
static void begin_send(struct guest *guest, usec now)
{
    struct reply *reply = &guest->reply;
    struct queue *out = &guest->connection.out;
    bool bodiless =
        reply->status == 204 || reply->status == 304 || text_is(guest->request.method, "HEAD");
    enum framing framing = FRAMING_CHUNKED;
    uint64_t length = reply->more ? reply->length : reply->body.length;
    char date[HTTP_DATE_SIZE];

    guest->answer = (struct head){ .kind = HEAD_RESPONSE,
                                   .major = 1,
                                   .minor = 1,
                                   .status = reply->status,
                                   .reason = status_reason(reply->status),
                                   .content_length = reply->gzip ? 0 : length };
    add(guest, "Server", text_from("panne-origin"));
    add(guest, "Date", arena_copy(&guest->arena, http_date(time(NULL), date)));
    if (reply->status != 204)
        add(guest, "Content-Type", reply->type);
    if (reply->gzip)
        add(guest, "Content-Encoding", text_from("gzip"));
    if (reply->allow.at)
        add(guest, "Allow", reply->allow);
    if (bodiless)
        framing = FRAMING_NONE;
    else if (!reply->echoes && !reply->gzip && (!reply->more || reply->length_known))
        framing = FRAMING_LENGTH;
    else if (guest->request.minor == 0)
        framing = FRAMING_CLOSE;
    guest->closes = guest->closes || framing == FRAMING_CLOSE || !guest->request.keep_alive;
    writer_head(&guest->writer, &guest->answer, text_of("", 0), framing, length,
                guest->closes ? text_from("close") : text_of("", 0), out, now);
    guest->made = bodiless;
    guest->state = GUEST_SEND;
    if (reply->gzip && !bodiless)
        pipeline_add(&guest->pipeline, &gzip_filter, NULL, PART_BODY, &guest->arena);
    if (bodiless)
        queue_put_mark(pipeline_in(&guest->pipeline), CHUNK_END, now);
}

static void begin_answer(struct guest *guest, usec now)
{
    struct ask ask = { .head = &guest->request, .arena = &guest->arena };
    struct target target;

    guest->reply = (struct reply){ 0 };
    guest->read = reader_is_done(&guest->reader);
    pipeline_init(&guest->pipeline, guest->pool, &guest->budget);
    if (target_parse(guest->request.target, guest->request.method, &target)) {
        target_split(target.path, &ask.path, &ask.query);
        pages_answer(&ask, &guest->reply);
    } else {
        guest->reply.status = 400;
        guest->closes = true;
    }
    if (guest->request.expects_continue && !guest->read)
        queue_put_copy(&guest->connection.out, "HTTP/1.1 100 Continue\r\n\r\n", 25, PART_WIRE, now);
    guest->due = now + guest->reply.delay;
    guest->state = GUEST_DELAY;
}

/* True if the state has changed. */
static bool read_head(struct guest *guest, usec now)
{
    struct connection *connection = &guest->connection;
    size_t used = 0;

    if (!connection->input && !connection_fill(connection))
        return false;
    if (!connection->input) {
        guest->state = GUEST_END;
        return true;
    }
    switch (reader_head(&guest->reader, connection_input(connection), text_of("", 0), &guest->arena,
                        &guest->request, &used)) {
    case READ_DONE:
        connection_use(connection, used);
        begin_answer(guest, now);
        return true;
    case READ_WRONG:
        guest->state = GUEST_END;
        return true;
    case READ_MORE:
        break;
    }
    if (connection_takes_more(connection, limits.head_size + 1024) && connection_fill(connection))
        return true;
    if (connection->read_ended || connection->broken)
        guest->state = GUEST_END;
    return guest->state == GUEST_END;
}

/* The request's body: into the answer where that is an echo, else forgotten. */
static bool read_body(struct guest *guest, usec now)
{
    struct connection *connection = &guest->connection;
    struct queue *in = pipeline_in(&guest->pipeline);
    bool moved = false;

    while (!guest->read && budget_has_room(&guest->budget) &&
           (connection->input || connection_fill(connection))) {
        size_t used = 0;
        enum read_result result;

        if (!connection->input) {
            guest->state = GUEST_END; /* left within its request */
            return true;
        }
        result = reader_take(&guest->reader, connection->input,
                             connection->input->bytes + connection->input_start,
                             connection->input_end - connection->input_start, in, now, &used);
        connection_use(connection, used);
        moved = true;
        guest->read = result != READ_MORE;
        guest->closes = guest->closes || result == READ_WRONG;
        if (!guest->reply.echoes)
            queue_clear(in);
    }
    return moved;
}

static void make_body(struct guest *guest, usec now)
{
    struct reply *reply = &guest->reply;
    struct queue *in = pipeline_in(&guest->pipeline);

    guest->wake = NEVER;
    if (guest->made || reply->echoes)
        return;
    if (reply->more) {
        guest->made = !reply->more(reply, in, now, &guest->wake);
    } else {
        queue_put_copy(in, reply->body.at, reply->body.length, PART_BODY, now);
        guest->made = true;
    }
    if (guest->made)
        queue_put_mark(in, CHUNK_END, now);
}

static bool send_body(struct guest *guest, usec now)
{
    struct connection *connection = &guest->connection;
    bool echoed = guest->reply.echoes && guest->read && !guest->made;

    if (echoed && guest->request.framing == FRAMING_NONE)
        queue_put_mark(pipeline_in(&guest->pipeline), CHUNK_END, now);
    guest->made = guest->made || echoed;
    make_body(guest, now);
    pipeline_run(&guest->pipeline, now);
    writer_body(&guest->writer, &guest->pipeline.out, &connection->out, now);
    return connection_flush(connection);
}

static bool is_sent(const struct guest *guest)
{
    return guest->writer.ended && connection_is_flushed(&guest->connection) && guest->read;
}

static bool turn(struct guest *guest, usec now)
{
    if (guest->connection.write_broken || guest->connection.broken) {
        guest->state = GUEST_END;
        return false;
    }
    if (guest->state == GUEST_HEAD)
        return read_head(guest, now);
    if (guest->state == GUEST_DELAY) {
        connection_flush(&guest->connection);
        if (guest->read && !guest->connection.input)
            connection_fill(&guest->connection);
        if (now < guest->due)
            return false;
        begin_send(guest, now);
    }
    if (read_body(guest, now) && guest->state == GUEST_END)
        return false;
    if (!send_body(guest, now) && !is_sent(guest))
        return false;
    if (!is_sent(guest))
        return true;
    if (guest->closes)
        guest->state = GUEST_END;
    else
        await_head(guest);
    return true;
}

static void run(void *user);

static void is_idle(void *user)
{
    guest_free(user);
}

static void wait(struct guest *guest, usec now)
{
    usec wake = guest->state == GUEST_DELAY  ? guest->due
                : guest->state == GUEST_SEND ? guest->wake
                                             : NEVER;
    bool wants = guest->state == GUEST_HEAD || guest->state == GUEST_DELAY ||
                 (!guest->read && budget_has_room(&guest->budget)) ||
                 (guest->read && !guest->connection.input);

    if (wake != NEVER)
        alarm_set(&guest->alarm, guest->loop, wake, run, guest);
    else
        alarm_clear(&guest->alarm);
    deadline_set(&guest->deadline, guest->loop, now + IDLE, is_idle, guest);
    connection_watch(&guest->connection, wants);
    if (connection_is_ready(&guest->connection, wants))
        loop_later(guest->loop, &guest->errand, run, guest);
}

static void run(void *user)
{
    struct guest *guest = user;
    usec now = loop_now();

    for (int turns = 0; turns < 16 && guest->state != GUEST_END; turns++)
        if (!turn(guest, now))
            break;
    if (guest->state == GUEST_END)
        guest_free(guest);
    else
        wait(guest, now);
}

static void is_ready(void *user, unsigned events)
{
    (void)events;
    run(user);
}

void guest_open(struct list *guests, struct loop *loop, struct pool *pool, int fd)
{
    struct guest *guest = memory_take(sizeof *guest);

    guest->loop = loop;
    guest->pool = pool;
    guest->budget.limit = HOLDS;
    guest->wake = NEVER;
    list_insert(guests, &guest->node);
    connection_open(&guest->connection, tcp_transport_new(fd), loop, pool, is_ready, guest);
    guest->connection.out.budget = &guest->budget;
    await_head(guest);
    guest->connection.readable = true;
    run(guest);
}
