/* writer: a head and labelled chunks become a message with framing of our own. */
#include <assert.h>

#include "http/codec.h"
#include "http/malformed.h"
#include "http/pen.h"

/* Of chunks that are mostly framing, so many bytes wait at most, and one chunk; and content of a
 * few bytes is copied. */
enum { STORM_AHEAD = 32768, COPIED_MOST = 256 };

static bool takes_content(struct text method)
{
    static const struct text methods[] = { TEXT("POST"), TEXT("PUT"), TEXT("PATCH") };

    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        if (text_equal(method, methods[i]))
            return true;
    }
    return false;
}

/* Without a body, an answer to HEAD and 304 say how long another answer's would be; a request and
 * other answers may only say none. */
static bool keeps_length(const struct head *head, enum framing framing, uint64_t content_length)
{
    struct text field = head_get(head, HEAD_CONTENT_LENGTH);
    uint64_t length;

    if (text_is_empty(field))
        return false;
    if (framing == FRAMING_LENGTH && head->framing == FRAMING_LENGTH)
        return head->content_length == content_length; /* read from there */
    if (!text_to_u64(field, &length))
        return false;
    if (framing == FRAMING_LENGTH)
        return length == content_length;
    if (framing != FRAMING_NONE)
        return false;
    if (head->kind == HEAD_RESPONSE && head->bodiless)
        return head->status >= 200 && head->status != 204;
    return length == 0;
}

/* Whether a message without a body has to say so, or, in a made-up answer to HEAD, how long it
 * would be. */
static bool says_length(const struct head *head)
{
    if (head->kind == HEAD_REQUEST)
        return takes_content(head->method);
    return !head->bodiless && head->status >= 200 && head->status != 204 && head->status != 304;
}

/* A HEAD answer may tell that the GET answer would be chunked. */
static bool tells_of_chunks(const struct head *head)
{
    return head->kind == HEAD_RESPONSE && head->bodiless && head->status >= 200 &&
           head->status != 204 && head->first[HEAD_TRANSFER_ENCODING] != 0;
}

static void write_length(struct pen *pen, uint64_t length)
{
    PEN_ADD_LITERAL(pen, "Content-Length: ");
    pen_add_decimal(pen, length);
    PEN_ADD_LITERAL(pen, "\r\n");
}

static void write_framing(const struct head *head, enum framing framing, uint64_t content_length,
                          struct pen *pen)
{
    switch (framing) {
    case FRAMING_LENGTH:
        write_length(pen, content_length);
        break;
    case FRAMING_CHUNKED:
        PEN_ADD_LITERAL(pen, "Transfer-Encoding: chunked\r\n");
        break;
    case FRAMING_NONE:
        if (says_length(head))
            write_length(pen, head->kind == HEAD_RESPONSE ? content_length : 0);
        else if (tells_of_chunks(head))
            PEN_ADD_LITERAL(pen, "Transfer-Encoding: chunked\r\n");
        break;
    case FRAMING_CLOSE:
    case FRAMING_TUNNEL:
        break;
    }
}

static inline void write_head(const struct head *head, struct text target, enum framing framing,
                              uint64_t content_length, struct text connection, struct queue *out,
                              usec now)
{
    bool keep_length = keeps_length(head, framing, content_length);
    struct pen pen;

    pen.out = out;
    pen.now = now;
    pen.length = 0;
    head_write(head, target, keep_length, &pen);
    if (!keep_length)
        write_framing(head, framing, content_length, &pen);
    if (connection.length > 0) {
        PEN_ADD_LITERAL(&pen, "Connection: ");
        pen_add_text(&pen, connection);
        PEN_ADD_LITERAL(&pen, "\r\n");
    }
    PEN_ADD_LITERAL(&pen, "\r\n");
    pen_flush(&pen);
}

/* What is to be wrong is made of what would be right. */
static void write_malformed(struct writer *writer, const struct head *head, struct text target,
                            enum framing framing, uint64_t content_length, struct text connection,
                            struct queue *out, usec now)
{
    struct malformation *malformation = writer->malformation;
    struct queue plain;

