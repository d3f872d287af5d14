/* body_print: a hash of the beginning of a body, the same whatever pieces the body comes in. */
#ifndef PANNE_HTTP_BODY_PRINT_H
#define PANNE_HTTP_BODY_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* So much of it counts. */
#define BODY_PRINT_MOST 4096u

/* Zero-fill, but for `hash`, which is the seed. */
struct body_print {
    uint64_t hash;
    uint64_t word;   /* the bytes that do not fill one yet */
    uint32_t length; /* so far */
};

/* Whether bytes still count. */
static inline bool body_print_is_open(const struct body_print *print)
{
    return print->length < BODY_PRINT_MOST;
}
void body_print_add(struct body_print *print, const void *bytes, size_t length);
uint64_t body_print_sum(const struct body_print *print);

/* Quick: goes on from `hash` with a text in one piece and its length. random_mix the last one. */
uint64_t body_print_join(uint64_t hash, struct text text);

#endif
