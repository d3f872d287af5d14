/* malformed: a message's head, chunk lines and end, edited into what RFC 9112 forbids. */
#include "http/malformed.h"

#include "base/buffer.h"

#define LENGTH_NAME "content-length"

static void touch(struct writer *writer, uint64_t bytes)
{
    writer->malformation->touched += bytes;
}

static bool is_kind(const struct writer *writer, enum malformed kind)
{
    return writer->malformation->kind == kind;
}

/* The first field line of that name, with its CRLF; empty where there is none. */
static struct text find_line(struct text head, const char *name)
{
    while (!text_is_empty(head)) {
        size_t end = text_find(head, '\n');
        struct text line = text_of(head.at, end < head.length ? end + 1 : end);

        if (text_is_nocase(text_of(line.at, text_find(line, ':')), name))
            return line;
        head = text_from_offset(head, line.length);
    }
    return head;
}

static struct text up_to(struct text whole, const char *end)
{
    return text_of(whole.at, (size_t)(end - whole.at));
}

static struct text behind(struct text whole, const char *end)
{
    return text_from_offset(whole, (size_t)(end - whole.at));
}

/* What the head shall say in place of the body's length; that itself if nothing else can be said.
 */
static uint64_t wrong_length(const struct writer *writer)
{
    uint64_t length = writer->left, size = writer->malformation->size;

    if (is_kind(writer, MALFORMED_LENGTH_SHORT))
        return length > size ? length - size : 0;
    return length < UINT64_MAX - size ? length + size : UINT64_MAX;
}

static void edit_length(struct writer *writer, struct text head, struct buffer *out)
{
    struct text line = find_line(head, LENGTH_NAME);
    const char *end = line.at + line.length;
    uint64_t length = wrong_length(writer);
    size_t before;

    if (writer->framing != FRAMING_LENGTH || text_is_empty(line) || length == writer->left) {
        buffer_add_text(out, head);
        return;
    }
    buffer_add_text(out, up_to(head, is_kind(writer, MALFORMED_DUPLICATE_LENGTH) ? end : line.at));
    before = out->length;
    buffer_format(out, "Content-Length: %llu\r\n", (unsigned long long)length);
    touch(writer, out->length - before);
    buffer_add_text(out, behind(head, end));
}

/* Bytes that no message can begin with. */
static void add_garbage(struct writer *writer, struct buffer *out)
{
    static const char garbage[] = "~garbage?";
    uint64_t size = writer->malformation->size;

    for (uint64_t i = 0; i < size; i++)
        buffer_add_byte(out, garbage[i % (sizeof(garbage) - 1)]);
    touch(writer, size);
}

static void edit_version(struct writer *writer, struct text head, struct buffer *out)
{
    struct text known = text_from("HTTP/1.1"), unknown = text_from("HTTP/4.2");

    if (text_starts(head, known)) {
        buffer_add_text(out, unknown);
        head = text_from_offset(head, known.length);
        touch(writer, 2);
    }
    buffer_add_text(out, head);
}

/* At the first blank within a field's value: a receiver that unfolds reads what was meant. */
static void edit_fold(struct writer *writer, struct text head, struct buffer *out)
{
    struct text rest = text_from_offset(head, text_find(head, '\n') + 1);
    size_t before = out->length + head.length;

    while (rest.length > 2) {
        size_t length = text_find(rest, '\n') + 1;
        size_t value = text_find(rest, ':') + 2;
        size_t blank = value + text_find(text_from_offset(rest, value), ' ');

        if (blank < length) {
            buffer_add_text(out, up_to(head, rest.at + blank));
            buffer_add_string(out, "\r\n");
            buffer_add_text(out, behind(head, rest.at + blank));
            touch(writer, out->length - before);
            return;
        }
        rest = text_from_offset(rest, length);
    }
    buffer_add_text(out, up_to(head, rest.at));
    buffer_add_string(out, "X-Folded: one\r\n two\r\n");
    buffer_add_text(out, rest);
    touch(writer, out->length - before);
}

static void edit_line_ends(struct writer *writer, struct text head, struct buffer *out)
{
    for (size_t i = 0; i < head.length; i++)
        if (head.at[i] == '\r')
            touch(writer, 1);
        else
            buffer_add_byte(out, head.at[i]);
}

