/* schema_kind: kinds of faults, and examples in YAML as JSON. */
#include "scenario/schema_parts.h"
#include "scenario/yaml.h"

static void add_node(struct json *json, const char *key, const struct node *node)
{
    char bracket = node->kind == NODE_MAPPING ? '{' : '[';

    if (node->kind == NODE_TEXT) {
        if (node->quoted)
            json_add_text(json, key, node->text);
        else
            json_add_scalar(json, key, node->text);
        return;
    }
    json_open(json, key, bracket);
    for (size_t i = 0; i < node->count; i++) {
        struct buffer name = { 0 };

        buffer_add_text(&name, node->items[i].key);
        add_node(json, bracket == '{' ? name.at : NULL, node->items[i].value);
        buffer_free(&name);
    }
    json_close(json, bracket == '{' ? '}' : ']');
}

void schema_example(struct json *json, const char *yaml, const char *key)
{
    struct problems *problems = problems_new();
    struct arena arena = { 0 };
    const struct node *node = yaml_read(text_from(yaml), "example", &arena, problems);

    if (node && key)
        node = node_find(node, key);
    if (node) {
        json_open(json, "examples", '[');
        add_node(json, NULL, node);
        json_close(json, ']');
    }
    arena_clear(&arena);
    problems_free(problems);
}

static void add_both_forms(struct json *json, const struct field *fields)
{
    const struct field *main = field_main(fields);

    json_open(json, "anyOf", '[');
    json_open(json, NULL, '{');
    schema_fields(json, fields);
    json_close(json, '}');
    json_open(json, NULL, '{');
    schema_field(json, main, NULL);
    json_close(json, '}');
    json_close(json, ']');
}

/* Nothing can stand alone where something else must stand beside it. */
static bool can_be_alone(const struct field *fields)
{
    const struct field *main = field_main(fields);

    for (const struct field *field = fields; field->type != FIELD_NONE; field++)
        if (field->required && field != main)
            return false;
    return main && main->type != FIELD_MAP;
}

void schema_kind(struct json *json, const struct fault_kind *kind)
{
    struct buffer words = { 0 };

    buffer_format(&words, "%c%s. %s",
                  kind->summary[0] >= 'a' && kind->summary[0] <= 'z' ? kind->summary[0] - 'a' + 'A'
                                                                     : kind->summary[0],
                  kind->summary + 1, kind->about);
    json_add_text(json, "description", buffer_text(&words));
    if (can_be_alone(kind->fields))
        add_both_forms(json, kind->fields);
    else
        schema_fields(json, kind->fields);
    schema_example(json, kind->example, kind->name);
    buffer_free(&words);
}

void schema_kind_reference(struct json *json, const struct fault_kind *kind)
{
    struct buffer words = { 0 };

    buffer_format(&words, "#/definitions/fault-%s", kind->name);
    json_open_row(json, kind->name, '{');
    json_add_text(json, "$ref", buffer_text(&words));
    json_close(json, '}');
    buffer_free(&words);
}
