/* pen: many small pieces of text become few chunks of a queue. */
#ifndef PANNE_HTTP_PEN_H
#define PANNE_HTTP_PEN_H

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "stream/queue.h"

/* Lives on the stack; `length` starts at 0. What was written is in the queue after pen_flush. */
struct pen {
    struct queue *out;
    usec now;
    size_t length;
    char paper[2048]; /* most heads need one sheet */
};

void pen_flush(struct pen *pen);
/* For what does not fit on the rest of the sheet. */
void pen_add_long(struct pen *pen, const char *at, size_t length);

static inline void pen_add(struct pen *pen, const char *at, size_t length)
{
    if (length > sizeof(pen->paper) - pen->length) {
        pen_add_long(pen, at, length);
        return;
    }
    memcpy(pen->paper + pen->length, at, length);
    pen->length += length;
}

static inline void pen_add_text(struct pen *pen, struct text text)
{
    if (text.length > 0)
        pen_add(pen, text.at, text.length);
}

#define PEN_ADD_LITERAL(pen, literal) pen_add((pen), (literal), sizeof(literal) - 1)

void pen_add_decimal(struct pen *pen, uint64_t number);
void pen_add_hex(struct pen *pen, uint64_t number);

#endif
