/* pen: many small pieces of text become few chunks of a queue. */
#include "http/pen.h"

void pen_flush(struct pen *pen)
{
    queue_put_copy(pen->out, pen->paper, pen->length, PART_WIRE, pen->now);
    pen->length = 0;
}

void pen_add_long(struct pen *pen, const char *at, size_t length)
{
    pen_flush(pen);
    if (length > sizeof(pen->paper)) {
        queue_put_copy(pen->out, at, length, PART_WIRE, pen->now);
        return;
    }
    memcpy(pen->paper, at, length);
    pen->length = length;
}

static void add_number(struct pen *pen, uint64_t number, unsigned base)
{
    static const char figures[] = "0123456789abcdef";
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = figures[number % base];
        number /= base;
    } while (number > 0);
    pen_add(pen, digits + at, sizeof(digits) - at);
}

void pen_add_decimal(struct pen *pen, uint64_t number)
{
    add_number(pen, number, 10);
}

void pen_add_hex(struct pen *pen, uint64_t number)
{
    add_number(pen, number, 16);
}
