/* reader: where a message's body ends, and its bytes with a label. */
#include <assert.h>

#include "http/chunk_line.h"
#include "http/codec.h"
#include "http/trailer.h"

/* What one call has to work on. */
struct intake {
    struct block *block;
    unsigned char *start;
    size_t left;
    struct queue *out;
    usec now;
};

void reader_start(struct reader *reader, enum head_kind kind, const struct head_limits *limits)
{
    reader_clear(reader);
    *reader = (struct reader){ .state = READER_HEAD, .kind = kind, .limits = *limits };
    if (reader->limits.head_size > HEAD_SIZE_MOST)
        reader->limits.head_size = HEAD_SIZE_MOST;
    if (reader->limits.field_count > FIELD_COUNT_MOST)
        reader->limits.field_count = FIELD_COUNT_MOST;
}

void reader_clear(struct reader *reader)
{
    trailer_free(reader);
}

static void expect_chunk_line(struct reader *reader)
{
    reader->state = READER_CHUNK_SIZE;
    reader->left = 0;
    reader->line = 0;
    reader->step = 0;
}

void reader_body(struct reader *reader, enum framing framing, uint64_t content_length)
{
    reader->left = 0;
    reader->scanned = 0;
    reader->ended = false;
    switch (framing) {
    case FRAMING_NONE:
        reader->state = READER_DONE;
        break;
    case FRAMING_LENGTH:
        reader->left = content_length;
        reader->state = content_length > 0 ? READER_LENGTH : READER_DONE;
        break;
    case FRAMING_CHUNKED:
        expect_chunk_line(reader);
        break;
    case FRAMING_CLOSE:
        reader->state = READER_CLOSE;
        break;
    case FRAMING_TUNNEL:
        reader->state = READER_TUNNEL;
        break;
    }
}

/* The mark that ends what is put out; there is one for each message. */
static void put_end(struct reader *reader, enum chunk_kind kind, struct queue *out, usec now)
{
    if (!reader->ended)
        queue_put_mark(out, kind, now);
    reader->ended = true;
}

static enum read_result finish(struct reader *reader, struct queue *out, usec now)
{
    reader->state = READER_DONE;
    put_end(reader, CHUNK_END, out, now);
    return READ_DONE;
}

/* Status and complaint stand in the reader; a response that is wrong is always the origin's fault.
 */
static enum read_result fail(struct reader *reader, struct queue *out, usec now)
{
    if (reader->kind == HEAD_RESPONSE)
        reader->status = 502;
    else if (reader->status == 0)
        reader->status = 400;
    reader->state = READER_WRONG;
    trailer_free(reader);
    put_end(reader, CHUNK_CUT, out, now);
    return READ_WRONG;
}

static void skip(struct intake *in, size_t length)
{
    in->start += length;
    in->left -= length;
}

static struct text intake_text(const struct intake *in)
{
    return text_of((const char *)in->start, in->left);
}

static void put_bytes(struct reader *reader, struct intake *in, size_t length, enum part part)
{
    queue_put_view(in->out, in->block, in->start, length, part, in->now);
    if (reader->print && part == PART_BODY)
        body_print_add(reader->print, in->start, length);
    reader->body_bytes += length;
    skip(in, length);
}

/* Bytes of a known length; what comes behind them is the caller's to see when none is left. */
static void put_counted(struct reader *reader, struct intake *in)
{
    size_t length = in->left < reader->left ? in->left : (size_t)reader->left;

    put_bytes(reader, in, length, PART_BODY);
    reader->left -= length;
}

static enum read_result take_length(struct reader *reader, struct intake *in)
{
    put_counted(reader, in);
    return reader->left == 0 ? finish(reader, in->out, in->now) : READ_MORE;
}

static enum read_result take_chunk(struct reader *reader, struct intake *in)
{
    put_counted(reader, in);
    if (reader->left == 0) {
        reader->state = READER_CHUNK_END;
        reader->step = 0;
    }
    return READ_MORE;
}

