/* field_value: how each type of value is written, digit by digit and without locale. */
#include "base/field_value.h"

enum { MOST_PLACES = 18 }; /* whose power of ten an integer holds */

/* digits / 10^places, exactly. */
struct decimal {
    uint64_t digits;
    unsigned places;
};

const struct field_unit field_duration_units[] = {
    { "d", 24 * HOUR, 18 }, { "h", HOUR, 18 }, { "m", MINUTE, 18 }, { "s", SECOND, 6 },
    { "ms", MSEC, 3 },      { "us", 1, 0 },    { NULL, 0, 0 },
};

const struct field_unit field_size_units[] = {
    { "", 1, 0 },
    { "B", 1, 0 },
    { "KB", 1000, 3 },
    { "MB", 1000000, 6 },
    { "GB", 1000000000, 9 },
    { "KiB", 1u << 10, 10 },
    { "MiB", UINT64_C(1) << 20, 18 },
    { "GiB", UINT64_C(1) << 30, 18 },
    { NULL, 0, 0 },
};

/* In bytes; eight bits are one. */
const struct field_unit field_bandwidth_units[] = {
    { "B/s", 1, 0 },
    { "KB/s", 1000, 3 },
    { "MB/s", 1000000, 6 },
    { "GB/s", 1000000000, 9 },
    { "KiB/s", 1u << 10, 10 },
    { "MiB/s", UINT64_C(1) << 20, 18 },
    { "GiB/s", UINT64_C(1) << 30, 18 },
    { "kbit/s", 125, 3 },
    { "Mbit/s", 125000, 6 },
    { "Gbit/s", 125000000, 9 },
    { NULL, 0, 0 },
};

