/* buffer: how text under construction grows, and how values are written into it. */
#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/time.h"

enum { LEAST_ROOM = 64 };

/* Room for `more` bytes and the NUL behind them. */
static void buffer_reserve(struct buffer *buffer, size_t more)
{
    size_t room = buffer->room ? buffer->room : LEAST_ROOM;

    if (more > PTRDIFF_MAX - 1 - buffer->length)
        memory_exhausted();
    if (buffer->room > buffer->length + more)
        return;
    while (room <= buffer->length + more)
        room *= 2;
    buffer->at = memory_grow(buffer->at, room);
    buffer->room = room;
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->at);
    *buffer = (struct buffer){ 0 };
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
    if (buffer->at)
        buffer->at[0] = '\0';
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t length)
{
    buffer_reserve(buffer, length);
    if (length > 0)
        memcpy(buffer->at + buffer->length, bytes, length);
    buffer->length += length;
    buffer->at[buffer->length] = '\0';
}

void buffer_add_text(struct buffer *buffer, struct text text)
{
    buffer_add(buffer, text.at, text.length);
}

void buffer_add_string(struct buffer *buffer, const char *string)
{
    buffer_add_text(buffer, text_from(string));
}

void buffer_add_byte(struct buffer *buffer, char byte)
{
    buffer_add(buffer, &byte, 1);
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    buffer_format_list(buffer, format, values);
    va_end(values);
}

void buffer_format_list(struct buffer *buffer, const char *format, va_list values)
{
    size_t room;
    va_list first;
    int length;

    buffer_reserve(buffer, 0);
    room = buffer->room - buffer->length;
    va_copy(first, values);
    length = vsnprintf(buffer->at + buffer->length, room, format, first);
    va_end(first);
    assert(length >= 0);
    if ((size_t)length >= room) {
        buffer_reserve(buffer, (size_t)length);
        vsnprintf(buffer->at + buffer->length, (size_t)length + 1, format, values);
    }
    buffer->length += (size_t)length;
}

void buffer_mask_controls(struct buffer *buffer)
{
    for (size_t i = 0; i < buffer->length; i++) {
        unsigned char byte = (unsigned char)buffer->at[i];
        unsigned char next = (unsigned char)buffer->at[i + 1];

        if (byte < 0x20 || byte == 0x7f) {
            buffer->at[i] = '?';
        } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
            buffer->at[i] = buffer->at[i + 1] = '?';
        }
    }
}

void buffer_add_unicode(struct buffer *buffer, struct text text)
{
    size_t i = 0;

    while (i < text.length) {
        size_t length = text_character(text_from_offset(text, i));

        if (length > 0)
            buffer_add(buffer, text.at + i, length);
        else
            buffer_add_string(buffer, "\xef\xbf\xbd");
        i += length > 0 ? length : 1;
    }
}

static void add_escaped(struct buffer *buffer, char byte)
{
    static const char names[] = "\"\"\\\\\bb\ff\nn\rr\tt";

    for (const char *name = names; *name; name += 2) {
        if (*name == byte) {
            buffer_add_byte(buffer, '\\');
            buffer_add_byte(buffer, name[1]);
            return;
        }
    }
    buffer_format(buffer, "\\u%04x", (unsigned)(unsigned char)byte);
}

void buffer_add_json(struct buffer *buffer, struct text text)
{
    size_t i = 0, plain = 0;

    buffer_add_byte(buffer, '"');
    while (i < text.length) {
        char byte = text.at[i];
        size_t length = text_character(text_from_offset(text, i));

        if (length > 0 && (unsigned char)byte >= 0x20 && byte != '"' && byte != '\\') {
            i += length;
            continue;
        }
        buffer_add_text(buffer, text_of(text.at + plain, i - plain));
        if (length == 0)
            buffer_add_string(buffer, "\xef\xbf\xbd");
        else
            add_escaped(buffer, byte);
        plain = ++i;
    }
    buffer_add_text(buffer, text_from_offset(text, plain));
    buffer_add_byte(buffer, '"');
}

/* `amount` of a unit, as a decimal without needless zeros: 1500 with the unit 1000 is `1.5`. */
static void add_decimal(struct buffer *buffer, uint64_t amount, uint64_t unit, const char *name)
{
    uint64_t rest = amount % unit;

    buffer_format(buffer, "%llu", (unsigned long long)(amount / unit));
    if (rest > 0)
        buffer_add_byte(buffer, '.');
    while (rest > 0) {
        rest *= 10;
        buffer_add_byte(buffer, (char)('0' + rest / unit));
        rest %= unit;
    }
    buffer_add_string(buffer, name);
}

void buffer_add_duration(struct buffer *buffer, int64_t duration)
{
    static const struct {
        uint64_t length;
        const char *name;
    } units[] = { { 24 * HOUR, "d" }, { HOUR, "h" }, { MINUTE, "m" } };
    uint64_t left = duration < 0 ? 0 - (uint64_t)duration : (uint64_t)duration;

    if (duration == NEVER) {
        buffer_add_string(buffer, "forever");
        return;
    }
    if (duration < 0)
        buffer_add_byte(buffer, '-');
    if (left > 0 && left < (uint64_t)MSEC) {
        add_decimal(buffer, left, 1, "us");
        return;
    }
    if (left > 0 && left < (uint64_t)SECOND) {
        add_decimal(buffer, left, MSEC, "ms");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        if (left >= units[i].length)
            add_decimal(buffer, left / units[i].length, 1, units[i].name);
        left %= units[i].length;
    }
    if (left > 0 || duration == 0)
        add_decimal(buffer, left, SECOND, "s");
}
