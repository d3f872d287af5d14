/* field_meant: what a value was meant to say that is nearly written as its type is. */
#include <ctype.h>
#include <stdlib.h>

#include "base/field_value.h"

enum { LONGEST = 40 }; /* bytes of a value that may be a slip of the pen */

/* How people write what stands between the digits, in small letters and without blanks. */
struct spelling {
    enum field_type type;
    const char *written, *meant;
};

static const struct spelling spellings[] = {
    { FIELD_DURATION, "msec", "ms" },    { FIELD_DURATION, "msecs", "ms" },
    { FIELD_DURATION, "millis", "ms" },  { FIELD_DURATION, "milliseconds", "ms" },
    { FIELD_DURATION, "sec", "s" },      { FIELD_DURATION, "secs", "s" },
    { FIELD_DURATION, "second", "s" },   { FIELD_DURATION, "seconds", "s" },
    { FIELD_DURATION, "min", "m" },      { FIELD_DURATION, "mins", "m" },
    { FIELD_DURATION, "minute", "m" },   { FIELD_DURATION, "minutes", "m" },
    { FIELD_DURATION, "hr", "h" },       { FIELD_DURATION, "hrs", "h" },
    { FIELD_DURATION, "hour", "h" },     { FIELD_DURATION, "hours", "h" },
    { FIELD_DURATION, "day", "d" },      { FIELD_DURATION, "days", "d" },
    { FIELD_SIZE, "byte", "B" },         { FIELD_SIZE, "bytes", "B" },
    { FIELD_SIZE, "k", "KiB" },          { FIELD_SIZE, "m", "MiB" },
    { FIELD_SIZE, "g", "GiB" },          { FIELD_BANDWIDTH, "k", "KiB" },
    { FIELD_BANDWIDTH, "m", "MiB" },     { FIELD_BANDWIDTH, "kbps", "kbit" },
    { FIELD_BANDWIDTH, "mbps", "Mbit" }, { FIELD_BANDWIDTH, "gbps", "Gbit" },
    { FIELD_BANDWIDTH, "kb/sec", "KB" }, { FIELD_BANDWIDTH, "mb/sec", "MB" },
    { FIELD_SHARE, "percent", "%" },     { FIELD_SHARE, "pct", "%" },
    { FIELD_FACTOR, "x", "" },           { FIELD_FACTOR, "times", "" },
    { FIELD_NUMBER, "x", "" },           { FIELD_COUNT, "x", "" },
    { FIELD_RATE, "rps", "/s" },         { FIELD_RATE, "qps", "/s" },
    { FIELD_RATE, "/sec", "/s" },        { FIELD_RATE, "/second", "/s" },
    { FIELD_RATE, "persecond", "/s" },   { FIELD_RATE, "/min", "/m" },
    { FIELD_RATE, "/minute", "/m" },     { FIELD_RATE, "perminute", "/m" },
    { FIELD_RATE, "/hour", "/h" },       { FIELD_RATE, "perhour", "/h" },
    { FIELD_RANGE, "-", ".." },          { FIELD_RANGE, "to", ".." },
    { FIELD_RANGE, "...", ".." },        { FIELD_RANGE, "+", ".." },
    { FIELD_FLAG, "on", "yes" },         { FIELD_FLAG, "off", "no" },
};

/* Units whose letters are right but not their case. */
static const struct field_unit *units_of(enum field_type type)
{
    if (type == FIELD_DURATION)
        return field_duration_units;
    if (type == FIELD_SIZE)
        return field_size_units;
    if (type == FIELD_BANDWIDTH)
        return field_bandwidth_units;
    return NULL;
}

/* The name of a bandwidth's unit may have its `/s` or not; add_ends sees to that. */
static bool is_unit(struct text run, const char *name, enum field_type type)
{
    struct text unit = text_from(name);

    if (type == FIELD_BANDWIDTH && text_ends_nocase(run, text_from("/s")))
        run.length -= 2;
    if (type == FIELD_BANDWIDTH && text_ends_nocase(unit, text_from("/s")))
        unit.length -= 2;
    return text_equal_nocase(run, unit);
}

static void add_run(enum field_type type, struct text run, struct buffer *out)
{
    const struct field_unit *unit = units_of(type);

    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        if (spellings[i].type == type && text_is_nocase(run, spellings[i].written)) {
            buffer_add_string(out, spellings[i].meant);
            return;
        }
    }
    for (; unit && unit->name; unit++) {
        if (is_unit(run, unit->name, type)) {
            buffer_add_string(out, unit->name);
            return;
        }
    }
    buffer_add_text(out, run);
}

static bool is_digit_at(struct text text, size_t at)
{
    return at < text.length && isdigit((unsigned char)text.at[at]);
}

/* A digit, or the point between two of them. */
static bool is_number_at(struct text text, size_t at)
{
    return is_digit_at(text, at) || (at > 0 && at < text.length && text.at[at] == '.' &&
                                     is_digit_at(text, at - 1) && is_digit_at(text, at + 1));
}

/* The numbers as they are, and what stands between them as it is spelled here. */
static void respell(enum field_type type, struct text text, struct buffer *out)
{
    size_t at = 0;

    while (at < text.length) {
        size_t begin = at;
        bool number = is_number_at(text, at);

        while (at < text.length && is_number_at(text, at) == number)
            at++;
        if (number)
            buffer_add(out, text.at + begin, at - begin);
        else
            add_run(type, text_of(text.at + begin, at - begin), out);
    }
}

/* 0.3 is three tenths elsewhere; from 1 on it is percent that are counted, but for 1 itself. */
static void end_share(struct text text, struct buffer *out)
{
    struct buffer copy = { 0 };
    char *end;
    double number;

    buffer_add_text(&copy, text);
    number = strtod(copy.at, &end);
    if (*end != '\0')
        number = 0;
    if (number > 0 && number < 1)
        buffer_format(out, "%.6g%%", number * 100);
    else if (number > 1)
        buffer_format(out, "%s%%", copy.at);
    buffer_free(&copy);
}

/* What people leave out. */
static void add_ends(enum field_type type, struct text text, struct buffer *out)
{
    bool ends = text.length > 0 && !is_digit_at(text, text.length - 1);

    if (type == FIELD_SHARE && !ends) {
        end_share(text, out);
        return;
    }
    if (type == FIELD_FACTOR && is_digit_at(text, 0))
        buffer_add_byte(out, 'x');
    buffer_add_text(out, text);
    if (type == FIELD_RATE && !ends)
        buffer_add_string(out, "/s");
    if (type == FIELD_BANDWIDTH && ends && !text_ends_nocase(text, text_from("/s")))
        buffer_add_string(out, "/s");
}

bool field_meant(const struct field *field, struct text value, union field_value *read,
                 struct buffer *out)
{
    struct buffer plain = { 0 }, spelled = { 0 };
    bool good;

    if (value.length == 0 || value.length > LONGEST)
        return false;
    for (size_t i = 0; i < value.length; i++)
        if (value.at[i] != ' ')
            buffer_add_byte(&plain, value.at[i]);
    respell(field->type, buffer_text(&plain), &spelled);
    add_ends(field->type, buffer_text(&spelled), out);
    good = out->length > 0 && field->type != FIELD_CHOICE &&
           field_value_read(field, buffer_text(out), read);
    buffer_free(&plain);
    buffer_free(&spelled);
    return good;
}
