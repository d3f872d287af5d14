/* text: comparing, cutting and matching slices of bytes, without locale. */
#include "base/text.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/random.h"

static unsigned char lower(char byte)
{
    unsigned char value = (unsigned char)byte;

    return value >= 'A' && value <= 'Z' ? (unsigned char)(value + ('a' - 'A')) : value;
}

static bool same_nocase(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (lower(a[i]) != lower(b[i]))
            return false;
    }
    return true;
}

bool text_equal(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

bool text_equal_nocase(struct text a, struct text b)
{
    return a.length == b.length && same_nocase(a.at, b.at, a.length);
}

bool text_is(struct text text, const char *string)
{
    return text_equal(text, text_from(string));
}

bool text_is_nocase(struct text text, const char *string)
{
    return text_equal_nocase(text, text_from(string));
}

bool text_starts(struct text text, struct text prefix)
{
    return text.length >= prefix.length && text_equal(text_of(text.at, prefix.length), prefix);
}

bool text_ends_nocase(struct text text, struct text suffix)
{
    if (text.length < suffix.length)
        return false;
    return text_equal_nocase(text_from_offset(text, text.length - suffix.length), suffix);
}

size_t text_find(struct text text, char byte)
{
    const char *found = text.length ? memchr(text.at, byte, text.length) : NULL;

    return found ? (size_t)(found - text.at) : text.length;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

struct text text_trim(struct text text)
{
    while (text.length > 0 && is_blank(text.at[0]))
        text = text_from_offset(text, 1);
    while (text.length > 0 && is_blank(text.at[text.length - 1]))
        text.length--;
    return text;
}

struct text text_from_offset(struct text text, size_t offset)
{
    if (text.length == 0)
        return text;
    if (offset > text.length)
        offset = text.length;
    return text_of(text.at + offset, text.length - offset);
}

bool text_next_item(struct text *list, char separator, struct text *item)
{
    while (list->length > 0) {
        size_t length = text_find(*list, separator);

        *item = text_trim(text_of(list->at, length));
        *list = text_from_offset(*list, length + 1);
        if (item->length > 0)
            return true;
    }
    return false;
}

bool text_to_u64(struct text text, uint64_t *number)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        if (__builtin_mul_overflow(sum, UINT64_C(10), &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(text.at[i] - '0'), &sum))
            return false;
    }
    if (text.length == 0)
        return false;
    *number = sum;
    return true;
}

size_t text_character(struct text text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    unsigned char least = 0x80,
                  most = 0xbf; /* of the second byte: no overlong forms, no surrogates */
    size_t length;

    if (text.length == 0)
        return 0;
    if (at[0] < 0x80)
        return 1;
    if (at[0] < 0xc2 || at[0] > 0xf4)
        return 0;
    length = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    if (at[0] == 0xe0)
        least = 0xa0;
    if (at[0] == 0xed)
        most = 0x9f;
    if (at[0] == 0xf0)
        least = 0x90;
    if (at[0] == 0xf4)
        most = 0x8f;
    if (text.length < length || at[1] < least || at[1] > most)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    }
    return length;
}

/* Where to take up again after a mismatch: behind a star, with a longer run for it. */
struct star {
    bool set;
    size_t pattern, text;
};

struct glob {
    struct text pattern, text;
    size_t p, t;
    struct star run, any; /* the last `*` since the last `**`, and the last `**` */
    bool nocase;
};

static void glob_star(struct glob *glob)
{
    size_t from = glob->p;

    while (glob->p < glob->pattern.length && glob->pattern.at[glob->p] == '*')
        glob->p++;
    if (glob->p - from == 1) {
        glob->run = (struct star){ true, glob->p, glob->t };
    } else {
        glob->any = (struct star){ true, glob->p, glob->t };
        glob->run.set = false;
    }
}

static bool glob_byte(const struct glob *glob)
{
    char wanted, byte;

    if (glob->p == glob->pattern.length || glob->t == glob->text.length)
        return false;
    wanted = glob->pattern.at[glob->p];
    byte = glob->text.at[glob->t];
    if (wanted == '?')
        return byte != '/';
    return wanted == byte || (glob->nocase && lower(wanted) == lower(byte));
}

/* Only the last star of each kind is worth another try: whatever an earlier one could swallow, it
 * can swallow too. For the same reason a `**` whose follower got as far as a `*` fails from every
 * start in the same path segment. */
