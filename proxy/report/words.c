/* words: numbers, limits and subjects as all reports tell them. */
#include "report/report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Three digits that count, no exponent, no zeros behind the point. */
static void add_number(double value, struct buffer *out)
{
    int places = fabs(value) >= 100 ? 0 : fabs(value) >= 10 ? 1 : 2;
    char digits[64];
    size_t length = (size_t)snprintf(digits, sizeof digits, "%.*f", places, value);

    while (places > 0 && digits[length - 1] == '0')
        length--;
    if (places > 0 && digits[length - 1] == '.')
        length--;
    buffer_add(out, digits, length);
}

static void add_seconds(double seconds, struct buffer *out)
{
    if (fabs(seconds) < 1 && seconds != 0) {
        add_number(seconds * 1000, out);
        buffer_add_string(out, " ms");
    } else if (fabs(seconds) < 120) {
        add_number(seconds, out);
        buffer_add_string(out, " s");
    } else {
        add_number(seconds / 60, out);
        buffer_add_string(out, " min");
    }
}

void report_number(enum unit unit, double value, struct buffer *out)
{
    if (!isfinite(value)) {
        buffer_add_string(out, "any");
        return;
    }
    switch (unit) {
    case UNIT_SHARE:
        add_number(value * 100, out);
        buffer_add_string(out, " %");
        break;
    case UNIT_TIME:
        add_seconds(value, out);
        break;
    case UNIT_RATE:
        add_number(value, out);
        buffer_add_string(out, "/s");
        break;
    case UNIT_FACTOR:
        buffer_add_byte(out, 'x');
        add_number(value, out);
        break;
    case UNIT_COUNT:
    case UNIT_NONE:
        add_number(value, out);
        break;
    }
}

void report_limit(const struct finding *finding, struct buffer *out)
{
    if (!finding->has_limit)
        return;
    buffer_add_string(out, finding->at_least ? "at least " : "at most ");
    report_number(finding->unit, finding->limit, out);
}

void report_moment(usec moment, struct buffer *out)
{
    buffer_format(out, "%" PRId64 ".%03d s", (int64_t)(moment / SECOND),
                  (int)(moment % SECOND / MSEC));
}

static void add_scope(const char *word, struct text value, struct buffer *out)
{
    if (text_is_empty(value))
        return;
    buffer_add_string(out, word);
    buffer_add_text(out, value);
}

void report_subject(const struct finding *finding, struct buffer *out)
{
    struct buffer words = { 0 };

    buffer_add_string(&words, finding->check->name);
    if (finding->expectation) {
        add_scope(" during ", finding->expectation->phase, &words);
        add_scope(" of service ", finding->expectation->service, &words);
        add_scope(" of client ", finding->expectation->client, &words);
    }
    buffer_mask_controls(&words);
    buffer_add_text(out, buffer_text(&words));
    buffer_free(&words);
}

/* The length of the character that begins here; 0: none does, or XML has no room for it. */
static size_t character(struct text text)
{
    unsigned char first = (unsigned char)text.at[0];
    size_t length = first < 0x80   ? 1
                    : first < 0xc2 ? 0
                    : first < 0xe0 ? 2
                    : first < 0xf0 ? 3
                    : first < 0xf5 ? 4
                                   : 0;

    if (length == 0 || length > text.length)
        return 0;
    if (first < 0x20 && first != '\t' && first != '\n' && first != '\r')
        return 0;
    for (size_t i = 1; i < length; i++)
        if (((unsigned char)text.at[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

static const char *entity(char byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void report_escape(struct text text, struct buffer *out)
{
    while (text.length > 0) {
        size_t length = character(text);
        const char *name = entity(text.at[0]);

        if (name)
            buffer_add_string(out, name);
        else if (length > 0)
            buffer_add(out, text.at, length);
        else
            buffer_add_string(out, "\xef\xbf\xbd");
        text = text_from_offset(text, length > 0 ? length : 1);
    }
}
