/* columns: decoding UTF-8 as far as its width is concerned. */
#include "observe/columns.h"

#include <stdio.h>

struct glyph {
    uint32_t code;
    size_t bytes, columns;
};

struct span {
    uint32_t first, last;
};

/* The blocks that take no column of their own, and those that take two, as far as names of phases
 * and titles may hold them (Unicode's East Asian Width W and F; categories Mn and Cf). */
static const struct span combining[] = {
    { 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x0610, 0x061a },
    { 0x064b, 0x065f }, { 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e }, { 0x1ab0, 0x1aff },
    { 0x1dc0, 0x1dff }, { 0x200b, 0x200f }, { 0x2060, 0x2064 }, { 0x20d0, 0x20f0 },
    { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff },
};
static const struct span wide[] = {
    { 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x23e9, 0x23ec },   { 0x2614, 0x2615 },
    { 0x26a1, 0x26a1 },   { 0x2705, 0x2705 },   { 0x274c, 0x274c },   { 0x2753, 0x2757 },
    { 0x2e80, 0x303e },   { 0x3041, 0xa4cf },   { 0xa960, 0xa97f },   { 0xac00, 0xd7a3 },
    { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },
    { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1faff }, { 0x20000, 0x3fffd },
};

/* Those that turn the direction of what follows could make a line say something else. */
static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

static bool is_among(const struct span *spans, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++) {
        if (code >= spans[i].first && code <= spans[i].last)
            return true;
    }
    return false;
}

/* RFC 3629, section 4. Code 0 with one byte: not UTF-8. */
static struct glyph decode(struct text text)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    const unsigned char *at = (const unsigned char *)text.at;
    size_t bytes = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    uint32_t code = bytes == 1 ? at[0] : at[0] & (0xffU >> (bytes + 1));

    if (bytes > text.length || (bytes > 1 && at[0] < 0xc2) || at[0] > 0xf4)
        return (struct glyph){ 0, 1, 1 };
    for (size_t i = 1; i < bytes; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return (struct glyph){ 0, 1, 1 };
        code = code << 6 | (at[i] & 0x3fU);
    }
    if (code < least[bytes] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return (struct glyph){ 0, 1, 1 };
    if (is_among(combining, COUNT_OF(combining), code))
        return (struct glyph){ code, bytes, 0 };
    return (struct glyph){ code, bytes, is_among(wide, COUNT_OF(wide), code) ? 2 : 1 };
}

size_t columns_of(struct text text)
{
    size_t columns = 0;

    while (!text_is_empty(text)) {
        struct glyph glyph = decode(text);

        columns += glyph.columns;
        text = text_from_offset(text, glyph.bytes);
    }
    return columns;
}

static size_t add_glyph(struct buffer *out, struct glyph glyph, const char *at, bool unicode)
{
    if (is_control(glyph.code) || (!unicode && glyph.code >= 0x80)) {
        buffer_add_byte(out, '?');
        return 1;
    }
    buffer_add(out, at, glyph.bytes);
    return glyph.columns;
}

size_t columns_add(struct buffer *out, struct text text, size_t most, bool unicode)
{
    bool is_cut = columns_of(text) > most;
    size_t room = is_cut && most > 0 ? most - 1 : most;
    size_t columns = 0;

    while (!text_is_empty(text)) {
        struct glyph glyph = decode(text);

        /* A combining character may become a `?`. */
        if (columns + (glyph.columns > 0 ? glyph.columns : !unicode) > room)
            break;
        columns += add_glyph(out, glyph, text.at, unicode);
        text = text_from_offset(text, glyph.bytes);
    }
    if (is_cut && most > 0) {
        buffer_add_string(out, unicode ? "…" : "~");
        columns++;
    }
    return columns;
}

void columns_pad(struct buffer *out, struct text text, size_t width, bool unicode)
{
    for (size_t columns = columns_add(out, text, width, unicode); columns < width; columns++)
        buffer_add_byte(out, ' ');
}

void columns_add_count(struct buffer *out, uint64_t count)
{
    char digits[24];
    size_t length = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);

    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            buffer_add_byte(out, ',');
        buffer_add_byte(out, digits[i]);
    }
}
