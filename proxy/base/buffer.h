/* buffer: text under construction; grows, always ends in NUL. */
#ifndef PANNE_BASE_BUFFER_H
#define PANNE_BASE_BUFFER_H

#include <stdarg.h>

#include "base/attributes.h"
#include "base/text.h"

/* Zero-fill to start. */
struct buffer {
    char *at;
    size_t length, room;
};

void buffer_free(struct buffer *buffer);
void buffer_clear(struct buffer *buffer); /* keeps the memory */
void buffer_add(struct buffer *buffer, const void *bytes, size_t length);
void buffer_add_text(struct buffer *buffer, struct text text);
void buffer_add_string(struct buffer *buffer, const char *string);
void buffer_add_byte(struct buffer *buffer, char byte);
void buffer_format(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
void buffer_format_list(struct buffer *buffer, const char *format, va_list values)
    PRINTF_LIKE(2, 0);
/* Control bytes (C0, DEL, and C1 in UTF-8) become `?`: then it is one line, and harmless on a
 * terminal. */
void buffer_mask_controls(struct buffer *buffer);
/* As a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD (RFC 8259). */
void buffer_add_json(struct buffer *buffer, struct text text);
/* What such a string reads as. */
void buffer_add_unicode(struct buffer *buffer, struct text text);
/* A duration as a person writes it (`1h30m`, `250ms`, `0s`), in the scenario language's own units.
 */
void buffer_add_duration(struct buffer *buffer, int64_t duration);
static inline struct text buffer_text(const struct buffer *buffer)
{
    return text_of(buffer->at ? buffer->at : "", buffer->length);
}

#endif
