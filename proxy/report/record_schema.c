/* record_schema: tables of members as JSON Schema, draft-07. */
#include <assert.h>

#include "report/record.h"

enum { RECORDS_MOST = 32 };

/* All records that one is made of, each once. */
struct known {
    const struct record *items[RECORDS_MOST];
    size_t count;
};

static bool note(struct known *known, const struct record *record)
{
    for (size_t i = 0; i < known->count; i++)
        if (known->items[i] == record)
            return false;
    assert(known->count < RECORDS_MOST);
    known->items[known->count++] = record;
    return true;
}

/* The list grows while it is gone through. */
static void collect(struct known *known, const struct record *root)
{
    note(known, root);
    for (size_t i = 0; i < known->count; i++)
        for (const struct member *member = known->items[i]->members; member->name; member++)
            if (member->record)
                note(known, member->record);
}

static void add_type(struct json *json, const char *type, bool may_be_null)
{
    if (!may_be_null) {
        json_add_string(json, "type", type);
        return;
    }
    json_open(json, "type", '[');
    json_add_string(json, NULL, type);
    json_add_string(json, NULL, "null");
    json_close(json, ']');
}

static void add_choices(struct json *json, const struct member *member, bool may_be_null)
{
    json_open(json, "enum", '[');
    for (const char *const *choice = member->choices; *choice; choice++)
        json_add_string(json, NULL, *choice);
    if (may_be_null)
        json_add_raw(json, NULL, text_from("null"));
    json_close(json, ']');
}

static void add_reference(struct json *json, const struct record *record)
{
    struct buffer path = { 0 };

    buffer_format(&path, "#/definitions/%s", record->name);
    json_add_text(json, "$ref", buffer_text(&path));
    buffer_free(&path);
}

static void add_items(struct json *json, const struct member *member)
{
    add_type(json, "array", false);
    json_open(json, "items", '{');
    if (member->type == MEMBER_LIST)
        add_reference(json, member->record);
    else if (member->type == MEMBER_WORDS)
        add_choices(json, member, false);
    else
        add_type(json, "number", false);
    json_close(json, '}');
}

/* Draft-07 takes no notice of what stands beside a $ref: hence the description is elsewhere. */
static void add_object(struct json *json, const struct member *member)
{
    json_open(json, "anyOf", '[');
    json_open(json, NULL, '{');
    add_reference(json, member->record);
    json_close(json, '}');
    json_open(json, NULL, '{');
    add_type(json, "null", false);
    json_close(json, '}');
    json_close(json, ']');
}

static void add_whole_number(struct json *json, bool may_be_null)
{
    add_type(json, "integer", may_be_null);
    json_add_number(json, "minimum", may_be_null);
}

static void add_shape(struct json *json, const struct member *member)
{
    switch (member->type) {
    case MEMBER_TEXT:
    case MEMBER_SAID:
        add_type(json, "string", member->type == MEMBER_SAID);
        break;
    case MEMBER_WORD:
        add_choices(json, member, true);
        break;
    case MEMBER_FLAG:
        add_type(json, "boolean", false);
        break;
    case MEMBER_COUNT:
    case MEMBER_ORDINAL:
        add_whole_number(json, member->type == MEMBER_ORDINAL);
        break;
    case MEMBER_NUMBER:
    case MEMBER_TIME:
        add_type(json, "number", true);
        break;
    case MEMBER_TIMES:
    case MEMBER_WORDS:
    case MEMBER_LIST:
        add_items(json, member);
        break;
    case MEMBER_OBJECT:
        add_object(json, member);
        break;
    }
}

static void add_record(struct json *json, const struct record *record)
{
    json_add_string(json, "description", record->help);
    add_type(json, "object", false);
    json_add_bool(json, "additionalProperties", false);
    json_open(json, "properties", '{');
    for (const struct member *member = record->members; member->name; member++) {
        json_open(json, member->name, '{');
        json_add_string(json, "description", member->help);
        add_shape(json, member);
        json_close(json, '}');
    }
    json_close(json, '}');
    json_open(json, "required", '[');
    for (const struct member *member = record->members; member->name; member++)
        json_add_string(json, NULL, member->name);
    json_close(json, ']');
}

void record_schema(const struct record *record, const char *title, struct buffer *out)
{
    struct json json = { .out = out };
    struct known known = { 0 };

    collect(&known, record);
    json_open(&json, NULL, '{');
    json_add_string(&json, "$schema", "http://json-schema.org/draft-07/schema#");
    json_add_string(&json, "title", title);
    add_record(&json, record);
    json_open(&json, "definitions", '{');
    for (size_t i = 1; i < known.count; i++) {
        json_open(&json, known.items[i]->name, '{');
        add_record(&json, known.items[i]);
        json_close(&json, '}');
    }
    json_close(&json, '}');
    json_close(&json, '}');
    buffer_add_byte(out, '\n');
}