static void edit_size(struct writer *writer, struct text head, struct buffer *out)
{
    size_t before = head.length;

    buffer_add_text(out, text_of(head.at, head.length - 2)); /* without the empty line */
    buffer_add_string(out, "X-Oversized: ");
    for (uint64_t i = 0; i < writer->malformation->size; i++)
        buffer_add_byte(out, 'x');
    buffer_add_string(out, "\r\n\r\n");
    touch(writer, out->length - before);
}

static void edit_head(struct writer *writer, struct text head, struct buffer *out)
{
    switch (writer->malformation->kind) {
    case MALFORMED_LENGTH_LONG:
    case MALFORMED_LENGTH_SHORT:
    case MALFORMED_DUPLICATE_LENGTH:
        edit_length(writer, head, out);
        return;
    case MALFORMED_VERSION:
        edit_version(writer, head, out);
        return;
    case MALFORMED_FOLDED:
        edit_fold(writer, head, out);
        return;
    case MALFORMED_BARE_LF:
        edit_line_ends(writer, head, out);
        return;
    case MALFORMED_OVERSIZED_HEAD:
        edit_size(writer, head, out);
        return;
    case MALFORMED_GARBAGE_BEFORE:
        add_garbage(writer, out);
        break;
    case MALFORMED_NONE:
    case MALFORMED_CHUNK_SIZE:
    case MALFORMED_LAST_CHUNK:
    case MALFORMED_EMPTY:
    case MALFORMED_GARBAGE_AFTER:
        break;
    }
    buffer_add_text(out, head);
}

static void cut(struct writer *writer, struct queue *out, usec now)
{
    writer->ended = writer->broken = true;
    queue_put_mark(out, CHUNK_CUT, now);
}

void malformed_head(struct writer *writer, struct queue *plain, struct queue *out, usec now)
{
    struct buffer head = { 0 }, edited = { 0 };

    for (const struct chunk *chunk = queue_front(plain); chunk; chunk = chunk->next)
        buffer_add(&head, chunk->start, chunk->length);
    queue_clear(plain);
    if (is_kind(writer, MALFORMED_EMPTY)) {
        touch(writer, head.length);
        cut(writer, out, now);
    } else {
        edit_head(writer, buffer_text(&head), &edited);
        queue_put_copy(out, edited.at, edited.length, PART_WIRE, now);
    }
    buffer_free(&head);
    buffer_free(&edited);
}

bool malformed_size_line(struct writer *writer, struct queue *out, usec now)
{
    static const char line[] = "xyz\r\n";

    if (!is_kind(writer, MALFORMED_CHUNK_SIZE) || writer->malformation->touched > 0)
        return false;
    queue_put_copy(out, line, sizeof(line) - 1, PART_WIRE, now);
    touch(writer, sizeof(line) - 1);
    return true;
}

bool malformed_lacks_end(const struct writer *writer)
{
    return is_kind(writer, MALFORMED_LAST_CHUNK) && writer->framing == FRAMING_CHUNKED;
}

void malformed_cut(struct writer *writer, struct queue *out, usec now)
{
    touch(writer, strlen("0\r\n\r\n"));
    cut(writer, out, now);
}

/* Whether the receiver and we may be of two minds about where the message ends. */
static bool is_ambiguous(const struct writer *writer)
{
    switch (writer->malformation->kind) {
    case MALFORMED_LENGTH_SHORT:
    case MALFORMED_DUPLICATE_LENGTH:
    case MALFORMED_CHUNK_SIZE:
    case MALFORMED_GARBAGE_BEFORE:
        return writer->malformation->touched > 0;
    default:
        return false;
    }
}

void malformed_behind(struct writer *writer, struct queue *out, usec now)
{
    struct buffer garbage = { 0 };

    /* The connection's end stands there already. */
    if (writer->broken || writer->framing == FRAMING_CLOSE || writer->framing == FRAMING_TUNNEL)
        return;
    if (is_kind(writer, MALFORMED_LENGTH_LONG) && writer->malformation->touched > 0) {
        cut(writer, out, now);
    } else if (is_kind(writer, MALFORMED_GARBAGE_AFTER)) {
        add_garbage(writer, &garbage);
        queue_put_copy(out, garbage.at, garbage.length, PART_WIRE, now);
        buffer_free(&garbage);
    } else if (is_ambiguous(writer)) {
        queue_put_mark(out, CHUNK_END, now);
    }
}
