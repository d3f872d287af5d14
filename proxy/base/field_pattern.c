/* field_pattern: a regular expression of what a field takes, from the same units and bounds that
 * reading goes by. */
#include <math.h>
#include <stdio.h>

#include "base/field_value.h"

#define ENDLESS 1e19 /* no number is as long: the pattern is open there */

enum { MOST_DIGITS = 19, ZEROS = 18 };

struct span {
    double least, most;
};

static uint64_t power_of_ten(unsigned places)
{
    uint64_t power = 1;

    while (places-- > 0)
        power *= 10;
    return power;
}

static unsigned digits_of(uint64_t number)
{
    unsigned digits = 1;

    while (number >= 10) {
        number /= 10;
        digits++;
    }
    return digits;
}

static void add_class(struct buffer *out, uint64_t from, uint64_t to)
{
    if (from == to)
        buffer_format(out, "%llu", (unsigned long long)from);
    else
        buffer_format(out, "[%llu-%llu]", (unsigned long long)from, (unsigned long long)to);
}

static void add_digits(struct buffer *out, unsigned count)
{
    if (count == 1)
        buffer_add_string(out, "[0-9]");
    else if (count > 1)
        buffer_format(out, "[0-9]{%u}", count);
}

static void add_bar(struct buffer *out, size_t start)
{
    if (out->length > start)
        buffer_add_byte(out, '|');
}

/* All numbers from `from` to `to`, which have both as many digits, zeros in front counted. */
static void add_same_length(struct buffer *out, size_t start, const char *before, uint64_t from,
                            uint64_t to, unsigned digits)
{
    uint64_t power = power_of_ten(digits - 1);
    uint64_t first = from / power, last = to / power;
    bool low_cut = from % power != 0, high_cut = to % power != power - 1;
    char lead[MOST_DIGITS + 2];

    if (first == last && digits > 1 && (low_cut || high_cut)) {
        snprintf(lead, sizeof(lead), "%s%llu", before, (unsigned long long)first);
        add_same_length(out, start, lead, from % power, to % power, digits - 1);
        return;
    }
    if (low_cut) {
        snprintf(lead, sizeof(lead), "%s%llu", before, (unsigned long long)first);
        add_same_length(out, start, lead, from % power, power - 1, digits - 1);
    }
    if (first + low_cut + high_cut <= last) {
        add_bar(out, start);
        buffer_add_string(out, before);
        add_class(out, first + low_cut, last - high_cut);
        add_digits(out, digits - 1);
    }
    if (high_cut) {
        snprintf(lead, sizeof(lead), "%s%llu", before, (unsigned long long)last);
        add_same_length(out, start, lead, 0, to % power, digits - 1);
    }
}

/* All numbers with more digits than one, from so many digits to so many; 0: without end. */
static void add_lengths(struct buffer *out, size_t start, unsigned from, unsigned to)
{
    add_bar(out, start);
    buffer_add_string(out, "[1-9]");
    if (from == to)
        add_digits(out, from - 1);
    else if (to > 0)
        buffer_format(out, "[0-9]{%u,%u}", from - 1, to - 1);
    else
        buffer_format(out, "[0-9]{%u,}", from - 1);
}

/* Those with as many digits as `from`, then what is whole lengths, then those with as many as `to`.
 */
static void add_span(struct buffer *out, uint64_t from, uint64_t to)
{
    unsigned first = digits_of(from), last = digits_of(to);
    size_t start = out->length;

    if (first == last) {
        add_same_length(out, start, "", from, to, first);
        return;
    }
    if (first == 1 || from > power_of_ten(first - 1)) {
        add_same_length(out, start, "", from, power_of_ten(first) - 1, first);
        first++;
    }
    if (to < power_of_ten(last) - 1)
        last--;
    if (first <= last)
        add_lengths(out, start, first, last);
    if (last < digits_of(to))
        add_same_length(out, start, "", power_of_ten(last), to, digits_of(to));
}

/* Whole numbers without a zero in front, from `least` to `most`; a group, so that it can be
 * followed by anything. */
static void add_whole(struct buffer *out, double least, double most)
{
    uint64_t from = least > 0 ? (uint64_t)least : 0;
    unsigned digits = digits_of(from);
    size_t start;

    buffer_add_string(out, "(?:");
    start = out->length;
    if (most < ENDLESS) {
        add_span(out, from, (uint64_t)most);
    } else {
        add_span(out, from, power_of_ten(digits) - 1);
        add_lengths(out, start, digits + 1, 0);
    }
    buffer_add_byte(out, ')');
}