static bool glob_again(struct glob *glob)
{
    struct star *run = &glob->run, *any = &glob->any;

    if (run->set && run->text < glob->text.length && glob->text.at[run->text] != '/') {
        glob->p = run->pattern;
        glob->t = ++run->text;
        return true;
    }
    if (!any->set)
        return false;
    if (run->set)
        any->text += text_find(text_from_offset(glob->text, any->text), '/');
    if (any->text >= glob->text.length)
        return false;
    run->set = false;
    glob->p = any->pattern;
    glob->t = ++any->text;
    return true;
}

/* How many bytes of both are the same before the first sign of a glob. False: they differ. */
static bool glob_prefix(struct text pattern, struct text text, bool nocase, size_t *same)
{
    size_t i = 0;

    while (i < pattern.length && pattern.at[i] != '*' && pattern.at[i] != '?') {
        if (i == text.length ||
            (pattern.at[i] != text.at[i] && (!nocase || lower(pattern.at[i]) != lower(text.at[i]))))
            return false;
        i++;
    }
    *same = i;
    return i < pattern.length || i == text.length;
}

static bool glob_rest(struct glob glob)
{
    const struct text pattern = glob.pattern, text = glob.text;

    for (;;) {
        if (glob.p < pattern.length && pattern.at[glob.p] == '*') {
            glob_star(&glob);
            if (glob.any.set && glob.any.pattern == pattern.length)
                return true;
        } else if (glob_byte(&glob)) {
            glob.p++;
            glob.t++;
        } else if (glob.p == pattern.length && glob.t == text.length) {
            return true;
        } else if (!glob_again(&glob)) {
            return false;
        }
    }
}

bool text_glob(struct text pattern, struct text text, bool nocase)
{
    size_t same;

    /* Most patterns fail here, soon. */
    return glob_prefix(pattern, text, nocase, &same) &&
           glob_rest((struct glob){
               .pattern = pattern, .text = text, .p = same, .t = same, .nocase = nocase });
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One row of the table of distances: of a's first `i` bytes to each beginning of b. */
static void distance_row(struct text a, struct text b, size_t i, size_t *rows[3])
{
    size_t *row = rows[0], *above = rows[1], *above_that = rows[2];

    row[0] = i;
    for (size_t j = 1; j <= b.length; j++) {
        bool same = a.at[i - 1] == b.at[j - 1];

        row[j] = least(least(row[j - 1], above[j]) + 1, above[j - 1] + !same);
        if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
            row[j] = least(row[j], above_that[j - 2] + 1);
    }
}

/* Optimal string alignment: swapped neighbors are not edited a second time. */
size_t text_distance(struct text a, struct text b)
{
    size_t width = b.length + 1, distance;
    size_t *memory = memory_take(3 * width * sizeof(*memory));
    size_t *rows[3] = { memory, memory + width, memory + 2 * width };

    for (size_t j = 0; j < width; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.length; i++) {
        size_t *oldest = rows[2];

        rows[2] = rows[1];
        rows[1] = rows[0];
        rows[0] = oldest;
        distance_row(a, b, i, rows);
    }
    distance = rows[0][b.length];
    free(memory);
    return distance;
}

#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

uint64_t text_hash(uint64_t seed, struct text text)
{
    uint64_t hash = FNV_BASIS ^ random_mix(seed);

    for (size_t i = 0; i < text.length; i++)
        hash = (hash ^ (unsigned char)text.at[i]) * FNV_PRIME;
    return random_mix(hash);
}

/* Eight letters at once: the bytes in A to Z are those whose lower seven bits pass two thresholds
 * of which the sums below carry into the eighth. */
static uint64_t lower_word(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t low = word & ones * 0x7F;
    uint64_t from_a = low + ones * (0x80 - 'A');
    uint64_t past_z = low + ones * (0x7F - 'Z');

    return word | ((from_a ^ past_z) & ~word & ones * 0x80) >> 2;
}

uint64_t text_hash_nocase(uint64_t seed, struct text text)
{
    uint64_t hash = FNV_BASIS ^ random_mix(seed ^ text.length);

    while (text.length > 0) {
        size_t length = least(text.length, sizeof(uint64_t));
        uint64_t word = 0;

        memcpy(&word, text.at, length);
        hash = (hash ^ lower_word(word)) * FNV_PRIME;
        hash ^= hash >> 32;
        text = text_of(text.at + length, text.length - length);
    }
    return random_mix(hash);
}