    queue_init(&plain, out->pool, out->budget);
    writer->malformation = NULL;
    writer_head(writer, head, target, framing, content_length, connection, &plain, now);
    writer->malformation = malformation;
    malformed_head(writer, &plain, out, now);
}

void writer_head(struct writer *writer, const struct head *head, struct text target,
                 enum framing framing, uint64_t content_length, struct text connection,
                 struct queue *out, usec now)
{
    if (writer->malformation) {
        write_malformed(writer, head, target, framing, content_length, connection, out, now);
        return;
    }
    *writer = (struct writer){ .framing = framing, .trailers = writer->trailers };
    if (framing == FRAMING_LENGTH)
        writer->left = content_length;
    write_head(head, target, framing, content_length, connection, out, now);
}

static void put_text(struct queue *out, const char *at, size_t length, usec now)
{
    queue_put_copy(out, at, length, PART_WIRE, now);
}

static void put_mark(struct writer *writer, enum chunk_kind kind, struct queue *out, usec now)
{
    writer->ended = true;
    queue_put_mark(out, kind, now);
}

static void pass(struct writer *writer, struct chunk *chunk, struct queue *out, usec now)
{
    writer->body_bytes += chunk->length;
    chunk->part = PART_WIRE;
    queue_put(out, chunk, now);
}

static void drop_front(struct queue *in)
{
    chunk_free(in->pool, queue_take(in));
}

static bool is_content(const struct chunk *chunk)
{
    return chunk && (chunk->kind == CHUNK_BYTES || chunk->kind == CHUNK_PIPE) &&
           chunk->part != PART_TRAILER;
}

static void write_size_line(struct writer *writer, uint64_t size, struct queue *out, usec now)
{
    struct pen pen;

    if (writer->malformation && malformed_size_line(writer, out, now))
        return;
    pen.out = out;
    pen.now = now;
    pen.length = 0;
    pen_add_hex(&pen, size);
    PEN_ADD_LITERAL(&pen, "\r\n");
    pen_flush(&pen);
}

/* All content up to the next boundary, end or trailer section, as one chunk. */
static void write_chunk(struct writer *writer, struct queue *in, struct queue *out, usec now)
{
    uint64_t sum = 0;

    for (const struct chunk *chunk = queue_front(in); is_content(chunk); chunk = chunk->next)
        sum += chunk->length;
    if (sum > 0)
        write_size_line(writer, sum, out, now);
    while (is_content(queue_front(in)))
        pass(writer, queue_take(in), out, now);
    if (sum > 0)
        put_text(out, "\r\n", 2, now);
}

/* Such chunks are mostly framing: more of them would take more memory than the body did. */
static bool is_ahead(const struct writer *writer, const struct queue *out)
{
    return writer->chunking.count > 0 && out->bytes >= STORM_AHEAD;
}

static void add_content(struct writer *writer, size_t length, struct queue *in, struct pen *pen)
{
    const struct chunk *front = queue_front(in);

    if (length <= COPIED_MOST && front->kind == CHUNK_BYTES) {
        pen_add(pen, (const char *)front->start, length);
        writer->body_bytes += length;
        queue_drop(in, length);
        return;
    }
    pen_flush(pen);
    pass(writer, queue_take_up_to(in, length), pen->out, pen->now);
}

/* Chunks as `chunking` wants them, as many as may be. */
static void write_storm(struct writer *writer, struct queue *in, struct queue *out, usec now)
{
    struct chunking *chunking = &writer->chunking;
    struct pen pen;

    pen.out = out;
    pen.now = now;
    pen.length = 0;
    while (chunking->count > 0 && is_content(queue_front(in)) && out->bytes < STORM_AHEAD) {
        const struct chunk *front = queue_front(in);
        size_t length = front->length;

        if (chunking->size > 0 && chunking->size < length && front->kind == CHUNK_BYTES)
            length = (size_t)chunking->size;
        chunking->count--;
        ++*chunking->made;
        pen_add_hex(&pen, length);
        pen_add_text(&pen, chunking->extension);
        PEN_ADD_LITERAL(&pen, "\r\n");
        add_content(writer, length, in, &pen);
        PEN_ADD_LITERAL(&pen, "\r\n");
    }
    pen_flush(&pen);
}