const struct field_unit field_rate_units[] = {
    { "/s", 1, 18 },
    { "/m", 60, 18 },
    { "/h", 3600, 18 },
    { NULL, 0, 0 },
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Takes the digits that `text` starts with, and appends them to the decimal's. */
static bool take_digits(struct text *text, struct decimal *decimal, size_t *count)
{
    *count = 0;
    while (text->length > 0 && is_digit(text->at[0])) {
        uint64_t digit = (uint64_t)(text->at[0] - '0');

        if (__builtin_mul_overflow(decimal->digits, UINT64_C(10), &decimal->digits) ||
            __builtin_add_overflow(decimal->digits, digit, &decimal->digits))
            return false;
        *text = text_from_offset(*text, 1);
        ++*count;
    }
    return *count > 0;
}

/* Takes `12` or `12.5`: no sign, no exponent, a digit on both sides of the point. */
static bool take_decimal(struct text *text, struct decimal *decimal)
{
    size_t count;

    *decimal = (struct decimal){ 0 };
    if (!take_digits(text, decimal, &count))
        return false;
    if (text->length == 0 || text->at[0] != '.')
        return true;
    *text = text_from_offset(*text, 1);
    if (!take_digits(text, decimal, &count))
        return false;
    decimal->places = (unsigned)count;
    return count <= MOST_PLACES;
}

/* `08` and `010` mean different things to different readers, so they mean nothing here. */
static bool looks_octal(struct text text)
{
    return text.length > 1 && text.at[0] == '0' && is_digit(text.at[1]);
}

static uint64_t power_of_ten(unsigned places)
{
    uint64_t power = 1;

    while (places-- > 0)
        power *= 10;
    return power;
}

/* The nearest double where the digits fit 53 bits, else within one unit of the last place. */
static double decimal_value(struct decimal decimal)
{
    return (double)decimal.digits / (double)power_of_ten(decimal.places);
}

/* decimal * size, if that is whole and fits. */
static bool decimal_times(struct decimal decimal, uint64_t size, uint64_t *product)
{
    uint64_t power = power_of_ten(decimal.places), common = power, other = decimal.digits;

    while (other > 0) {
        uint64_t rest = common % other;

        common = other;
        other = rest;
    }
    power /= common;
    return size % power == 0 &&
           !__builtin_mul_overflow(decimal.digits / common, size / power, product);
}

static size_t letters(struct text text)
{
    size_t length = 0;

    while (length < text.length && !is_digit(text.at[length]))
        length++;
    return length;
}

static const struct field_unit *find_unit(const struct field_unit *units, struct text name)
{
    for (; units->name; units++) {
        if (text_is(name, units->name))
            return units;
    }
    return NULL;
}

static bool read_duration(struct text text, union field_value *value)
{
    const struct field_unit *units = field_duration_units;
    uint64_t sum = 0;

    if (looks_octal(text))
        return false;
    value->duration = 0;
    if (text_is(text, "0"))
        return true;
    while (text.length > 0) {
        const struct field_unit *unit;
        struct decimal decimal;
        uint64_t part;
        size_t length;

        if (!take_decimal(&text, &decimal))
            return false;
        length = letters(text);
        unit = find_unit(units, text_of(text.at, length));
        if (!unit || !decimal_times(decimal, unit->size, &part) ||
            __builtin_add_overflow(sum, part, &sum) || sum >= (uint64_t)NEVER)
            return false;
        text = text_from_offset(text, length);
        units = unit + 1;
    }
    value->duration = (usec)sum;
    return units != field_duration_units;
}

static bool read_whole(const struct field_unit *units, struct text text, uint64_t *whole)
{
    struct decimal decimal;
    const struct field_unit *unit;

    if (looks_octal(text) || !take_decimal(&text, &decimal))
        return false;
    unit = find_unit(units, text);
    return unit && decimal_times(decimal, unit->size, whole);
}

static bool read_size(struct text text, union field_value *value)
{
    return read_whole(field_size_units, text, &value->whole);
}

static bool read_bandwidth(struct text text, union field_value *value)
{
    return read_whole(field_bandwidth_units, text, &value->whole);
}

static bool read_share(struct text text, union field_value *value)
{
    struct decimal decimal;

    if (looks_octal(text) || !take_decimal(&text, &decimal) || !text_is(text, "%"))
        return false;
    value->number = (double)decimal.digits / ((double)power_of_ten(decimal.places) * 100);
    return true;
}

static bool read_factor(struct text text, union field_value *value)
{
    struct decimal decimal;

    if (!text_starts(text, text_from("x")))
        return false;
    text = text_from_offset(text, 1);
    if (looks_octal(text) || !take_decimal(&text, &decimal))
        return false;
    value->number = decimal_value(decimal);
    return text.length == 0;
}

static bool read_rate(struct text text, union field_value *value)
{
    struct decimal decimal;
    const struct field_unit *unit;

    if (looks_octal(text) || !take_decimal(&text, &decimal))
        return false;
    unit = find_unit(field_rate_units, text);
    if (!unit)
        return false;
    value->number = decimal_value(decimal) / (double)unit->size;
    return true;
}

static bool read_number(struct text text, union field_value *value)
{
    struct decimal decimal;

    if (looks_octal(text) || !take_decimal(&text, &decimal))
        return false;
    value->number = decimal_value(decimal);
    return text.length == 0;
}

static bool read_count(struct text text, uint64_t *count)
{
    return !looks_octal(text) && text_to_u64(text, count);
}

static bool read_flag(struct text text, union field_value *value)
{
    value->flag = text_is(text, "yes") || text_is(text, "true");
    return value->flag || text_is(text, "no") || text_is(text, "false");
}

static bool read_choice(const struct field *field, struct text text, union field_value *value)
{
    for (int i = 0; field->choices[i]; i++) {
        if (text_is(text, field->choices[i])) {
            value->choice = i;
            return true;
        }
    }
    return false;
}

static bool read_range(struct text text, union field_value *value)
{
    struct range *range = &value->range;
    size_t dot = text_find(text, '.');
    struct text last = text_from_offset(text, dot);

    if (!read_count(text_of(text.at, dot), &range->first))
        return false;
    range->last = range->first;
    if (last.length == 0)
        return true;
    if (!text_starts(last, text_from("..")))
        return false;
    range->last = UINT64_MAX;
    if (last.length == 2)
        return true;
    return read_count(text_from_offset(last, 2), &range->last) && range->first <= range->last;
}

bool field_value_read(const struct field *field, struct text text, union field_value *value)
{
    switch (field->type) {
    case FIELD_DURATION:
        return read_duration(text, value);
    case FIELD_SIZE:
        return read_size(text, value);
    case FIELD_SHARE:
        return read_share(text, value);
    case FIELD_FACTOR:
        return read_factor(text, value);
    case FIELD_RATE:
        return read_rate(text, value);
    case FIELD_COUNT:
        return read_count(text, &value->whole);
    case FIELD_BANDWIDTH:
        return read_bandwidth(text, value);
    case FIELD_NUMBER:
        return read_number(text, value);
    case FIELD_FLAG:
        return read_flag(text, value);
    case FIELD_TEXT:
    case FIELD_JSON:
        value->text = text;
        return true;
    case FIELD_CHOICE:
        return read_choice(field, text, value);
    case FIELD_RANGE:
        return read_range(text, value);
    case FIELD_MAP:
    case FIELD_TEXTS:
    case FIELD_NONE:
        break;
    }
    return false;
}
