/* schema_shape: shapes and tables of keys. */
#include "scenario/schema_parts.h"

const struct shape shape_field = { .kind = SHAPE_FIELD };

static const struct field step_time = { .type = FIELD_DURATION };
static const struct field plain_share = { .type = FIELD_SHARE };

static bool has_faults(const struct load_table *table)
{
    return table->other_name_at == fault_name_at;
}

/* `"required": ["…"]` */
static void require(struct json *json, const char *name)
{
    json_open_row(json, "required", '[');
    json_add_string(json, NULL, name);
    json_close(json, ']');
}

/* A schema in the list that one key is there. */
static void add_has(struct json *json, const char *name)
{
    json_open(json, NULL, '{');
    require(json, name);
    json_close(json, '}');
}

static void add_any_fault(struct json *json)
{
    json_open(json, "anyOf", '[');
    for (size_t i = 0; fault_at(i); i++)
        add_has(json, fault_at(i)->name);
    json_close(json, ']');
}

/* What cannot stand beside the key that takes the faults' place. */
static void add_barred(struct json *json, const struct load_table *table)
{
    json_open(json, "properties", '{');
    for (const struct load_key *key = table->keys; key->field.name; key++)
        if (key->not_with && text_is(text_from(key->not_with), table->instead))
            json_add_bool(json, key->field.name, false);
    for (size_t i = 0; fault_at(i); i++)
        json_add_bool(json, fault_at(i)->name, false);
    json_close(json, '}');
}

static void add_choice(struct json *json, const struct load_table *table)
{
    if (!table->instead) {
        add_any_fault(json);
        return;
    }
    json_open(json, "if", '{');
    require(json, table->instead);
    json_close(json, '}');
    json_open(json, "then", '{');
    add_barred(json, table);
    json_close(json, '}');
    json_open(json, "else", '{');
    add_any_fault(json);
    json_close(json, '}');
}

static void add_key(struct schema *schema, const struct load_key *key)
{
    struct json *json = &schema->json;

    const struct shape *shape = key->shape ? key->shape : &shape_field;

    json_open(json, key->field.name, '{');
    if (shape->kind == SHAPE_FIELD)
        schema_describe_field(json, &key->field);
    else
        schema_description(json, key->field.help);
    schema_shape(schema, shape, key);
    json_close(json, '}');
}

static void add_required(struct json *json, const struct load_table *table)
{
    bool any = false;

    for (const struct load_key *key = table->keys; key->field.name; key++)
        any = any || key->required;
    if (!any)
        return;
    if (table->elsewhere) {
        json_open(json, "if", '{');
        json_open(json, "not", '{');
        require(json, table->elsewhere);
        json_close(json, '}');
        json_close(json, '}');
        json_open(json, "then", '{');
    }
    json_open_row(json, "required", '[');
    for (const struct load_key *key = table->keys; key->field.name; key++)
        if (key->required)
            json_add_string(json, NULL, key->field.name);
    json_close(json, ']');
    if (table->elsewhere)
        json_close(json, '}');
}

void schema_table(struct schema *schema, const struct load_table *table)
{
    struct json *json = &schema->json;

    json_add_string(json, "type", "object");
    json_open(json, "properties", '{');
    for (const struct load_key *key = table->keys; key->field.name; key++)
        add_key(schema, key);
    for (size_t i = 0; has_faults(table) && fault_at(i); i++)
        schema_kind_reference(json, fault_at(i));
    json_close(json, '}');
    add_required(json, table);
    json_add_bool(json, "additionalProperties", false);
    if (has_faults(table))
        add_choice(json, table);
}

static void add_counts(struct json *json, const struct shape *shape, const char *least,
                       const char *most)
{
    if (shape->least > 0)
        json_add_number(json, least, (double)shape->least);
    if (shape->most > 0)
        json_add_number(json, most, (double)shape->most);
}

static void add_each(struct schema *schema, const char *key, const struct shape *shape)
{
    json_open(&schema->json, key, '{');
    schema_shape(schema, shape, NULL);
    json_close(&schema->json, '}');
}

static void add_list(struct schema *schema, const struct shape *shape)
{
    struct json *json = &schema->json;

    json_add_string(json, "type", "array");
    add_each(schema, "items", shape->each);
    add_counts(json, shape, "minItems", "maxItems");
    if (!shape->where_several)
        return;
    json_open(json, "if", '{');
    json_add_number(json, "minItems", 2);
    json_close(json, '}');
    json_open(json, "then", '{');
    json_open(json, "items", '{');
    require(json, shape->where_several);
    json_close(json, '}');
    json_close(json, '}');
}

