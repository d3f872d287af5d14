/* json: JSON written piece by piece, laid out for people: a line for each member. */
#ifndef PANNE_BASE_JSON_H
#define PANNE_BASE_JSON_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"

/* Zero-fill but for `out`. The writer sees to commas and indentation, its user to closing what is
 * open and to keys: each member of an object has one, and nothing else (NULL). */
struct json {
    struct buffer *out; /* borrowed */
    unsigned depth;
    bool filled; /* what is open has a member */
    bool flat;   /* what is open stands on one line */
};

/* `{` or `[`, and its other half. */
void json_open(struct json *json, const char *key, char bracket);
/* The same on one line; nothing can be opened in it. */
void json_open_row(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);
void json_add_text(struct json *json, const char *key, struct text text);
void json_add_string(struct json *json, const char *key, const char *string);
void json_add_bool(struct json *json, const char *key, bool value);
/* As short as it is exact to 15 digits; what is whole is written without a fraction. Finite. */
void json_add_number(struct json *json, const char *key, double number);
/* What is JSON already, such as a number as the user wrote it. */
void json_add_raw(struct json *json, const char *key, struct text value);
/* A text as YAML would read it where nothing says what it is: a number, true or false, else a
 * string. */
void json_add_scalar(struct json *json, const char *key, struct text text);
/* Whether json_add_scalar writes something else than a string. */
bool json_is_plain(struct text text);

#endif
