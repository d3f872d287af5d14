/* schema_check: what can be expected, by the table of checks. */
#include "scenario/load_expect.h"
#include "scenario/schema_parts.h"

static void add_word(struct json *json, const char *word)
{
    json_open(json, NULL, '{');
    json_open_row(json, "enum", '[');
    json_add_string(json, NULL, word);
    json_close(json, ']');
    json_close(json, '}');
}

/* A limit, or none. */
static void add_limit_or_none(struct json *json, const struct field *field)
{
    json_open(json, field->name, '{');
    schema_describe_field(json, field);
    json_open(json, "anyOf", '[');
    json_open(json, NULL, '{');
    schema_field(json, field, NULL);
    json_close(json, '}');
    add_word(json, "none");
    json_close(json, ']');
    json_close(json, '}');
}

/* Defaults are the profile's, which nobody knows here. */
static void add_limit(struct json *json, const struct field *field)
{
    struct field plain = *field;

    plain.fallback = NULL;
    if (load_expect_takes_none(field))
        add_limit_or_none(json, &plain);
    else
        schema_property(json, &plain);
}

static void add_mapping(struct json *json, const struct check *check)
{
    json_add_string(json, "type", "object");
    json_open(json, "properties", '{');
    for (const struct field *field = check->limits; field->type != FIELD_NONE; field++)
        add_limit(json, field);
    for (size_t i = 0; load_expect_field(i, check); i++)
        schema_property(json, load_expect_field(i, check));
    json_close(json, '}');
    json_add_bool(json, "additionalProperties", false);
}

static void add_list(struct json *json, const struct check *check)
{
    json_add_string(json, "type", "array");
    json_open(json, "items", '{');
    add_mapping(json, check);
    json_close(json, '}');
    json_add_number(json, "minItems", 1);
    json_add_number(json, "maxItems", MOST_EXPECTATIONS);
}

static void add_alone(struct json *json, const struct check *check)
{
    const struct field *main = field_main(check->limits);

    if (main) {
        json_open(json, NULL, '{');
        schema_field(json, main, NULL);
        json_close(json, '}');
        if (load_expect_takes_none(main))
            add_word(json, "none");
    }
    add_word(json, "ignore");
}

void schema_check(struct json *json, const struct check *check)
{
    struct buffer words = { 0 };

    buffer_format(&words, "%s: %s. %s", check->title, check->asks, check->about);
    json_add_text(json, "description", buffer_text(&words));
    json_open(json, "anyOf", '[');
    json_open(json, NULL, '{');
    add_mapping(json, check);
    json_close(json, '}');
    add_alone(json, check);
    json_open(json, NULL, '{');
    add_list(json, check);
    json_close(json, '}');
    json_close(json, ']');
    buffer_free(&words);
}

void schema_checks(struct json *json)
{
    json_add_string(json, "type", "object");
    json_open(json, "properties", '{');
    for (size_t i = 0; check_at(i); i++) {
        struct buffer words = { 0 };

        buffer_format(&words, "#/definitions/check-%s", check_at(i)->name);
        json_open_row(json, check_at(i)->name, '{');
        json_add_text(json, "$ref", buffer_text(&words));
        json_close(json, '}');
        buffer_free(&words);
    }
    json_close(json, '}');
    json_add_bool(json, "additionalProperties", false);
}