/* What is beyond the promise is dropped; of a pipe nothing can be cut off. */
static void write_counted(struct writer *writer, struct queue *in, struct queue *out, usec now)
{
    const struct chunk *front = queue_front(in);
    struct chunk *chunk;

    if (front->length > writer->left) {
        writer->broken = true;
        if (front->kind == CHUNK_PIPE || writer->left == 0) {
            drop_front(in);
            return;
        }
    }
    chunk = queue_take_up_to(in, (size_t)writer->left);
    writer->left -= chunk->length;
    pass(writer, chunk, out, now);
}

static void write_content(struct writer *writer, struct queue *in, struct queue *out, usec now)
{
    switch (writer->framing) {
    case FRAMING_NONE:
        drop_front(in);
        break;
    case FRAMING_LENGTH:
        write_counted(writer, in, out, now);
        break;
    case FRAMING_CHUNKED:
        if (!writer->in_trailer) {
            if (writer->chunking.count > 0)
                write_storm(writer, in, out, now);
            else
                write_chunk(writer, in, out, now);
            break;
        }
        writer->broken = true;
        drop_front(in);
        break;
    case FRAMING_CLOSE:
    case FRAMING_TUNNEL:
        pass(writer, queue_take(in), out, now);
        break;
    }
}

static bool lacks_end(const struct writer *writer)
{
    return writer->malformation && malformed_lacks_end(writer);
}

static void write_trailer(struct writer *writer, struct queue *in, struct queue *out, usec now)
{
    struct chunk *chunk = queue_take(in);

    if (writer->framing != FRAMING_CHUNKED || !writer->trailers || lacks_end(writer)) {
        chunk_free(in->pool, chunk);
        return;
    }
    if (!writer->in_trailer)
        write_size_line(writer, 0, out, now);
    writer->in_trailer = true;
    chunk->part = PART_WIRE;
    queue_put(out, chunk, now);
}

static void write_end(struct writer *writer, struct queue *out, usec now)
{
    switch (writer->framing) {
    case FRAMING_LENGTH:
        if (writer->left > 0) {
            writer->broken = true;
            put_mark(writer, CHUNK_CUT, out, now);
        }
        break;
    case FRAMING_CHUNKED:
        if (lacks_end(writer)) {
            malformed_cut(writer, out, now);
            return;
        }
        if (!writer->in_trailer)
            write_size_line(writer, 0, out, now);
        put_text(out, "\r\n", 2, now);
        break;
    case FRAMING_CLOSE:
    case FRAMING_TUNNEL:
        put_mark(writer, CHUNK_END, out, now);
        break;
    case FRAMING_NONE:
        break;
    }
    writer->ended = true;
    if (writer->malformation)
        malformed_behind(writer, out, now);
}

static void write_mark(struct writer *writer, struct queue *in, struct queue *out, usec now)
{
    struct chunk *chunk = queue_take(in);
    enum chunk_kind kind = chunk->kind;

    chunk_free(in->pool, chunk);
    switch (kind) {
    case CHUNK_BOUNDARY:
        queue_put_mark(out, kind, now);
        break;
    case CHUNK_END:
        write_end(writer, out, now);
        break;
    default:
        writer->broken = true;
        put_mark(writer, kind, out, now);
        break;
    }
}

void writer_body(struct writer *writer, struct queue *in, struct queue *out, usec now)
{
    const struct chunk *front;

    assert(in != out);
    while (!writer->ended && !is_ahead(writer, out) && (front = queue_front(in))) {
        if (is_content(front))
            write_content(writer, in, out, now);
        else if (front->kind == CHUNK_BYTES || front->kind == CHUNK_PIPE)
            write_trailer(writer, in, out, now);
        else
            write_mark(writer, in, out, now);
    }
    if (writer->ended)
        queue_clear(in);
}
