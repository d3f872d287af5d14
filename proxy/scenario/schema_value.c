/* schema_value: values by their fields: types, patterns, bounds. */
#include <float.h>
#include <string.h>

#include "base/prose.h"
#include "scenario/schema_parts.h"

#define NAME_PATTERN "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
#define VAR_PATTERN "\\$\\{"

void schema_description(struct json *json, const char *help)
{
    struct buffer sentence = { 0 };

    if (!help)
        return;
    prose_add_sentence(&sentence, help);
    json_add_text(json, "description", buffer_text(&sentence));
    buffer_free(&sentence);
}

/* `"type": ["string", …]`; `others` ends with NULL. */
static void add_types(struct json *json, const char *first, const char *const *others)
{
    if (!others[0]) {
        json_add_string(json, "type", first);
        return;
    }
    json_open_row(json, "type", '[');
    json_add_string(json, NULL, first);
    for (; *others; others++)
        json_add_string(json, NULL, *others);
    json_close(json, ']');
}

/* JSON reads digits with a unit as a string, and digits alone as a number. */
static const char *number_type(enum field_type type)
{
    switch (type) {
    case FIELD_DURATION:
    case FIELD_SIZE:
    case FIELD_COUNT:
    case FIELD_RANGE:
        return "integer";
    case FIELD_NUMBER:
        return "number";
    default:
        return NULL;
    }
}

/* What a var stands for is not known here. */
static void add_pattern(struct json *json, const char *pattern)
{
    struct buffer either = { 0 };

    buffer_format(&either, "%s|" VAR_PATTERN, pattern);
    json_add_text(json, "pattern", buffer_text(&either));
    buffer_free(&either);
}

void schema_text(struct json *json, const char *pattern, const char *wish)
{
    add_pattern(json, pattern);
    json_add_string(json, "patternErrorMessage", wish);
}

static void add_bounds(struct json *json, const struct field *field)
{
    struct field_bounds bounds = field_bounds(field);

    json_add_number(json, "minimum", bounds.least > 0 ? bounds.least : 0);
    if (field->type == FIELD_DURATION)
        json_add_number(json, "maximum", 0);
    else if (bounds.most < DBL_MAX)
        json_add_number(json, "maximum", bounds.most);
}

/* What is told apart by its letters. */
static void add_measure(struct json *json, const struct field *field, const struct buffer *body)
{
    const char *number = number_type(field->type);
    const char *const others[] = { number, NULL };
    struct buffer pattern = { 0 }, wish = { 0 };
    bool as_number = number && (field->type != FIELD_DURATION || field_bounds(field).least <= 0);

    buffer_format(&pattern, "^%s$", body->at);
    buffer_format(&wish, "wants %s", field_type_wish(field->type));
    add_types(json, "string", as_number ? others : others + 1);
    schema_text(json, pattern.at, wish.at);
    if (as_number)
        add_bounds(json, field);
    buffer_free(&pattern);
    buffer_free(&wish);
}

static void begin_words(struct json *json)
{
    json_open(json, "anyOf", '[');
    json_open(json, NULL, '{');
    json_open_row(json, "enum", '[');
}

static void end_words(struct json *json)
{
    json_close(json, ']');
    json_close(json, '}');
    json_open(json, NULL, '{');
    json_add_string(json, "type", "string");
    json_add_string(json, "pattern", VAR_PATTERN);
    json_close(json, '}');
    json_close(json, ']');
}

static void add_flag(struct json *json)
{
    static const char *const words[] = { "yes", "no", "true", "false" };

    begin_words(json);
    json_add_bool(json, NULL, true);
    json_add_bool(json, NULL, false);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        json_add_string(json, NULL, words[i]);
    end_words(json);
}

/* YAML 1.1 takes these for flags, so both stand for the choice. */
static bool is_flag(const char *choice, bool value)
{
    static const char *const words[2][3] = { { "no", "off", "false" }, { "yes", "on", "true" } };

    for (size_t i = 0; i < COUNT_OF(words[value]); i++)
        if (strcmp(choice, words[value][i]) == 0)
            return true;
    return false;
}

