/* field_read: which values a field takes, where they go, and what the user is told otherwise. */
#include <float.h>

#include "base/field_value.h"
#include "base/problems.h"

enum { SHOWN = 60 }; /* bytes of the user's text in a complaint */

/* A table may leave out the upper bound of a field that has a lower one. */
struct field_bounds field_bounds(const struct field *field)
{
    bool none = field->least == 0 && field->most == 0;
    struct field_bounds bounds = { none ? -DBL_MAX : field->least,
                                   none || field->most < field->least ? DBL_MAX : field->most };

    if (field->type == FIELD_SHARE && bounds.most > 1)
        bounds.most = 1;
    return bounds;
}

/* The smallest and the largest number in the value; an open range has no largest. */
static struct field_bounds extent_of(enum field_type type, const union field_value *value)
{
    switch (type) {
    case FIELD_DURATION:
        return (struct field_bounds){ (double)value->duration, (double)value->duration };
    case FIELD_SIZE:
    case FIELD_BANDWIDTH:
    case FIELD_COUNT:
        return (struct field_bounds){ (double)value->whole, (double)value->whole };
    case FIELD_SHARE:
    case FIELD_FACTOR:
    case FIELD_RATE:
    case FIELD_NUMBER:
        return (struct field_bounds){ value->number, value->number };
    case FIELD_RANGE:
        return (struct field_bounds){
            (double)value->range.first,
            (double)(value->range.last == UINT64_MAX ? value->range.first : value->range.last)
        };
    case FIELD_FLAG:
    case FIELD_TEXT:
    case FIELD_JSON:
    case FIELD_CHOICE:
    case FIELD_MAP:
    case FIELD_TEXTS:
    case FIELD_NONE:
        break;
    }
    return (struct field_bounds){ -DBL_MAX, DBL_MAX };
}

/* The value's own bytes and how many; they are what the type says, since FIELD checked the member.
 */
static void store(const struct field *field, void *target, const union field_value *value)
{
    char *place = (char *)target + field->offset;

    switch (field->type) {
    case FIELD_DURATION:
        memcpy(place, &value->duration, sizeof(value->duration));
        break;
    case FIELD_SIZE:
    case FIELD_BANDWIDTH:
    case FIELD_COUNT:
        memcpy(place, &value->whole, sizeof(value->whole));
        break;
    case FIELD_SHARE:
    case FIELD_FACTOR:
    case FIELD_RATE:
    case FIELD_NUMBER:
        memcpy(place, &value->number, sizeof(value->number));
        break;
    case FIELD_FLAG:
        memcpy(place, &value->flag, sizeof(value->flag));
        break;
    case FIELD_TEXT:
    case FIELD_JSON:
        memcpy(place, &value->text, sizeof(value->text));
        break;
    case FIELD_CHOICE:
        memcpy(place, &value->choice, sizeof(value->choice));
        break;
    case FIELD_RANGE:
        memcpy(place, &value->range, sizeof(value->range));
        break;
    case FIELD_MAP:
    case FIELD_TEXTS:
    case FIELD_NONE:
        break;
    }
}

/* `, got "…"`, cut between characters if it is long. */
static void add_got(struct buffer *complaint, struct text value)
{
    struct text shown = value;

    if (shown.length > SHOWN) {
        shown.length = SHOWN;
        while (shown.length > 0 && ((unsigned char)value.at[shown.length] & 0xc0) == 0x80)
            shown.length--;
    }
    buffer_add_string(complaint, ", got ");
    buffer_add_json(complaint, shown);
    if (shown.length < value.length)
        buffer_add_string(complaint, " and more");
}

static void add_number(struct buffer *out, double number, const char *before, const char *behind)
{
    bool whole = number >= -1e15 && number <= 1e15 && number == (double)(int64_t)number;

    if (whole)
        buffer_format(out, "%s%lld%s", before, (long long)number, behind);
    else
        buffer_format(out, "%s%.9g%s", before, number, behind);
}

static void add_size(struct buffer *out, double size)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB" };
    size_t i = 0;

    while (i + 1 < COUNT_OF(units) && size >= 1024 &&
           size / 1024 == (double)(int64_t)(size / 1024)) {
        size /= 1024;
        i++;
    }
    add_number(out, size, "", units[i]);
}

static void add_bandwidth(struct buffer *out, double bandwidth)
{
    add_size(out, bandwidth);
    buffer_add_string(out, "/s");
}

static void add_bound(struct buffer *out, enum field_type type, double bound)
{
    if (type == FIELD_DURATION)
        buffer_add_duration(out, (usec)bound);
    else if (type == FIELD_SIZE)
        add_size(out, bound);
    else if (type == FIELD_BANDWIDTH)
        add_bandwidth(out, bound);
    else if (type == FIELD_SHARE)
        add_number(out, bound * 100, "", "%");
    else if (type == FIELD_FACTOR)
        add_number(out, bound, "x", "");
    else if (type == FIELD_RATE)
        add_number(out, bound, "", "/s");
    else
        add_number(out, bound, "", "");
}

static const char *choice_at(const void *choices, size_t index)
{
    return ((const char *const *)choices)[index];
}

static void complain_choice(const struct field *field, struct text value, struct buffer *complaint)
{
    /* Of numbers such as versions, none is a misspelling of another. */
    bool number = value.length > 0 && value.at[0] >= '0' && value.at[0] <= '9';
    const char *meant = number ? NULL : problem_suggestion(value, choice_at, field->choices);

    buffer_add_string(complaint, "wants ");
    for (size_t i = 0; field->choices[i]; i++) {
        if (i > 0)
            buffer_add_string(complaint, field->choices[i + 1] ? ", " : " or ");
        buffer_add_string(complaint, field->choices[i]);
    }
    add_got(complaint, value);
    if (meant)
        buffer_format(complaint, "; did you mean \"%s\"?", meant);
}

static bool is_within(const struct field *field, const union field_value *value)
{
    struct field_bounds bounds = field_bounds(field);
    struct field_bounds extent = extent_of(field->type, value);

    return extent.least >= bounds.least && extent.most <= bounds.most;
}

static void add_meant(const struct field *field, struct text value, struct buffer *complaint)
{
    struct buffer meant = { 0 };
    union field_value read;

    if (field_meant(field, value, &read, &meant) && is_within(field, &read))
        buffer_format(complaint, "; did you mean \"%s\"?", meant.at);
    buffer_free(&meant);
}

static void complain(const struct field *field, struct text value, struct buffer *complaint)
{
    uint64_t number;

    if (field->type == FIELD_CHOICE) {
        complain_choice(field, value, complaint);
        return;
    }
    buffer_format(complaint, "wants %s", field_type_wish(field->type));
    if (field->type == FIELD_DURATION && text_to_u64(value, &number))
        buffer_add_string(complaint, ", with its unit");
    add_got(complaint, value);
    add_meant(field, value, complaint);
}

bool field_read(const struct field *field, void *target, struct text value,
                struct buffer *complaint)
{
    struct field_bounds bounds = field_bounds(field), extent;
    union field_value read;

    if (!field_value_read(field, value, &read)) {
        complain(field, value, complaint);
        return false;
    }
    extent = extent_of(field->type, &read);
    if (extent.least < bounds.least || extent.most > bounds.most) {
        bool low = extent.least < bounds.least;

        buffer_add_string(complaint, low ? "wants at least " : "wants at most ");
        add_bound(complaint, field->type, low ? bounds.least : bounds.most);
        add_got(complaint, value);
        return false;
    }
    store(field, target, &read);
    return true;
}
