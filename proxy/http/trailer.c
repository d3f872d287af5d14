/* trailer: the fields behind a chunked body (RFC 9112 7.1.2). */
#include "http/trailer.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "http/check.h"

/* What frames, routes, authenticates, or says how to treat the message and its content has to come
 * before it (RFC 9110 6.5.1), and what is for one hop does not pass it. */
static bool is_forbidden(struct text name, enum field_id id)
{
    static const struct text others[] = {
        TEXT("age"),           TEXT("cache-control"),
        TEXT("cookie"),        TEXT("expires"),
        TEXT("if-match"),      TEXT("if-modified-since"),
        TEXT("if-none-match"), TEXT("if-range"),
        TEXT("location"),      TEXT("if-unmodified-since"),
        TEXT("pragma"),        TEXT("range"),
        TEXT("retry-after"),   TEXT("set-cookie"),
        TEXT("vary"),          TEXT("www-authenticate"),
    };

    switch (id) {
    case FIELD_OTHER:
        break;
    case HEAD_CONTENT_MD5:
    case HEAD_DIGEST:
    case HEAD_CONTENT_DIGEST:
    case HEAD_REPR_DIGEST:
    case HEAD_ETAG:
    case HEAD_VIA:
    case HEAD_ACCEPT_RANGES:
    case HEAD_USER_AGENT:
    case HEAD_ALT_SVC:
        return false;
    default:
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (text_equal_nocase(name, others[i]))
            return true;
    }
    return false;
}

static enum read_result refuse(struct reader *reader, unsigned status, const char *complaint)
{
    reader->status = status;
    reader->complaint = complaint;
    return READ_WRONG;
}

/* The last `reader->line` bytes of the buffer, which end in LF. */
static enum read_result end_line(struct reader *reader)
{
    struct buffer *buffer = reader->trailer;
    size_t start = buffer->length - reader->line;
    struct text line = text_of(buffer->at + start, reader->line);
    struct spot spot;
    struct check check;

    reader->line = 0;
    if (line.length == 2 && line.at[0] == '\r') {
        buffer->length = start;
        return READ_DONE;
    }
    /* The line is whole, so that the check cannot ask for more of it. */
    if (check_trailer_line(&check, line, &spot) != READ_DONE)
        return refuse(reader, 400, check.complaint ? check.complaint : "a broken trailer field");
    if (++reader->trailer_count > reader->limits.field_count)
        return refuse(reader, 431, "too many trailer fields");
    if (is_forbidden(text_of(line.at, spot.name_length), (enum field_id)spot.id))
        buffer->length = start;
    return READ_MORE;
}

enum read_result trailer_take(struct reader *reader, struct text bytes, size_t *used)
{
    enum read_result result = READ_MORE;

    if (!reader->trailer)
        reader->trailer = memory_take(sizeof(*reader->trailer));
    *used = 0;
    while (result == READ_MORE && *used < bytes.length) {
        struct text rest = text_from_offset(bytes, *used);
        size_t line = text_find(rest, '\n');
        size_t length = line < rest.length ? line + 1 : line;

        if (length > reader->limits.head_size - reader->scanned)
            return refuse(reader, 431, "trailer section too large");
        reader->scanned += length;
        buffer_add(reader->trailer, rest.at, length);
        reader->line += (uint32_t)length;
        *used += length;
        if (line < rest.length)
            result = end_line(reader);
    }
    return result;
}

void trailer_put(struct reader *reader, struct queue *out, usec now)
{
    struct text section;
    struct block *block;

    if (!reader->trailer)
        return;
    section = buffer_text(reader->trailer);
    if (section.length > 0) {
        block = block_take_sized(out->pool, section.length);
        memcpy(block->bytes, section.at, section.length);
        queue_put_view(out, block, block->bytes, section.length, PART_TRAILER, now);
        block_drop(out->pool, block);
    }
    trailer_free(reader);
}

void trailer_free(struct reader *reader)
{
    if (!reader->trailer)
        return;
    buffer_free(reader->trailer);
    free(reader->trailer);
    reader->trailer = NULL;
}