static void add_choices(struct json *json, const char *const *choices)
{
    begin_words(json);
    for (; *choices; choices++) {
        json_add_string(json, NULL, *choices);
        if (is_flag(*choices, true) || is_flag(*choices, false))
            json_add_bool(json, NULL, is_flag(*choices, true));
        else if (json_is_plain(text_from(*choices)))
            json_add_scalar(json, NULL, text_from(*choices));
    }
    end_words(json);
}

void schema_any_text(struct json *json)
{
    static const char *const others[] = { "number", "boolean", NULL };

    add_types(json, "string", others);
}

void schema_scalar(struct json *json)
{
    static const char *const others[] = { "number", "boolean", "null", NULL };

    add_types(json, "string", others);
}

static void add_text(struct json *json, const struct shape *shape)
{
    if (!shape || !shape->no_number)
        schema_any_text(json);
    else
        json_add_string(json, "type", "string");
    if (shape && shape->pattern)
        add_pattern(json, shape->pattern);
}

static void add_texts(struct json *json, const struct shape *shape)
{
    json_open(json, "anyOf", '[');
    json_open(json, NULL, '{');
    add_text(json, shape);
    json_close(json, '}');
    json_open(json, NULL, '{');
    json_add_string(json, "type", "array");
    json_open(json, "items", '{');
    add_text(json, shape);
    json_close(json, '}');
    json_add_number(json, "minItems", 1);
    json_close(json, '}');
    json_close(json, ']');
}

static void add_map(struct json *json)
{
    json_add_string(json, "type", "object");
    json_open(json, "additionalProperties", '{');
    schema_any_text(json);
    json_close(json, '}');
}

/* Whatever has a value. */
static void add_anything(struct json *json)
{
    json_open(json, "not", '{');
    json_add_string(json, "type", "null");
    json_close(json, '}');
}

void schema_field(struct json *json, const struct field *field, const struct shape *shape)
{
    struct buffer body = { 0 };

    if (field_pattern(field, &body))
        add_measure(json, field, &body);
    else if (field->type == FIELD_FLAG)
        add_flag(json);
    else if (field->type == FIELD_CHOICE)
        add_choices(json, field->choices);
    else if (field->type == FIELD_TEXTS)
        add_texts(json, shape);
    else if (field->type == FIELD_MAP)
        add_map(json);
    else if (field->type == FIELD_JSON)
        add_anything(json);
    else
        add_text(json, shape);
    buffer_free(&body);
}

void schema_name(struct json *json, const char *key)
{
    static const char wish[] = "wants 1 to 64 letters, digits, dots, dashes and underscores";

    if (key) {
        json_open(json, key, '{');
        json_add_string(json, "pattern", NAME_PATTERN);
        json_add_string(json, "patternErrorMessage", wish);
        json_close(json, '}');
        return;
    }
    schema_any_text(json);
    schema_text(json, NAME_PATTERN, wish);
    json_add_number(json, "minimum", 0);
}

void schema_describe_field(struct json *json, const struct field *field)
{
    struct buffer words = { 0 };

    prose_describe_field(field, &words);
    json_add_text(json, "description", buffer_text(&words));
    buffer_free(&words);
}

void schema_property(struct json *json, const struct field *field)
{
    json_open(json, field->name, '{');
    schema_describe_field(json, field);
    schema_field(json, field, NULL);
    if (field->fallback)
        json_add_scalar(json, "default", text_from(field->fallback));
    json_close(json, '}');
}

static void add_required(struct json *json, const struct field *fields)
{
    bool any = false;

    for (const struct field *field = fields; field->type != FIELD_NONE; field++)
        any = any || field->required;
    if (!any)
        return;
    json_open_row(json, "required", '[');
    for (const struct field *field = fields; field->type != FIELD_NONE; field++)
        if (field->required)
            json_add_string(json, NULL, field->name);
    json_close(json, ']');
}

void schema_fields(struct json *json, const struct field *fields)
{
    json_add_string(json, "type", "object");
    json_open(json, "properties", '{');
    for (const struct field *field = fields; field->type != FIELD_NONE; field++)
        schema_property(json, field);
    json_close(json, '}');
    add_required(json, fields);
    json_add_bool(json, "additionalProperties", false);
}
