/* schema: the document: the scenario's own keys, then what they refer to. */
#include "scenario/schema.h"

#include "scenario/schema_parts.h"
#include "verdict/check.h"

static const char example[] = "panne: 1\n"
                              "title: Friday evening\n"
                              "services:\n"
                              "  api: {match: {path: /api/**}}\n"
                              "phases:\n"
                              "  - {name: calm, lasts: 5m}\n"
                              "  - name: down\n"
                              "    lasts: 40m\n"
                              "    faults:\n"
                              "      - {service: api, error: 503, share: 0% -> 80%}\n";

static void open_named(struct json *json, const char *what, const char *name)
{
    struct buffer key = { 0 };

    buffer_format(&key, "%s-%s", what, name);
    json_open(json, key.at, '{');
    buffer_free(&key);
}

static void add_definitions(struct schema *schema)
{
    struct json *json = &schema->json;

    json_open(json, "definitions", '{');
    for (size_t i = 0; i < schema->count; i++)
        schema_definition(schema, schema->wanted[i]);
    for (size_t i = 0; fault_at(i); i++) {
        open_named(json, "fault", fault_at(i)->name);
        schema_kind(json, fault_at(i));
        json_close(json, '}');
    }
    for (size_t i = 0; check_at(i); i++) {
        open_named(json, "check", check_at(i)->name);
        schema_check(json, check_at(i));
        json_close(json, '}');
    }
    json_close(json, '}');
}

void scenario_schema(struct buffer *out)
{
    struct schema schema = { .json = { .out = out } };
    struct json *json = &schema.json;

    json_open(json, NULL, '{');
    json_add_string(json, "$schema", "http://json-schema.org/draft-07/schema#");
    json_add_string(json, "title", "panne scenario");
    json_add_string(json, "description", "What shall go wrong, and when: see panne-scenario(5).");
    schema_table(&schema, &load_top_table);
    schema_example(json, example, NULL);
    add_definitions(&schema);
    json_close(json, '}');
    buffer_add_byte(out, '\n');
}
