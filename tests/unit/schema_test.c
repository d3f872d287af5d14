/* schema: every row of the loader's tables and of the kinds says what the schema needs. */
#include "scenario/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <jansson.h>

#include "scenario/load.h"

static json_t *schema(void)
{
    struct buffer out = { 0 };
    json_error_t error;
    json_t *read;

    scenario_schema(&out);
    read = json_loads(out.at, JSON_REJECT_DUPLICATES, &error);
    if (!read)
        fail_msg("line %d: %s", error.line, error.text);
    buffer_free(&out);
    return read;
}

static void expect_described(const char *owner, const struct field *field)
{
    if (!field->help || !*field->help)
        fail_msg("%s.%s has no help", owner, field->name);
}

static void expect_table(const struct load_table *table);

static void expect_shape(const char *owner, const struct shape *shape)
{
    if (shape->table)
        expect_table(shape->table);
    if (shape->each)
        expect_shape(owner, shape->each);
    for (size_t i = 0; shape->choices && shape->choices[i]; i++)
        expect_shape(owner, shape->choices[i]);
    for (size_t i = 0; shape->kind == SHAPE_FIELDS && shape->fields[i].type != FIELD_NONE; i++)
        expect_described(owner, &shape->fields[i]);
}

static void expect_table(const struct load_table *table)
{
    for (const struct load_key *key = table->keys; key->field.name; key++) {
        expect_described(table->what, &key->field);
        if (key->load && !key->shape)
            fail_msg("%s.%s is read by a function, and has no shape", table->what, key->field.name);
        if (key->shape)
            expect_shape(key->field.name, key->shape);
    }
}

static void each_key_is_described_and_has_a_shape(void **state)
{
    (void)state;
    expect_table(&load_top_table);
}

static void each_kind_is_described_with_its_example(void **state)
{
    json_t *root = schema(), *definitions = json_object_get(root, "definitions");

    (void)state;
    for (size_t i = 0; fault_at(i); i++) {
        struct buffer name = { 0 };
        json_t *definition;

        buffer_format(&name, "fault-%s", fault_at(i)->name);
        definition = json_object_get(definitions, name.at);
        if (!json_is_string(json_object_get(definition, "description")) ||
            json_array_size(json_object_get(definition, "examples")) != 1)
            fail_msg("%s lacks its description or example", name.at);
        for (const struct field *field = fault_at(i)->fields; field->type != FIELD_NONE; field++)
            expect_described(fault_at(i)->name, field);
        buffer_free(&name);
    }
    json_decref(root);
}

/* Whatever refers to a definition finds it. */
static void expect_references(json_t *node, json_t *definitions)
{
    const char *name;
    size_t index;
    json_t *item;

    if (json_is_object(node)) {
        json_object_foreach(node, name, item)
        {
            if (strcmp(name, "$ref") == 0 &&
                !json_object_get(definitions, json_string_value(item) + strlen("#/definitions/")))
                fail_msg("%s leads nowhere", json_string_value(item));
            expect_references(item, definitions);
        }
    }
    json_array_foreach(node, index, item) expect_references(item, definitions);
}

static void references_lead_somewhere(void **state)
{
    json_t *root = schema();

    (void)state;
    expect_references(root, json_object_get(root, "definitions"));
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_is_described_and_has_a_shape),
        cmocka_unit_test(each_kind_is_described_with_its_example),
        cmocka_unit_test(references_lead_somewhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