static enum read_result take_chunk_line(struct reader *reader, struct intake *in)
{
    size_t used;
    enum read_result result = chunk_line_take(reader, intake_text(in), &used);

    skip(in, used);
    if (result == READ_WRONG)
        return fail(reader, in->out, in->now);
    if (result == READ_MORE)
        return READ_MORE;
    reader->line = 0;
    reader->state = reader->left > 0 ? READER_CHUNK : READER_TRAILER;
    return READ_MORE;
}

static enum read_result take_chunk_end(struct reader *reader, struct intake *in)
{
    static const unsigned char line_end[2] = "\r\n";

    if (*in->start != line_end[reader->step]) {
        reader->complaint = "a chunk that does not end where its size says";
        return fail(reader, in->out, in->now);
    }
    skip(in, 1);
    if (++reader->step == sizeof(line_end))
        expect_chunk_line(reader);
    return READ_MORE;
}

static enum read_result take_trailer(struct reader *reader, struct intake *in)
{
    size_t used;
    enum read_result result = trailer_take(reader, intake_text(in), &used);

    skip(in, used);
    if (result == READ_MORE)
        return READ_MORE;
    if (result == READ_WRONG)
        return fail(reader, in->out, in->now);
    trailer_put(reader, in->out, in->now);
    return finish(reader, in->out, in->now);
}

static enum read_result take_some(struct reader *reader, struct intake *in)
{
    switch (reader->state) {
    case READER_LENGTH:
        return take_length(reader, in);
    case READER_CHUNK_SIZE:
        return take_chunk_line(reader, in);
    case READER_CHUNK:
        return take_chunk(reader, in);
    case READER_CHUNK_END:
        return take_chunk_end(reader, in);
    case READER_TRAILER:
        return take_trailer(reader, in);
    case READER_CLOSE:
        put_bytes(reader, in, in->left, PART_BODY);
        return READ_MORE;
    case READER_TUNNEL:
        put_bytes(reader, in, in->left, PART_TUNNEL);
        return READ_MORE;
    case READER_DONE:
        return finish(reader, in->out, in->now);
    case READER_HEAD:
    case READER_WRONG:
        break;
    }
    return READ_WRONG;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the views that are put may be written to */
enum read_result reader_take(struct reader *reader, struct block *block, unsigned char *start,
                             size_t length, struct queue *out, usec now, size_t *used)
{
    struct intake in = { block, start, length, out, now };
    enum read_result result = READ_MORE;

    assert(reader->state != READER_HEAD);
    while (result == READ_MORE && (in.left > 0 || reader->state >= READER_DONE))
        result = take_some(reader, &in);
    *used = length - in.left;
    return result;
}

enum read_result reader_end(struct reader *reader, struct queue *out, usec now)
{
    switch (reader->state) {
    case READER_CLOSE:
    case READER_TUNNEL:
    case READER_DONE:
        return finish(reader, out, now);
    case READER_HEAD:
        reader->state = READER_WRONG;
        reader->status = reader->kind == HEAD_REQUEST ? 400 : 502;
        reader->complaint = "the connection ended inside a head";
        return READ_WRONG;
    case READER_WRONG:
        return READ_WRONG;
    default:
        reader->complaint = "the connection ended inside a body";
        return fail(reader, out, now);
    }
}

size_t reader_splice_room(const struct reader *reader)
{
    if (reader->print && body_print_is_open(reader->print))
        return 0;
    if (reader->state == READER_LENGTH)
        return reader->left < SIZE_MAX ? (size_t)reader->left : SIZE_MAX;
    return reader->state == READER_CLOSE || reader->state == READER_TUNNEL ? SIZE_MAX : 0;
}

enum read_result reader_spliced(struct reader *reader, size_t length, struct queue *out, usec now)
{
    assert(length <= reader_splice_room(reader));
    reader->body_bytes += length;
    if (reader->state != READER_LENGTH)
        return READ_MORE;
    reader->left -= length;
    return reader->left == 0 ? finish(reader, out, now) : READ_MORE;
}
