/* relay: bytes both ways between client and origin, through readers, filters and writers. */
#include "serve/parts.h"

/* Reads in one turn, so that one busy session leaves room for others. */
#define READS_A_TURN 16
/* Bodies with less than this to go are copied: a pipe costs more than it saves. */
#define SPLICE_LEAST (64 * 1024u)

/* One way: where bytes come from, by whom they are read, where they go. */
struct way {
    struct connection *from, *to;
    struct reader *reader;
    struct direction *direction;
    struct budget *budget;
};

static struct way way_up(struct exchange *exchange)
{
    struct session *session = exchange->session;

    return (struct way){ &session->client, exchange->origin ? &exchange->origin->connection : NULL,
                         &session->reader, &exchange->up, &session->up };
}

static struct way way_down(struct exchange *exchange)
{
    struct session *session = exchange->session;

    return (struct way){ exchange->origin ? &exchange->origin->connection : NULL, &session->client,
                         &exchange->answer_reader, &exchange->down, &session->down };
}

/* Nobody looks at the bytes, and there are many: the kernel may move them. */
static bool can_splice(const struct way *way)
{
    return way->to && way->from->transport->can_splice && way->to->transport->can_splice &&
           way->from->input == NULL && pipeline_is_bare(&way->direction->pipeline) &&
           way->direction->writer.framing != FRAMING_CHUNKED &&
           reader_splice_room(way->reader) >= SPLICE_LEAST;
}

static bool take_pipe(const struct way *way)
{
    struct direction *direction = way->direction;

    if (!direction->pipe)
        direction->pipe = pipe_take(way->from->pool);
    return direction->pipe != NULL;
}

enum pulled { PULLED_NOTHING, PULLED_BYTES, PULLED_END };

static enum pulled finish_pull(const struct way *way, usec now)
{
    struct queue *in = pipeline_in(&way->direction->pipeline);

    if (way->from->broken) {
        queue_put_mark(in, CHUNK_RESET, now);
        return PULLED_END;
    }
    if (!way->from->read_ended)
        return PULLED_NOTHING;
    if (reader_end(way->reader, in, now) != READ_MORE)
        return PULLED_END;
    return PULLED_NOTHING;
}

static enum pulled splice_once(const struct way *way, usec now)
{
    struct pipe_pair *pipe = way->direction->pipe;
    struct queue *in = pipeline_in(&way->direction->pipeline);
    struct chunk *chunk;
    size_t got;

    if (pipe->held > 0)
        return PULLED_NOTHING;
    if (!connection_splice(way->from, pipe, reader_splice_room(way->reader), &got))
        return finish_pull(way, now);
    if (got == 0)
        return finish_pull(way, now);
    chunk = chunk_new(way->from->pool, CHUNK_PIPE);
    chunk->pipe = pipe_share(pipe);
    chunk->length = got;
    chunk->part = way->reader->state == READER_TUNNEL ? PART_TUNNEL : PART_BODY;
    queue_put(in, chunk, now);
    return reader_spliced(way->reader, got, in, now) == READ_MORE ? PULLED_BYTES : PULLED_END;
}

static enum pulled pull_once(const struct way *way, usec now)
{
    struct connection *from = way->from;
    enum read_result result;
    size_t used = 0;

    if (can_splice(way) && take_pipe(way))
        return splice_once(way, now);
    if (!from->input && !from->read_ended && !from->broken && !connection_fill(from))
        return PULLED_NOTHING;
    if (!from->input)
        return finish_pull(way, now);
    result = reader_take(way->reader, from->input, from->input->bytes + from->input_start,
                         from->input_end - from->input_start,
                         pipeline_in(&way->direction->pipeline), now, &used);
    connection_use(from, used);
    return result == READ_MORE ? PULLED_BYTES : PULLED_END;
}

/* True if anything came; `*ended` if the message, or the stream, ends here. */
static bool pull(const struct way *way, bool *ended, usec now)
{
    bool moved = false;

    for (int reads = 0; reads < READS_A_TURN && budget_has_room(way->budget); reads++) {
        enum pulled pulled = pull_once(way, now);

        if (pulled == PULLED_NOTHING)
            break;
        moved = true;
        if (pulled == PULLED_END) {
            *ended = true;
            break;
        }
    }
    return moved;
}

/* From the filters' far end to the wire. */
static bool push(const struct way *way, usec now)
{
    struct direction *direction = way->direction;

    if (!pipeline_is_bare(&direction->pipeline))
        direction->wake = pipeline_run(&direction->pipeline, now);
    if (!queue_is_empty(&direction->pipeline.out))
        writer_body(&direction->writer, &direction->pipeline.out, &way->to->out, now);
    return connection_flush(way->to);
}

bool relay_pulls_request(const struct exchange *exchange)
{
    const struct origin *origin = exchange->origin;

    if (exchange->request_read || exchange->state == EXCHANGE_CLOSING)
        return false;
    if (exchange->drains)
        return true;
    return exchange->up.begun && origin && !origin->connection.write_broken &&
           !origin->connection.broken;
}

static bool forget_request(struct exchange *exchange, usec now)
{
    struct way way = way_up(exchange);
    bool moved = !exchange->request_read && pull(&way, &exchange->request_read, now);

    queue_clear(pipeline_in(&exchange->up.pipeline));
    if (exchange->session->reader.body_bytes > DRAIN_MOST)
        exchange->close_client = true;
    return moved;
}

