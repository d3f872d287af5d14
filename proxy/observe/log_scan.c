/* log_scan: the one way in which event_write spells a line, followed from left to right. Each field
 * is looked for where the table has it, so no key can come twice; what is not found there, or is
 * spelled in any other way, is left to the JSON library. */
#include "observe/log_scan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum {
    DIGITS_MOST = 18, /* as many never pass 64 bits */
    REAL_MOST = 32,   /* longer than any that is written */
};

/* JSON's numbers are doubles: half of 1/1000 of a double's last digit, and half of a digit that the
 * multiplication rounds, come to less than half a microsecond up to here (35 years). So the nearest
 * whole number is the one that is written; beyond, the library is asked. */
#define EXACT_MOST (UINT64_C(1) << 50)

struct log_scanner {
    struct arena arena;                /* of the spellings */
    struct text openings[EVENT_KINDS]; /* `{"event":"NAME","seq":` */
    struct text *keys[EVENT_KINDS];    /* `,"NAME":` */
    char *unescaped;                   /* texts of one line that have escapes */
    size_t room;
};

struct scan {
    const char *at, *end;
    char *out; /* behind the last unescaped text; never more than the line is long */
};

struct log_scanner *log_scanner_new(void)
{
    struct log_scanner *scanner = memory_take(sizeof *scanner);

    for (enum event_kind kind = 0; kind < EVENT_KINDS; kind++) {
        const struct event_description *description = event_describe(kind);
        struct text *keys = ARENA_ARRAY(&scanner->arena, struct text, description->count);

        scanner->openings[kind] =
            arena_format(&scanner->arena, "{\"event\":\"%s\",\"seq\":", description->name);
        for (size_t i = 0; i < description->count; i++)
            keys[i] = arena_format(&scanner->arena, ",\"%s\":", description->fields[i].name);
        scanner->keys[kind] = keys;
    }
    return scanner;
}

void log_scanner_free(struct log_scanner *scanner)
{
    if (!scanner)
        return;
    arena_clear(&scanner->arena);
    free(scanner->unescaped);
    free(scanner);
}

static bool take(struct scan *scan, struct text spelling)
{
    if ((size_t)(scan->end - scan->at) < spelling.length ||
        memcmp(scan->at, spelling.at, spelling.length) != 0)
        return false;
    scan->at += spelling.length;
    return true;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool take_whole(struct scan *scan, uint64_t *whole)
{
    const char *from = scan->at;
    uint64_t sum = 0;

    while (scan->at < scan->end && is_digit(*scan->at))
        sum = sum * 10 + (uint64_t)(*scan->at++ - '0');
    *whole = sum;
    return scan->at > from && scan->at - from <= DIGITS_MOST &&
           (*from != '0' || scan->at - from == 1);
}

/* With as many decimals as `unit` has zeros. */
static bool take_time(struct scan *scan, usec unit, usec *time)
{
    bool negative = take(scan, (struct text)TEXT("-"));
    uint64_t whole, sum;

    if (!take_whole(scan, &whole) || whole > EXACT_MOST || !take(scan, (struct text)TEXT(".")))
        return false;
    sum = whole;
    for (usec place = unit; place > 1; place /= 10, scan->at++) {
        if (scan->at == scan->end || !is_digit(*scan->at) || sum > EXACT_MOST)
            return false;
        sum = sum * 10 + (uint64_t)(*scan->at - '0');
    }
    *time = negative ? -(usec)sum : (usec)sum;
    return sum <= EXACT_MOST;
}

static bool take_flag(struct scan *scan, bool *flag)
{
    *flag = take(scan, (struct text)TEXT("true"));
    return *flag || take(scan, (struct text)TEXT("false"));
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at))
        at++;
    return at;
}

/* Digits, a fraction, and an exponent, as JSON has them (RFC 8259, 6); strtod itself takes more.
 * NULL for what is none. What has neither fraction nor exponent is an integer to the library: NULL
 * where that could be another number, a long one and -0. */
static const char *find_real_end(const char *from, const char *end)
{
    const char *whole = from + (from < end && *from == '-'), *at = skip_digits(whole, end), *digits;
    bool plain = true;

    if (at == whole || (*whole == '0' && at - whole > 1))
        return NULL;
    if (at < end && *at == '.') {
        digits = at + 1;
        at = skip_digits(digits, end);
        if (at == digits)
            return NULL;
        plain = false;
    }
    if (at < end && *at == 'e') {
        digits = at + 1;
        digits += digits < end && (*digits == '+' || *digits == '-');
        at = skip_digits(digits, end);
        if (at == digits)
            return NULL;
        plain = false;
    }
    return plain && (at - whole > DIGITS_MOST || (whole > from && *whole == '0')) ? NULL : at;
}

/* Where the locale has another point, strtod ends too early, and the library is asked. */
static bool take_real(struct scan *scan, double *real)
{
    const char *end = find_real_end(scan->at, scan->end);
    char copy[REAL_MOST + 1], *seen;
    size_t length;

    if (!end || end - scan->at > REAL_MOST)
        return false;
    length = (size_t)(end - scan->at);
    memcpy(copy, scan->at, length);
    copy[length] = '\0';
    *real = strtod(copy, &seen);
    scan->at = end;
    return seen == copy + length && isfinite(*real);
}

/* 16 for what is none. */
static unsigned hex_value(char byte)
{
    if (is_digit(byte))
        return (unsigned)(byte - '0');
    return byte >= 'a' && byte <= 'f' ? (unsigned)(byte - 'a' + 10) : 16;
}