static void add_mapping(struct schema *schema, const struct shape *shape)
{
    struct json *json = &schema->json;

    json_add_string(json, "type", "object");
    if (shape->kind == SHAPE_NAMES)
        schema_name(json, "propertyNames");
    if (shape->kind == SHAPE_TEXTS && shape->pattern) {
        json_open(json, "propertyNames", '{');
        json_add_string(json, "pattern", shape->pattern);
        json_close(json, '}');
    }
    add_each(schema, "additionalProperties", shape->each);
    add_counts(json, shape, "minProperties", "maxProperties");
}

/* A share, a ramp of two, or a time and a share. */
static void add_shares(struct json *json, bool step)
{
    struct buffer pattern = { 0 }, share = { 0 };
    bool known = field_pattern(&plain_share, &share);

    buffer_add_byte(&pattern, '^');
    if (step)
        known = field_pattern(&step_time, &pattern) && known;
    if (step)
        buffer_format(&pattern, " [ \\t]*%s[ \\t]*$", share.at);
    else
        buffer_format(&pattern, "[ \\t]*%s[ \\t]*(?:->[ \\t]*%s[ \\t]*)?$", share.at, share.at);
    json_add_string(json, "type", "string");
    if (known)
        schema_text(json, pattern.at,
                    step ? "wants a time and a share such as 20h 30%"
                         : "wants a share such as 30%, or a ramp such as 0% -> 100%");
    buffer_free(&pattern);
    buffer_free(&share);
}

static void add_any_of(struct schema *schema, const struct shape *shape)
{
    json_open(&schema->json, "anyOf", '[');
    for (size_t i = 0; shape->choices[i]; i++)
        add_each(schema, NULL, shape->choices[i]);
    json_close(&schema->json, ']');
}

static void write_shape(struct schema *schema, const struct shape *shape,
                        const struct load_key *key)
{
    struct json *json = &schema->json;

    switch (shape->kind) {
    case SHAPE_FIELD:
        schema_field(json, key ? &key->field : shape->fields, shape);
        break;
    case SHAPE_NAME:
        schema_name(json, NULL);
        break;
    case SHAPE_SCALAR:
        schema_scalar(json);
        break;
    case SHAPE_STEP:
    case SHAPE_LINE:
        add_shares(json, shape->kind == SHAPE_STEP);
        break;
    case SHAPE_TABLE:
        schema_table(schema, shape->table);
        add_counts(json, shape, "minProperties", "maxProperties");
        break;
    case SHAPE_FIELDS:
        schema_fields(json, shape->fields);
        break;
    case SHAPE_LIST:
        add_list(schema, shape);
        break;
    case SHAPE_NAMES:
    case SHAPE_TEXTS:
        add_mapping(schema, shape);
        break;
    case SHAPE_ANY_OF:
        add_any_of(schema, shape);
        break;
    case SHAPE_CHECKS:
        schema_checks(json);
        break;
    }
}

/* Beside a reference nothing else counts (draft-07), so that it stands in a list of its own. */
static void refer(struct schema *schema, const struct shape *shape, bool alone)
{
    struct json *json = &schema->json;
    struct buffer words = { 0 };
    size_t i = 0;

    while (i < schema->count && schema->wanted[i] != shape)
        i++;
    if (i == schema->count && i < MOST_DEFINITIONS)
        schema->wanted[schema->count++] = shape;
    buffer_format(&words, "#/definitions/%s", shape->definition);
    if (!alone) {
        json_open(json, "allOf", '[');
        json_open_row(json, NULL, '{');
    }
    json_add_text(json, "$ref", buffer_text(&words));
    if (!alone) {
        json_close(json, '}');
        json_close(json, ']');
    }
    buffer_free(&words);
}

void schema_shape(struct schema *schema, const struct shape *shape, const struct load_key *key)
{
    if (shape->definition) {
        refer(schema, shape, key == NULL);
        return;
    }
    if (!key)
        schema_description(&schema->json, shape->help);
    write_shape(schema, shape, key);
}

void schema_definition(struct schema *schema, const struct shape *shape)
{
    json_open(&schema->json, shape->definition, '{');
    schema_description(&schema->json, shape->help);
    write_shape(schema, shape, NULL);
    json_close(&schema->json, '}');
}
