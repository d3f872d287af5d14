/* json: commas, indentation, and how scalars are spelled. */
#include "base/json.h"

#include <stdint.h>

enum { INDENT = 2 };

static void next_line(struct json *json)
{
    buffer_add_byte(json->out, '\n');
    for (unsigned i = 0; i < json->depth * INDENT; i++)
        buffer_add_byte(json->out, ' ');
}

static void begin_member(struct json *json, const char *key)
{
    if (json->filled)
        buffer_add_byte(json->out, ',');
    if (json->flat && json->filled)
        buffer_add_byte(json->out, ' ');
    else if (!json->flat && json->depth > 0)
        next_line(json);
    if (key) {
        buffer_add_json(json->out, text_from(key));
        buffer_add_string(json->out, ": ");
    }
    json->filled = true;
}

void json_open(struct json *json, const char *key, char bracket)
{
    begin_member(json, key);
    buffer_add_byte(json->out, bracket);
    json->depth++;
    json->filled = false;
}

void json_open_row(struct json *json, const char *key, char bracket)
{
    json_open(json, key, bracket);
    json->flat = true;
}

void json_close(struct json *json, char bracket)
{
    json->depth--;
    if (json->filled && !json->flat)
        next_line(json);
    buffer_add_byte(json->out, bracket);
    json->filled = true;
    json->flat = false;
}

void json_add_text(struct json *json, const char *key, struct text text)
{
    begin_member(json, key);
    buffer_add_json(json->out, text);
}

void json_add_string(struct json *json, const char *key, const char *string)
{
    json_add_text(json, key, text_from(string));
}

void json_add_raw(struct json *json, const char *key, struct text value)
{
    begin_member(json, key);
    buffer_add_text(json->out, value);
}

void json_add_bool(struct json *json, const char *key, bool value)
{
    json_add_raw(json, key, text_from(value ? "true" : "false"));
}

void json_add_number(struct json *json, const char *key, double number)
{
    begin_member(json, key);
    if (number >= 0 && number < 0x1p64 && number == (double)(uint64_t)number)
        buffer_format(json->out, "%llu", (unsigned long long)number);
    else
        buffer_format(json->out, "%.15g", number);
}

static size_t digits_at(struct text text, size_t from)
{
    size_t at = from;

    while (at < text.length && text.at[at] >= '0' && text.at[at] <= '9')
        at++;
    return at - from;
}

/* JSON's numbers without exponent: no zero in front, digits on both sides of a point. */
static bool is_number(struct text text)
{
    size_t at = text.length > 0 && text.at[0] == '-';
    size_t whole = digits_at(text, at), part;

    if (whole == 0 || (whole > 1 && text.at[at] == '0'))
        return false;
    at += whole;
    if (at == text.length)
        return true;
    part = digits_at(text, at + 1);
    return text.at[at] == '.' && part > 0 && at + 1 + part == text.length;
}

bool json_is_plain(struct text text)
{
    return is_number(text) || text_is(text, "true") || text_is(text, "false");
}

void json_add_scalar(struct json *json, const char *key, struct text text)
{
    if (json_is_plain(text))
        json_add_raw(json, key, text);
    else
        json_add_text(json, key, text);
}
