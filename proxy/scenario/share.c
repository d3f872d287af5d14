/* share: how a share runs over a phase, and how it is written. */
#include "scenario/share.h"

#include <math.h>

#include "base/field.h"

static double ramp_at(const struct share *share, usec into, usec lasts)
{
    if (lasts == NEVER || into <= 0)
        return share->from;
    if (into >= lasts)
        return share->to;
    return share->from + (share->to - share->from) * ((double)into / (double)lasts);
}

static double steps_at(const struct share *share, usec into)
{
    double value = 0;

    for (size_t i = 0; i < share->count && share->steps[i].at <= into; i++)
        value = share->steps[i].share;
    return value;
}

static double square_at(const struct share *share, usec into)
{
    return usec_max(into, 0) % (share->high + share->low) < share->high ? share->to : share->from;
}

/* Begins low, is highest after half a period. */
static double sine_at(const struct share *share, usec into)
{
    double turn = (double)(usec_max(into, 0) % share->high) / (double)share->high;

    return share->from + (share->to - share->from) * (1 - cos(2 * M_PI * turn)) / 2;
}

double share_at(const struct share *share, usec into, usec lasts)
{
    switch (share->kind) {
    case SHARE_CONSTANT:
        return share->from;
    case SHARE_RAMP:
        return ramp_at(share, into, lasts);
    case SHARE_STEPS:
        return steps_at(share, into);
    case SHARE_SQUARE:
        return square_at(share, into);
    case SHARE_SINE:
        return sine_at(share, into);
    }
    return 0;
}

double share_most(const struct share *share)
{
    double most = 0;

    switch (share->kind) {
    case SHARE_CONSTANT:
        return share->from;
    case SHARE_STEPS:
        for (size_t i = 0; i < share->count; i++)
            most = fmax(most, share->steps[i].share);
        return most;
    case SHARE_RAMP:
    case SHARE_SQUARE:
    case SHARE_SINE:
        return fmax(share->from, share->to);
    }
    return most;
}

/* Where the arrow of a ramp begins, or the text's length. */
static size_t find_arrow(struct text text)
{
    for (size_t i = 0; i + 1 < text.length; i++)
        if (text.at[i] == '-' && text.at[i + 1] == '>')
            return i;
    return text.length;
}

static bool read_end(double *share, struct text text, struct buffer *complaint)
{
    static const struct field field = { .name = "share", .type = FIELD_SHARE };

    return field_read(&field, share, text_trim(text), complaint);
}

/* Appends the ramp that a text was meant for whose ends stand on both sides of something else than
 * an arrow; nothing where it is none. */
static void add_ramp_meant(struct text text, struct buffer *complaint)
{
    static const char *const between[] = { "..", "=>", "to", "-", "→" };
    struct buffer ignored = { 0 };
    size_t after = text_find(text, '%') + 1;
    struct text from = text_of(text.at, after <= text.length ? after : 0);
    struct text to = text_trim(text_from_offset(text, from.length));
    double share;

    for (size_t i = 0; i < COUNT_OF(between); i++) {
        struct text sign = text_from(between[i]);

        if (!text_starts(to, sign))
            continue;
        to = text_trim(text_from_offset(to, sign.length));
        if (read_end(&share, from, &ignored) && read_end(&share, to, &ignored))
            buffer_format(complaint, "; did you mean \"%.*s -> %.*s\"?", (int)from.length, from.at,
                          (int)to.length, to.at);
        break;
    }
    buffer_free(&ignored);
}

bool share_read(struct share *share, struct text text, struct buffer *complaint)
{
    size_t arrow = find_arrow(text);
    struct share read = { .kind = arrow < text.length ? SHARE_RAMP : SHARE_CONSTANT };

    if (!read_end(&read.from, text_of(text.at, arrow), complaint)) {
        if (read.kind == SHARE_CONSTANT)
            add_ramp_meant(text, complaint);
        return false;
    }
    read.to = read.from;
    if (read.kind == SHARE_RAMP &&
        !read_end(&read.to, text_from_offset(text, arrow + 2), complaint))
        return false;
    *share = read;
    return true;
}

static void write_share(double share, struct buffer *out)
{
    buffer_format(out, "%.6g%%", share * 100);
}

static void write_steps(const struct share *share, struct buffer *out)
{
    buffer_add_byte(out, '[');
    for (size_t i = 0; i < share->count; i++) {
        if (i > 0)
            buffer_add_string(out, ", ");
        buffer_add_duration(out, share->steps[i].at);
        buffer_add_byte(out, ' ');
        write_share(share->steps[i].share, out);
    }
    buffer_add_byte(out, ']');
}

static void write_square(const struct share *share, struct buffer *out)
{
    buffer_add_string(out, "{square: {high: ");
    buffer_add_duration(out, share->high);
    buffer_add_string(out, ", low: ");
    buffer_add_duration(out, share->low);
    buffer_add_string(out, ", share: ");
    write_share(share->to, out);
    buffer_add_string(out, "}}");
}

static void write_sine(const struct share *share, struct buffer *out)
{
    buffer_add_string(out, "{sine: {period: ");
    buffer_add_duration(out, share->high);
    buffer_add_string(out, ", from: ");
    write_share(share->from, out);
    buffer_add_string(out, ", to: ");
    write_share(share->to, out);
    buffer_add_string(out, "}}");
}

void share_write(const struct share *share, struct buffer *out)
{
    switch (share->kind) {
    case SHARE_CONSTANT:
        write_share(share->from, out);
        break;
    case SHARE_RAMP:
        write_share(share->from, out);
        buffer_add_string(out, " -> ");
        write_share(share->to, out);
        break;
    case SHARE_STEPS:
        write_steps(share, out);
        break;
    case SHARE_SQUARE:
        write_square(share, out);
        break;
    case SHARE_SINE:
        write_sine(share, out);
        break;
    }
}
