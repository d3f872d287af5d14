/* message: reading and writing for the fuzz targets of heads and bodies; what must hold is checked
 * with must(). */
#ifndef PANNE_TESTS_MESSAGE_H
#define PANNE_TESTS_MESSAGE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "http/codec.h"
#include "http/h1.h"

#define must(claim)                                         \
    do {                                                    \
        if (!(claim)) {                                     \
            fprintf(stderr, "does not hold: %s\n", #claim); \
            abort();                                        \
        }                                                   \
    } while (0)

/* What one input needs, and one message read from it. */
struct message {
    struct arena arena;
    struct pool pool;
    struct budget budget;
    struct queue chunks; /* labelled, as the reader puts them */
    struct reader reader;
    struct head head;
    struct text method; /* what an answer answers */
    size_t used;        /* of the head */
    enum read_result result;
};

static inline void message_open(struct message *message, enum head_kind kind, struct text method,
                                size_t field_count)
{
    struct head_limits limits = { 32768, field_count };

    *message = (struct message){ .method = method, .budget = { 0, SIZE_MAX } };
    queue_init(&message->chunks, &message->pool, &message->budget);
    reader_start(&message->reader, kind, &limits);
}

static inline void message_close(struct message *message)
{
    reader_clear(&message->reader);
    queue_clear(&message->chunks);
    must(message->budget.held == 0);
    pool_clear(&message->pool);
    arena_clear(&message->arena);
}

/* The body behind a head, in pieces of `step`, and the end of the connection. */
static inline void message_read_body(struct message *message, struct text bytes, size_t step)
{
    struct reader *reader = &message->reader;
    size_t used;

    do {
        size_t piece = bytes.length < step ? bytes.length : step;
        struct block *block = block_take_sized(&message->pool, piece);

        if (piece > 0)
            memcpy(block->bytes, bytes.at, piece);
        message->result =
            reader_take(reader, block, block->bytes, piece, &message->chunks, 0, &used);
        must(used <= piece && (message->result != READ_MORE || used == piece));
        block_drop(&message->pool, block);
        bytes = text_from_offset(bytes, used);
    } while (message->result == READ_MORE && bytes.length > 0);
    if (message->result == READ_MORE)
        message->result = reader_end(reader, &message->chunks, 0);
    must(message->result != READ_MORE);
    must(message->chunks.last && chunk_is_final(message->chunks.last));
}

/* Bytes of one part in a row. */
static inline struct text bytes_of(struct message *message, const struct queue *queue,
                                   unsigned parts)
{
    struct buffer buffer = { 0 };
    struct text text;

    for (const struct chunk *chunk = queue_front(queue); chunk; chunk = chunk->next) {
        if (chunk->kind == CHUNK_BYTES && (chunk->part == parts || (chunk->part & parts)))
            buffer_add(&buffer, chunk->start, chunk->length);
    }
    text = arena_copy(&message->arena, buffer_text(&buffer));
    buffer_free(&buffer);
    return text;
}

static inline bool is_framing(const struct head_field *field)
{
    return field->id == HEAD_CONTENT_LENGTH || field->id == HEAD_TRANSFER_ENCODING ||
           field->id == HEAD_CONNECTION;
}

static inline size_t next_field(const struct head *head, size_t index)
{
    while (index < head->count && is_framing(&head->fields[index]))
        index++;
    return index;
}

/* No body, and one of no bytes, are the same in a request. */
static inline enum framing framing_of(const struct head *head)
{
    bool empty = head->framing == FRAMING_LENGTH && head->content_length == 0;

    return head->kind == HEAD_REQUEST && empty ? FRAMING_NONE : head->framing;
}

static inline void must_be_alike(const struct head *a, const struct head *b)
{
    size_t i = next_field(a, 0), j = next_field(b, 0);

    must(text_equal(a->method, b->method) && text_equal(a->target, b->target));
    must(a->status == b->status && text_equal(a->reason, b->reason));
    must(framing_of(a) == framing_of(b) && a->bodiless == b->bodiless);
    must(framing_of(a) != FRAMING_LENGTH || a->content_length == b->content_length);
    for (; i < a->count; i = next_field(a, i + 1), j = next_field(b, j + 1)) {
        must(j < b->count && a->fields[i].id == b->fields[j].id);
        must(text_equal(a->fields[i].name, b->fields[j].name));
        must(text_equal(a->fields[i].value, b->fields[j].value));
    }
    must(j == b->count);
}

/* A head in two pieces gets the result that it gets whole; what is wrong in the second piece may be
 * seen when the head's end is there. */
static inline void must_not_mind_a_cut(const struct message *whole, enum head_kind kind,
                                       struct text bytes, size_t cut)
{
    struct message again;

    message_open(&again, kind, whole->method, whole->reader.limits.field_count);
    again.result = reader_head(&again.reader, text_of(bytes.at, cut), again.method, &again.arena,
                               &again.head, &again.used);
    if (again.result == READ_MORE)
        again.result =
            reader_head(&again.reader, bytes, again.method, &again.arena, &again.head, &again.used);
    must(again.result == whole->result ||
         (whole->result == READ_WRONG && again.result == READ_MORE));
    must(again.result == READ_MORE || again.reader.status == whole->reader.status);
    must(again.result != READ_DONE || again.used == whole->used);
    message_close(&again);
}

/* http-parser sets a flag at the last letter of Transfer-Encoding and keeps it if more follow. */
static inline bool misleads_the_parser(const struct head *head)
{
    static const struct text prefix = TEXT("transfer-encoding");

    for (size_t i = 0; i < head->count; i++) {
        struct text name = head->fields[i].name;

        if (name.length > prefix.length &&
            text_equal_nocase(text_of(name.at, prefix.length), prefix))
            return true;
    }
    return false;
}

/* http-parser reads the same in the head of so many bytes, but for what it does not take: a
 * Content-Length said twice, and tabs. */
static inline void must_be_read_alike(const struct head *head, size_t length)
{
    const char *start = head->kind == HEAD_REQUEST ? head->method.at : head->reason.at;
    size_t lines = 0;

    if (head->kind == HEAD_RESPONSE && head->reason.length > 0)
        start -= strlen("HTTP/1.1 200 ");
    for (size_t i = 0; i < length; i++)
        lines += start[i] == '\n';
    if (lines == head->count + 2 && !memchr(start, '\t', length) && !misleads_the_parser(head))
        must(h1_agrees(text_of(start, length), head));
}

/* The message as we write it, with our framing, as one text. */
static inline struct text message_write(struct message *message)
{
    struct head *head = &message->head;
    struct queue wire;
    struct writer writer = { .trailers = true };
    struct text text;

    if (head->kind == HEAD_REQUEST && !head_has(head, HEAD_HOST))
        head_add(head, &message->arena, text_from("Host"), text_from("h"));
    queue_init(&wire, &message->pool, &message->budget);
    writer_head(&writer, head, text_from(NULL), head->framing, head->content_length,
                text_from(NULL), &wire, 0);
    writer_body(&writer, &message->chunks, &wire, 0);
    must(writer.ended && writer.broken == (message->result == READ_WRONG));
    text = bytes_of(message, &wire, PART_WIRE);
    queue_clear(&wire);
    return text;
}

/* What was read means the same once it has been written. */
static inline void must_survive_writing(struct message *message)
{
    struct text body = bytes_of(message, &message->chunks, PART_BODY | PART_TUNNEL);
    struct text trailer = bytes_of(message, &message->chunks, PART_TRAILER);
    struct text wire = message_write(message);
    struct message again;

    message_open(&again, message->head.kind, message->method, 200);
    again.result =
        reader_head(&again.reader, wire, again.method, &again.arena, &again.head, &again.used);
    must(again.result == READ_DONE);
    must_be_alike(&message->head, &again.head);
    message_read_body(&again, text_from_offset(wire, again.used), SIZE_MAX);
    must(again.result == message->result);
    must(text_equal(bytes_of(&again, &again.chunks, PART_BODY | PART_TUNNEL), body));
    must(text_equal(bytes_of(&again, &again.chunks, PART_TRAILER), trailer));
    message_close(&again);
}

/* Empty lines before it are no part of a head. */
static inline size_t empty_lines(struct text bytes)
{
    size_t length = 0;

    while (length + 2 <= bytes.length && memcmp(bytes.at + length, "\r\n", 2) == 0)
        length += 2;
    return length;
}

/* All of it, for the bytes of a connection that ends behind them. */
static inline void message_try(enum head_kind kind, struct text method, struct text bytes)
{
    struct message message;

    message_open(&message, kind, method, 100);
    message.result =
        reader_head(&message.reader, bytes, method, &message.arena, &message.head, &message.used);
    must_not_mind_a_cut(&message, kind, bytes, bytes.length / 2);
    must(message.result != READ_WRONG || (message.reader.status && message.reader.complaint));
    if (message.result == READ_DONE) {
        must_be_read_alike(&message.head, message.used - empty_lines(bytes));
        message_read_body(&message, text_from_offset(bytes, message.used), 7);
        must_survive_writing(&message);
    }
    message_close(&message);
}

#endif