/* Decimals with so many places; with 0, only zeros can stand behind the point. */
static void add_decimal(struct buffer *out, struct span span, unsigned places)
{
    double low = span.least > 0 ? span.least : 0;
    bool open = !(span.most < ENDLESS);
    double first = floor(low), last = open ? span.most : ceil(span.most) - 1;

    buffer_add_string(out, "(?:");
    if (open && first == low && places > 0) {
        add_whole(out, low, span.most);
        buffer_format(out, "(?:\\.[0-9]{1,%u}0*)?)", places);
        return;
    }
    if (ceil(low) <= floor(span.most)) {
        add_whole(out, ceil(low), floor(span.most));
        buffer_format(out, "(?:\\.0{1,%d})?", ZEROS);
    }
    if (places > 0 && first <= last) {
        if (out->at[out->length - 1] != ':')
            buffer_add_byte(out, '|');
        add_whole(out, first, last);
        buffer_format(out, "\\.[0-9]{1,%u}0*", places);
    }
    buffer_add_byte(out, ')');
}

/* Not a single part below the bound. */
static void add_too_short(struct buffer *out, double least)
{
    bool any = false;

    for (const struct field_unit *unit = field_duration_units; unit->name; unit++) {
        double parts = floor(least / (double)unit->size);

        if (parts < 1)
            continue;
        buffer_add_string(out, any ? "|" : "(?!(?:");
        add_whole(out, 0, parts - 1);
        buffer_format(out, "(?:\\.[0-9]+)?%s", unit->name);
        any = true;
    }
    buffer_add_string(out, any ? ")$)" : "");
}

/* Each unit once at most, in their order. A sum cannot be told from its letters, but a single part
 * beyond the bound can. */
static void add_duration(struct buffer *out, struct span span)
{
    buffer_add_string(out, span.least > 0 ? "(?:(?=.*[1-9])" : "(?:0|");
    if (span.least > 1)
        add_too_short(out, span.least);
    buffer_add_string(out, "(?=[0-9])(?!0[0-9])");
    for (const struct field_unit *unit = field_duration_units; unit->name; unit++) {
        struct span part = { 0, span.most / (double)unit->size };

        buffer_add_string(out, "(?:0*");
        add_decimal(out, part, unit->places);
        buffer_format(out, "%s)?", unit->name);
    }
    buffer_add_byte(out, ')');
}

/* A number and one of the units. */
static void add_units(struct buffer *out, struct span span, const struct field_unit *units,
                      bool per)
{
    buffer_add_string(out, "(?:");
    for (const struct field_unit *unit = units; unit->name; unit++) {
        double size = (double)unit->size, factor = per ? size : 1 / size;

        if (unit > units)
            buffer_add_byte(out, '|');
        add_decimal(out, (struct span){ span.least * factor, span.most * factor }, unit->places);
        buffer_add_string(out, unit->name);
    }
    buffer_add_byte(out, ')');
}

static void add_range(struct buffer *out, struct span span)
{
    add_whole(out, span.least, span.most);
    buffer_add_string(out, "(?:\\.\\.");
    add_whole(out, span.least, span.most);
    buffer_add_string(out, "?)?");
}

static bool add_type(const struct field *field, struct span span, struct buffer *out)
{
    switch (field->type) {
    case FIELD_DURATION:
        add_duration(out, span);
        return true;
    case FIELD_SIZE:
        add_units(out, span, field_size_units, false);
        return true;
    case FIELD_BANDWIDTH:
        add_units(out, span, field_bandwidth_units, false);
        return true;
    case FIELD_SHARE:
        add_decimal(out, (struct span){ span.least * 100, span.most * 100 }, ZEROS);
        buffer_add_byte(out, '%');
        return true;
    case FIELD_FACTOR:
        buffer_add_byte(out, 'x');
        add_decimal(out, span, ZEROS);
        return true;
    case FIELD_RATE:
        add_units(out, span, field_rate_units, true);
        return true;
    case FIELD_COUNT:
        add_whole(out, span.least, span.most);
        return true;
    case FIELD_NUMBER:
        add_decimal(out, span, ZEROS);
        return true;
    case FIELD_RANGE:
        add_range(out, span);
        return true;
    case FIELD_FLAG:
    case FIELD_TEXT:
    case FIELD_CHOICE:
    case FIELD_MAP:
    case FIELD_JSON:
    case FIELD_TEXTS:
    case FIELD_NONE:
        break;
    }
    return false;
}

bool field_pattern(const struct field *field, struct buffer *out)
{
    struct field_bounds bounds = field_bounds(field);

    return add_type(field, (struct span){ bounds.least, bounds.most }, out);
}