static bool move_request(struct exchange *exchange, usec now)
{
    struct way way = way_up(exchange);
    bool moved;

    if (exchange->drains)
        return forget_request(exchange, now);
    if (!exchange->origin || !exchange->up.begun)
        return false;
    moved = relay_pulls_request(exchange) && pull(&way, &exchange->request_read, now);
    return push(&way, now) || moved;
}

/* Where nothing but the end of the connection ends a body, a cut must not look like that. */
static void mark_cut(const struct exchange *exchange, const struct way *way)
{
    struct chunk *last = pipeline_in(&way->direction->pipeline)->last;

    if (!last || !exchange_ends_by_close(exchange))
        return;
    if (last->kind == CHUNK_CUT || (last->kind == CHUNK_END && way->from->cut))
        last->kind = CHUNK_RESET;
}

/* The rest of the request cannot come any more, or cannot be told from what is behind it. */
static bool request_is_lost(const struct exchange *exchange)
{
    const struct session *session = exchange->session;

    return session->reader.state == READER_WRONG ||
           (session->client.broken && !session->client.reset && !reader_is_done(&session->reader));
}

/* True if that was the end of it, and not of a request whose answer has begun already. */
static bool fail_request(struct exchange *exchange, usec now)
{
    const struct connection *client = &exchange->session->client;
    const struct reader *reader = &exchange->session->reader;

    exchange->close_client = true;
    if (exchange->head_ready)
        return false;
    exchange_drop_origin(exchange, false);
    if (client->read_ended || client->broken)
        exchange_end(exchange, "client-left", reader->complaint);
    else
        exchange_refuse(exchange, reader->status, reader->complaint, now);
    return true;
}

bool relay_gather_request(struct exchange *exchange, size_t most, usec now)
{
    const struct queue *here = pipeline_in(&exchange->up.pipeline);
    struct way way = way_up(exchange);

    while (!exchange->request_read && here->bytes < most) {
        if (!pull(&way, &exchange->request_read, now))
            break;
        exchange->moved = now;
    }
    if (request_is_lost(exchange))
        return fail_request(exchange, now);
    return exchange->request_read || here->bytes >= most;
}

static bool pull_answer(struct exchange *exchange, const struct way *way, usec now)
{
    bool ended = false;
    bool moved;

    if (!way->from || exchange->answer_read)
        return false;
    moved = pull(way, &ended, now);
    if (ended)
        mark_cut(exchange, way);
    exchange->answer_read = ended || reader_is_done(way->reader);
    return moved;
}

static bool move_answer(struct exchange *exchange, usec now)
{
    struct way way = way_down(exchange);
    bool moved = pull_answer(exchange, &way, now);

    return push(&way, now) || moved;
}

/* Nothing of the body is wanted now; once there is some, no more is waited for. */
static void look_at_origin(struct exchange *exchange)
{
    if (exchange->origin && !exchange->origin->connection.input)
        connection_fill(&exchange->origin->connection);
}

/* What the plan wants to go before the head. True if that is done. */
static bool prepare_answer(struct exchange *exchange, bool *moved, usec now)
{
    struct way way = way_down(exchange);

    *moved = exchange_storm(exchange, now) || *moved;
    if (!exchange_storm_is_over(exchange)) {
        connection_flush(&exchange->session->client);
        look_at_origin(exchange);
        return false;
    }
    if (exchange->answer_plan->hold == 0)
        return true;
    exchange_open_body(exchange, now);
    *moved = pull_answer(exchange, &way, now) || *moved;
    return !exchange_holds_head(exchange, now);
}

static bool begin_when_due(struct exchange *exchange, bool *moved, usec now)
{
    if (exchange->down.begun)
        return true;
    if (now >= exchange->answer_due) {
        exchange_settle_answer_delay(exchange, now);
        if (exchange->answer_plan && !prepare_answer(exchange, moved, now))
            return false;
        exchange_begin_answer(exchange, now);
        return true;
    }
    look_at_origin(exchange);
    return false;
}

bool relay_turn(struct exchange *exchange, usec now)
{
    bool moved = move_request(exchange, now);
    bool begins = !exchange->down.begun;

    if (request_is_lost(exchange) && fail_request(exchange, now))
        moved = true;
    if (exchange->state != EXCHANGE_RELAY)
        return moved;
    if (!exchange->down.begun) /* interim answers */
        moved = connection_flush(&exchange->session->client) || moved;
    if (!exchange->head_ready) {
        if (!exchange->origin || !budget_has_room(&exchange->session->down) ||
            !relay_read_head(exchange, now))
            return moved;
        moved = true;
    }
    /* A failure may have come of it. */
    if (!exchange->head_ready || exchange->state != EXCHANGE_RELAY ||
        exchange_resets_at_head(exchange) || !begin_when_due(exchange, &moved, now))
        return moved;
    /* What begins may have opened the other way, too, for bytes that are here already. */
    return move_answer(exchange, now) || moved || begins;
}

bool relay_is_done(const struct exchange *exchange)
{
    const struct session *session = exchange->session;

    if (!exchange->down.writer.ended || !connection_is_flushed(&session->client))
        return false;
    if (exchange->tunnel && !exchange->made)
        return exchange->down.writer.broken || exchange->origin->connection.write_broken ||
               (exchange->up.writer.ended && connection_is_flushed(&exchange->origin->connection));
    return exchange->down.writer.broken || exchange->close_client || !relay_pulls_request(exchange);
}