static bool take_hex(struct scan *scan, unsigned digits, uint64_t *number)
{
    uint64_t sum = 0;

    if (scan->end - scan->at < digits)
        return false;
    for (unsigned i = 0; i < digits; i++) {
        unsigned value = hex_value(*scan->at++);

        if (value == 16)
            return false;
        sum = sum << 4 | value;
    }
    *number = sum;
    return true;
}

static bool take_hash(struct scan *scan, uint64_t *hash)
{
    static const struct text quote = TEXT("\"");

    return take(scan, quote) && take_hex(scan, 16, hash) && take(scan, quote);
}

#define BYTES(byte) (~UINT64_C(0) / 255 * (byte))

static bool has_zero(uint64_t bytes)
{
    return ((bytes - BYTES(1)) & ~bytes & BYTES(0x80)) != 0;
}

/* ASCII that stands for itself in a string of JSON. */
static bool is_plain(char byte)
{
    unsigned char value = (unsigned char)byte;

    return value >= ' ' && value < 0x80 && value != '"' && value != '\\';
}

static bool are_plain(const char *at)
{
    uint64_t bytes;

    memcpy(&bytes, at, sizeof bytes);
    /* A byte below a space borrows and so has its highest bit in the difference; from 0x80 on it
     * has it by itself. */
    return (((bytes - BYTES(' ')) | bytes) & BYTES(0x80)) == 0 && !has_zero(bytes ^ BYTES('"')) &&
           !has_zero(bytes ^ BYTES('\\'));
}

/* Up to a quote, an escape, or what may not stand in a string at all. */
static const char *skip_characters(const char *at, const char *end)
{
    for (;;) {
        size_t length = 0;

        while (end - at >= (ptrdiff_t)sizeof(uint64_t) && are_plain(at))
            at += sizeof(uint64_t);
        while (at < end && is_plain(*at))
            at++;
        if (at < end && (unsigned char)*at >= 0x80)
            length = text_character(text_of(at, (size_t)(end - at)));
        if (length == 0)
            return at;
        at += length;
    }
}

static void put(struct scan *scan, const char *from, const char *end)
{
    if (end > from)
        memcpy(scan->out, from, (size_t)(end - from));
    scan->out += end - from;
}

/* What stands behind a backslash. Of characters by number only ASCII: no others are written. */
static bool take_escape(struct scan *scan)
{
    static const char names[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    uint64_t code = 0;

    if (take(scan, (struct text)TEXT("u"))) {
        if (!take_hex(scan, 4, &code) || code >= 0x80)
            return false;
        *scan->out++ = (char)code;
        return true;
    }
    for (const char *name = names; scan->at < scan->end && *name; name += 2) {
        if (*name != *scan->at)
            continue;
        *scan->out++ = name[1];
        scan->at++;
        return true;
    }
    return false;
}

static bool take_text(struct scan *scan, struct text *text)
{
    const char *copy = scan->out, *from;

    if (!take(scan, (struct text)TEXT("\"")))
        return false;
    for (;;) {
        from = scan->at;
        scan->at = skip_characters(from, scan->end);
        if (scan->at == scan->end || *scan->at != '\\')
            break;
        put(scan, from, scan->at++);
        if (!take_escape(scan))
            return false;
    }
    *text = text_of(from, (size_t)(scan->at - from));
    if (scan->out > copy) {
        put(scan, from, scan->at);
        *text = text_of(copy, (size_t)(scan->out - copy));
    }
    return take(scan, (struct text)TEXT("\""));
}

static bool take_value(struct scan *scan, enum event_type type, void *at)
{
    switch (type) {
    case EVENT_TEXT:
        return take_text(scan, at);
    case EVENT_COUNT:
        return take_whole(scan, at);
    case EVENT_DURATION:
        return take_time(scan, MSEC, at);
    case EVENT_MOMENT:
        return take_time(scan, SECOND, at);
    case EVENT_FLAG:
        return take_flag(scan, at);
    case EVENT_REAL:
        return take_real(scan, at);
    case EVENT_HASH:
        return take_hash(scan, at);
    }
    return false;
}

static bool take_opening(const struct log_scanner *scanner, struct scan *scan,
                         struct log_line *line)
{
    line->kind = 0;
    while (line->kind < EVENT_KINDS && !take(scan, scanner->openings[line->kind]))
        line->kind++;
    return line->kind < EVENT_KINDS && take_whole(scan, &line->sequence) &&
           take(scan, (struct text)TEXT(",\"time\":")) && take_time(scan, SECOND, &line->time);
}

static bool take_fields(const struct log_scanner *scanner, struct scan *scan, struct log_line *line)
{
    const struct event_description *description = event_describe(line->kind);
    const struct text *keys = scanner->keys[line->kind];

    for (size_t i = 0; i < description->count; i++) {
        const struct event_field *field = &description->fields[i];
        char *at = (char *)&line->event + field->offset;

        if (!take(scan, keys[i]))
            event_leave_out(field, at);
        else if (!take_value(scan, field->type, at))
            return false;
    }
    return true;
}

bool log_scan(struct log_scanner *scanner, struct text text, struct log_line *line)
{
    struct scan scan = { .at = text.at, .end = text.at + text.length };

    if (scanner->room < text.length) {
        scanner->room = 2 * text.length;
        scanner->unescaped = memory_grow(scanner->unescaped, scanner->room);
    }
    scan.out = scanner->unescaped;
    return take_opening(scanner, &scan, line) && take_fields(scanner, &scan, line) &&
           take(&scan, (struct text)TEXT("}")) && scan.at == scan.end;
}
