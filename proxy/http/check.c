/* check: field lines, byte by byte, as RFC 9112 5 wants them. */
#include "http/check.h"

#include <endian.h>
#include <string.h>

#include "http/chars.h"

#define ONES UINT64_C(0x0101010101010101)

enum read_result check_refuse(struct check *check, unsigned status, const char *complaint)
{
    check->refusal = status;
    check->complaint = complaint;
    return READ_WRONG;
}

enum read_result check_ran_out(struct check *check, unsigned status, const char *complaint)
{
    return check->limited ? check_refuse(check, status, complaint) : READ_MORE;
}

static enum read_result head_ran_out(struct check *check)
{
    return check_ran_out(check, 431, "head too large");
}

/* Eight bytes, the first one lowest. */
static uint64_t word_at(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return le64toh(word);
}

/* The top bits of bytes below 0x20 or equal to DEL. No sum carries into the next byte. */
static uint64_t controls_in(uint64_t word)
{
    uint64_t low = word & (ONES * 0x7fu);

    return (~(low + ONES * 0x60u) | (low + ONES)) & ~word & (ONES * 0x80u);
}

static size_t first_marked(uint64_t marks)
{
    return (size_t)__builtin_ctzll(marks) / 8;
}

const char *check_skip_value(const char *at, const char *end)
{
    while (end - at >= 8) {
        uint64_t controls = controls_in(word_at(at));

        if (controls == 0) {
            at += 8;
            continue;
        }
        at += first_marked(controls);
        if (*at != '\t')
            return at;
        at++;
    }
    while (at < end && char_is(*at, CHAR_VALUE))
        at++;
    return at;
}

/* Where the first colon is, or `end`. */
static const char *find_colon(const char *at, const char *end)
{
    for (; end - at >= 8; at += 8) {
        uint64_t other = word_at(at) ^ (ONES * ':');
        uint64_t colons = (other - ONES) & ~other & (ONES * 0x80u);

        if (colons)
            return at + first_marked(colons);
    }
    while (at < end && *at != ':')
        at++;
    return at;
}

static const char *complaint_about(char byte)
{
    switch (byte) {
    case '\0':
        return "NUL in the head";
    case '\n':
        return "bare LF in the head";
    case '\r':
        return "bare CR in the head";
    default:
        return "control character in the head";
    }
}

enum read_result check_line_end(struct check *check, const char *at)
{
    if (at == check->end)
        return head_ran_out(check);
    if (*at != '\r')
        return check_refuse(check, 400, complaint_about(*at));
    if (at + 1 == check->end)
        return head_ran_out(check);
    if (at[1] != '\n')
        return check_refuse(check, 400, complaint_about('\r'));
    check->at = at + 2;
    return READ_DONE;
}

static enum read_result refuse_name(struct check *check, const char *name, const char *at)
{
    if (at == name && char_is_blank(*at))
        return check_refuse(check, 400,
                            check->field_count ? "a field folded over lines"
                                               : "white space before the first field");
    if (at == name && *at == ':')
        return check_refuse(check, 400, "a field without a name");
    if (char_is_blank(*at))
        return check_refuse(check, 400, "white space in or behind a field name");
    if (*at == '\0' || (at == name && *at == '\n'))
        return check_refuse(check, 400, complaint_about(*at));
    if (*at == '\r' || *at == '\n')
        return check_refuse(check, 400, "a field without a colon");
    return check_refuse(check, 400, "a field name that is no token");
}

/* The first of several that say the same stays. */
static void note_length(struct check *check, struct text value)
{
    if (check->length_count++ == 0) {
        check->length = value;
        return;
    }
    check->spot_count--;
    if (!text_equal(check->length, value))
        check->lengths_differ = true;
}

/* What the framing hangs on. */
static void note_field(struct check *check, enum field_id id, struct text value)
{
    switch (id) {
    case HEAD_HOST:
        if (check->host_count++ == 0)
            check->host = value;
        break;
    case HEAD_CONTENT_LENGTH:
        note_length(check, value);
        break;
    case HEAD_TRANSFER_ENCODING:
        if (check->coding_count++ == 0)
            check->coding = value;
        break;
    default:
        break;
    }
}

static enum read_result note_spot(struct check *check, struct text name, enum field_id id,
                                  struct text value)
{
    struct spot *spot = &check->spots[check->spot_count];

    if (++check->field_count > check->field_most)
        return check_refuse(check, 431, "too many fields");
    spot->name = (uint16_t)(name.at - check->start);
    spot->name_length = (uint16_t)name.length;
    spot->value = (uint16_t)(value.at - check->start);
    spot->value_length = (uint16_t)value.length;
    spot->id = (uint8_t)id;
    check->spot_count++;
    if (id != FIELD_OTHER && id <= HEAD_TRANSFER_ENCODING)
        note_field(check, id, value);
    return READ_DONE;
}

/* What is wrong with the name at check->at, if anything is; the colon, or the end, is at `colon`.
 */
static enum read_result check_name(struct check *check, const char *colon)
{
    const char *at = check->at, *name = at;

    while (at < colon && char_is(*at, CHAR_TOKEN))
        at++;
    if (at == check->end)
        return head_ran_out(check);
    if (at == name || at < colon)
        return refuse_name(check, name, at);
    return READ_DONE;
}

/* A known name has no wrong byte; others are looked at one by one. */
static enum read_result check_field_line(struct check *check)
{
    const char *end = check->end, *colon = find_colon(check->at, end), *value, *at, *past;
    struct text name = text_of(check->at, (size_t)(colon - check->at));
    enum field_id id = field_identify(name);
    enum read_result result = READ_DONE;

    if (id == FIELD_OTHER || colon == end)
        result = check_name(check, colon);
    if (result != READ_DONE)
        return result;
    value = colon + 1;
    while (value < end && char_is_blank(*value))
        value++;
    at = check_skip_value(value, end);
    if (end - at < 2 || at[0] != '\r' || at[1] != '\n')
        return check_line_end(check, at);
    check->at = at + 2;
    for (past = at; past > value && char_is_blank(past[-1]); past--)
        check->rough |= past[-1] == '\t';
    return note_spot(check, name, id, text_of(value, (size_t)(past - value)));
}

enum read_result check_head(struct check *check, enum head_kind kind, struct text bytes,
                            const struct head_limits *limits, struct spot *spots)
{
    bool limited = bytes.length >= limits->head_size;
    enum read_result result;

    *check = (struct check){ .kind = kind,
                             .limited = limited,
                             .start = bytes.at,
                             .at = bytes.at,
                             .end = bytes.at + (limited ? limits->head_size : bytes.length),
                             .field_most = limits->field_count,
                             .spots = spots };
    result = check_start_line(check);
    while (result == READ_DONE && (check->at == check->end || *check->at != '\r'))
        result = check->at == check->end ? head_ran_out(check) : check_field_line(check);
    return result == READ_DONE ? check_line_end(check, check->at) : result;
}

enum read_result check_trailer_line(struct check *check, struct text line, struct spot *spot)
{
    *check = (struct check){ .start = line.at,
                             .at = line.at,
                             .end = line.at + line.length,
                             .field_most = 1,
                             .spots = spot };
    return check_field_line(check);
}
