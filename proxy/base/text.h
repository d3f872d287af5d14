/* text: a slice of bytes that somebody else owns; not terminated by NUL. */
#ifndef PANNE_BASE_TEXT_H
#define PANNE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attributes.h"

struct text {
    const char *at;
    size_t length;
};

/* A string literal as a text, in constant expressions too. */
#define TEXT(literal)                  \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

static inline struct text text_of(const char *at, size_t length)
{
    return (struct text){ at, length };
}

/* All of a terminated string; NULL gives the empty text. */
static inline struct text text_from(const char *string)
{
    return (struct text){ string, string ? strlen(string) : 0 };
}

static inline bool text_is_empty(struct text text)
{
    return text.length == 0;
}

bool text_equal(struct text a, struct text b);
/* ASCII letters compare without case (field names, hosts, schemes). */
bool text_equal_nocase(struct text a, struct text b);
bool text_is(struct text text, const char *string);
bool text_is_nocase(struct text text, const char *string);
bool text_starts(struct text text, struct text prefix);
bool text_ends_nocase(struct text text, struct text suffix);
/* Position of `byte`, or text.length. */
size_t text_find(struct text text, char byte);
/* Without leading and trailing SP and HTAB (RFC 9110 OWS). */
struct text text_trim(struct text text);
/* Everything from `offset` on; the empty text past the end. */
struct text text_from_offset(struct text text, size_t offset);

/* Takes the next item off a list separated by `separator`, trimmed; empty items are skipped. False
 * at the end. */
bool text_next_item(struct text *list, char separator, struct text *item);

/* An unsigned decimal number: digits only, no sign, no overflow; false otherwise and for an empty
 * text. */
bool text_to_u64(struct text text, uint64_t *number);

/* The length of the character that the text begins with, in UTF-8 (RFC 3629, 4); 0 for what is
 * none. */
size_t text_character(struct text text);

/* Glob match. `*` stands for any run without `/`, `**` for any run, `?` for one byte but `/`; all
 * else for itself. With `nocase`, ASCII letters compare without case. Linear in practice, never
 * exponential. */
bool text_glob(struct text pattern, struct text text, bool nocase);

/* How many single-byte edits (insert, delete, replace, swap of neighbors) lead from a to b; for
 * "did you mean". */
size_t text_distance(struct text a, struct text b);

/* FNV-1a of the bytes, further mixed (splitmix64); not for hostile keys without `seed`. */
uint64_t text_hash(uint64_t seed, struct text text);
/* The same without regard to ASCII case. */
uint64_t text_hash_nocase(uint64_t seed, struct text text);

#endif
