/* body_print: eight bytes at a time, and how the rest of a piece waits for the next one. */
#include "http/body_print.h"

#include <string.h>

#include "base/random.h"

enum { WORD = sizeof(uint64_t) };

/* FNV-1a over words instead of bytes; the shift brings high bits down again. */
static inline uint64_t stir(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 29;
}

static void add_byte(struct body_print *print, unsigned char byte)
{
    print->word |= (uint64_t)byte << 8 * (print->length % WORD);
    print->length++;
    if (print->length % WORD != 0)
        return;
    print->hash = stir(print->hash, print->word);
    print->word = 0;
}

void body_print_add(struct body_print *print, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    size_t room = BODY_PRINT_MOST - print->length;
    const unsigned char *end = at + (length < room ? length : room);

    while (at < end && print->length % WORD != 0)
        add_byte(print, *at++);
    for (; end - at >= WORD; at += WORD, print->length += WORD) {
        uint64_t word;

        memcpy(&word, at, WORD);
        print->hash = stir(print->hash, word);
    }
    while (at < end)
        add_byte(print, *at++);
}

uint64_t body_print_sum(const struct body_print *print)
{
    return random_mix(stir(print->hash, print->word) ^ print->length);
}

uint64_t body_print_join(uint64_t hash, struct text text)
{
    const char *at = text.at;
    uint64_t word = 0;

    hash ^= text.length;
    if (text.length >= WORD) {
        /* The last word overlaps the one before it. */
        for (const char *last = at + text.length - WORD; at < last; at += WORD) {
            memcpy(&word, at, WORD);
            hash = stir(hash, word);
        }
        memcpy(&word, text.at + text.length - WORD, WORD);
    } else if (text.length >= WORD / 2) {
        uint32_t half[2];

        memcpy(&half[0], at, sizeof half[0]);
        memcpy(&half[1], at + text.length - sizeof half[1], sizeof half[1]);
        memcpy(&word, half, WORD);
    } else if (text.length > 0) { /* one to three: all of them */
        word = (uint64_t)(unsigned char)at[0] | (uint64_t)(unsigned char)at[text.length / 2] << 8 |
               (uint64_t)(unsigned char)at[text.length - 1] << 16;
    }
    return stir(hash, word);
}
