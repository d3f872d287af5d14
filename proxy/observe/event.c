/* event: what each event consists of, taken from the table; packing and writing follow from it. */
#include "observe/event.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attributes.h"

enum {
    TEXT_LIMIT = 32 << 10,
    SCENARIO_LIMIT = 1 << 20,
};

#define MEMBER_T(name, help) struct text name;
#define MEMBER_C(name, help) uint64_t name;
#define MEMBER_D(name, help) usec name;
#define MEMBER_F(name, help) bool name;
#define MEMBER_R(name, help) double name;
#define MEMBER_H(name, help) uint64_t name;
#define ROW(name, key, type, help) { key, type, offsetof(struct same, name), help },
#define ROW_T(name, help) ROW(name, #name, EVENT_TEXT, help)
#define ROW_C(name, help) ROW(name, #name, EVENT_COUNT, help)
#define ROW_D(name, help) ROW(name, #name "_ms", EVENT_DURATION, help)
#define ROW_M(name, help) ROW(name, #name "_s", EVENT_MOMENT, help)
#define ROW_F(name, help) ROW(name, #name, EVENT_FLAG, help)
#define ROW_R(name, help) ROW(name, #name, EVENT_REAL, help)
#define ROW_H(name, help) ROW(name, #name, EVENT_HASH, help)

/* A row does not know its event's name, so offsets are taken from a struct that has the same
 * members and everywhere the same name. */
#define X(name, help, fields)                                                                    \
    static const struct event_description *describe_##name(void)                                 \
    {                                                                                            \
        struct same {                                                                            \
            fields(MEMBER_T, MEMBER_C, MEMBER_D, MEMBER_D, MEMBER_F, MEMBER_R, MEMBER_H)         \
        };                                                                                       \
        static const struct event_field rows[] = { fields(ROW_T, ROW_C, ROW_D, ROW_M, ROW_F,     \
                                                          ROW_R, ROW_H) };                       \
        static const struct event_description description = { #name, help, rows, COUNT_OF(rows), \
                                                              sizeof(struct event_##name) };     \
                                                                                                 \
        _Static_assert(sizeof(struct same) == sizeof(struct event_##name), "same table");        \
        return &description;                                                                     \
    }
EVENTS(X)
#undef X

const struct event_description *event_describe(enum event_kind kind)
{
    switch (kind) {
#define X(name, help, fields) \
    case EVENT_##name:        \
        return describe_##name();
        EVENTS(X)
#undef X
    case EVENT_KINDS:
        break;
    }
    return NULL;
}

struct packing {
    char *out;
    size_t room, length;
};

static void pack(struct packing *packing, const void *bytes, size_t length)
{
    if (length > 0 && packing->length + length <= packing->room)
        memcpy(packing->out + packing->length, bytes, length);
    packing->length += length;
}

/* No longer than `limit`, and not in the middle of a character. */
static struct text cut(struct text text, size_t limit)
{
    size_t length = limit;

    if (text.length <= limit)
        return text;
    while (length > limit - 3 && ((unsigned char)text.at[length] & 0xc0) == 0x80)
        length--;
    return text_of(text.at, length);
}

static void pack_text(struct packing *packing, struct text text, size_t limit)
{
    struct text kept = cut(text, limit);
    uint32_t length = (uint32_t)kept.length;

    pack(packing, &length, sizeof length);
    pack(packing, kept.at, kept.length);
}

static size_t width(enum event_type type)
{
    switch (type) {
    case EVENT_FLAG:
        return sizeof(bool);
    case EVENT_REAL:
        return sizeof(double);
    case EVENT_TEXT:
    case EVENT_COUNT:
    case EVENT_DURATION:
    case EVENT_MOMENT:
    case EVENT_HASH:
        break;
    }
    return sizeof(uint64_t);
}

size_t event_pack(enum event_kind kind, const void *event, char *out, size_t room)
{
    const struct event_description *description = event_describe(kind);
    struct packing packing = { .room = room };

    packing.out = out;
    for (size_t i = 0; description && i < description->count; i++) {
        const struct event_field *field = &description->fields[i];
        const char *at = (const char *)event + field->offset;
        bool scenario = kind == EVENT_run && field->offset == offsetof(struct event_run, text);
        struct text text;

        if (field->type != EVENT_TEXT) {
            pack(&packing, at, width(field->type));
            continue;
        }
        memcpy(&text, at, sizeof text);
        pack_text(&packing, text, scenario ? SCENARIO_LIMIT : TEXT_LIMIT);
    }
    return packing.length;
}

static bool unpack(struct text *packed, void *value, size_t length)
{
    if (packed->length < length)
        return false;
    memcpy(value, packed->at, length);
    *packed = text_from_offset(*packed, length);
    return true;
}

static bool unpack_text(struct text *packed, char *at)
{
    struct text text;
    uint32_t length;

    if (!unpack(packed, &length, sizeof length) || packed->length < length)
        return false;
    text = text_of(packed->at, length);
    *packed = text_from_offset(*packed, length);
    memcpy(at, &text, sizeof text);
    return true;
}

bool event_unpack(enum event_kind kind, struct text packed, void *event)
{
    const struct event_description *description = event_describe(kind);

    if (!description)
        return false;
    memset(event, 0, description->size);
    for (size_t i = 0; i < description->count; i++) {
        const struct event_field *field = &description->fields[i];
        char *at = (char *)event + field->offset;
        unsigned char flag = 0;
        bool whole;

        if (field->type == EVENT_TEXT) {
            whole = unpack_text(&packed, at);
        } else if (field->type == EVENT_FLAG) {
            whole = unpack(&packed, &flag, 1) && flag <= 1;
            *(bool *)at = flag == 1;
        } else {
            whole = unpack(&packed, at, width(field->type));
        }
        if (!whole)
            return false;
    }
    return packed.length == 0;
}

static void add_count(struct buffer *out, uint64_t count)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + count % 10);
        count /= 10;
    } while (count > 0);
    buffer_add(out, digits + at, sizeof digits - at);
}

/* `amount` of a unit of which `whole` (1000 or 1,000,000) make one that is written. */
static void add_fixed(struct buffer *out, int64_t amount, uint64_t whole)
{
    uint64_t size = amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;

    if (amount < 0)
        buffer_add_byte(out, '-');
    add_count(out, size / whole);
    buffer_add_byte(out, '.');
    for (uint64_t place = whole / 10; place > 0; place /= 10)
        buffer_add_byte(out, (char)('0' + size / place % 10));
}

static void add_hash(struct buffer *out, uint64_t hash)
{
    char digits[] = "\"0000000000000000\"";

    for (size_t at = 16; at > 0; at--, hash >>= 4)
        digits[at] = "0123456789abcdef"[hash & 15];
    buffer_add_string(out, digits);
}

/* With as many digits as it takes to read the same number back. */
static void add_real(struct buffer *out, double real)
{
    char text[40];
    double back;

    if (!isfinite(real)) {
        buffer_add_string(out, "null"); /* JSON has no word for it */
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, real);
        back = strtod(text, NULL);
        if (back == real)
            break;
    }
    for (const char *at = text; *at; at++) {
        /* Whatever the locale makes of the point. */
        buffer_add_byte(out, strchr("+-0123456789e", *at) ? *at : '.');
    }
}

