/* schema_parts: what the schema's writers share. Each function writes members into the object that
 * is open. */
#ifndef PANNE_SCENARIO_SCHEMA_PARTS_H
#define PANNE_SCENARIO_SCHEMA_PARTS_H

#include "base/json.h"
#include "faults/fault.h"
#include "scenario/load.h"

#define MOST_DEFINITIONS 64

struct schema {
    struct json json;
    const struct shape *wanted[MOST_DEFINITIONS]; /* referred to; written at the end */
    size_t count;
};

/* The line as a sentence; NULL: nothing. */
void schema_description(struct json *json, const char *help);
/* What a field means, which values it takes, and which it has if left out. */
void schema_describe_field(struct json *json, const struct field *field);
/* A field's value: its type, and what else tells right from wrong; description and default apart.
 * `shape`: what a text further looks like; NULL: like anything. */
void schema_field(struct json *json, const struct field *field, const struct shape *shape);
/* A property with the field's name. */
void schema_property(struct json *json, const struct field *field);
/* A mapping of such fields. */
void schema_fields(struct json *json, const struct field *fields);
/* What the loader calls a name; as the value that is open, or for keys, as an object of `key`. */
void schema_name(struct json *json, const char *key);
/* A text that is like `pattern`, without anchors; `wish`: what a complaint says. */
void schema_text(struct json *json, const char *pattern, const char *wish);
/* A text with a value: what YAML takes for a number or a flag is one, too. */
void schema_any_text(struct json *json);
/* The same, also without a value. */
void schema_scalar(struct json *json);

/* `key`: the one whose value has this shape, or NULL. */
void schema_shape(struct schema *schema, const struct shape *shape, const struct load_key *key);
/* As an object of its name. */
void schema_definition(struct schema *schema, const struct shape *shape);
void schema_table(struct schema *schema, const struct load_table *table);

/* The kind's value in a rule: a mapping, or what may stand alone for it. */
void schema_kind(struct json *json, const struct fault_kind *kind);
/* As an object with the key: a reference to schema_kind's definition. */
void schema_kind_reference(struct json *json, const struct fault_kind *kind);
/* A mapping from checks to what is expected of each; and of one, the mapping and what may stand
 * alone for it. */
void schema_checks(struct json *json);
void schema_check(struct json *json, const struct check *check);
/* `"examples": […]`, from YAML; with `key`, of the value that the key has in it. */
void schema_example(struct json *json, const char *yaml, const char *key);

#endif