static bool is_left_out(const struct event_field *field, const void *at)
{
    if (field->type == EVENT_TEXT)
        return text_is_empty(*(const struct text *)at);
    if (field->type == EVENT_DURATION || field->type == EVENT_MOMENT)
        return *(const usec *)at == NEVER;
    if (field->type == EVENT_HASH)
        return *(const uint64_t *)at == 0;
    return false;
}

void event_leave_out(const struct event_field *field, void *at)
{
    if (field->type == EVENT_DURATION || field->type == EVENT_MOMENT)
        *(usec *)at = NEVER;
    else
        memset(at, 0, field->type == EVENT_TEXT ? sizeof(struct text) : width(field->type));
}

static void write_value(const struct event_field *field, const void *at, struct buffer *out)
{
    switch (field->type) {
    case EVENT_TEXT:
        buffer_add_json(out, *(const struct text *)at);
        break;
    case EVENT_COUNT:
        add_count(out, *(const uint64_t *)at);
        break;
    case EVENT_DURATION:
        add_fixed(out, *(const usec *)at, (uint64_t)MSEC);
        break;
    case EVENT_MOMENT:
        add_fixed(out, *(const usec *)at, (uint64_t)SECOND);
        break;
    case EVENT_FLAG:
        buffer_add_string(out, *(const bool *)at ? "true" : "false");
        break;
    case EVENT_REAL:
        add_real(out, *(const double *)at);
        break;
    case EVENT_HASH:
        add_hash(out, *(const uint64_t *)at);
        break;
    }
}

void event_write(enum event_kind kind, const void *event, uint64_t sequence, usec time,
                 struct buffer *out)
{
    const struct event_description *description = event_describe(kind);

    if (!description)
        return;
    buffer_add_string(out, "{\"event\":\"");
    buffer_add_string(out, description->name);
    buffer_add_string(out, "\",\"seq\":");
    add_count(out, sequence);
    buffer_add_string(out, ",\"time\":");
    add_fixed(out, time, (uint64_t)SECOND);
    for (size_t i = 0; i < description->count; i++) {
        const struct event_field *field = &description->fields[i];
        const void *at = (const char *)event + field->offset;

        if (is_left_out(field, at))
            continue;
        buffer_add_string(out, ",\"");
        buffer_add_string(out, field->name);
        buffer_add_string(out, "\":");
        write_value(field, at, out);
    }
    buffer_add_byte(out, '}');
}
