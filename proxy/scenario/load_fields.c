/* load_fields: how mappings are read by tables, key by key. */
#include <string.h>

#include "faults/fault.h"
#include "scenario/load.h"

bool load_wants(struct loader *loader, const struct node *node, enum node_kind kind,
                const char *what)
{
    if (node->kind != kind) {
        problem_at(loader->problems, node->place, "%s wants %s, not %s", what, node_kind_name(kind),
                   node_kind_name(node->kind));
        return false;
    }
    if (kind == NODE_TEXT && !node->quoted && text_is_empty(node->text)) {
        problem_at(loader->problems, node->place, "%s has no value", what);
        return false;
    }
    return true;
}

static bool is_letter_or_digit(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

bool load_check_name(struct loader *loader, struct text name, struct place place)
{
    bool good = name.length > 0 && name.length <= 64 && is_letter_or_digit(name.at[0]);

    for (size_t i = 0; good && i < name.length; i++)
        good = is_letter_or_digit(name.at[i]) || strchr("._-", name.at[i]) != NULL;
    if (!good)
        problem_at(loader->problems, place,
                   "a name is 1 to 64 letters, digits, dots, dashes and underscores, not %s",
                   node_quote(loader->arena, name));
    return good;
}

static bool load_texts(struct loader *loader, const struct field *field, const struct node *value,
                       struct field_texts *texts)
{
    size_t count = value->kind == NODE_LIST ? value->count : 1;
    struct text *items = ARENA_ARRAY(loader->arena, struct text, count + 1);
    bool good = true;

    for (size_t i = 0; i < count; i++) {
        const struct node *item = value->kind == NODE_LIST ? value->items[i].value : value;

        items[i] = item->text;
        good = load_wants(loader, item, NODE_TEXT, field->name) && good;
    }
    if (count == 0)
        problem_at(loader->problems, value->place, "%s has no value", field->name);
    *texts = (struct field_texts){ items, count };
    return good && count > 0;
}

static bool load_pairs(struct loader *loader, const struct field *field, const struct node *value,
                       struct field_pairs *pairs)
{
    struct field_pair *items;
    bool good = true;

    if (!load_wants(loader, value, NODE_MAPPING, field->name))
        return false;
    items = ARENA_ARRAY(loader->arena, struct field_pair, value->count + 1);
    for (size_t i = 0; i < value->count; i++) {
        const struct node *item = value->items[i].value;

        items[i] = (struct field_pair){ value->items[i].key, item->text };
        good = load_wants(loader, item, NODE_TEXT, field->name) && good;
    }
    *pairs = (struct field_pairs){ items, value->count };
    return good;
}

/* A text is JSON as it stands; a tree is written as such. */
static bool load_json(struct loader *loader, const struct field *field, const struct node *value,
                      struct text *json)
{
    struct buffer written = { 0 };

    if (value->kind == NODE_TEXT) {
        *json = value->text;
        return load_wants(loader, value, NODE_TEXT, field->name);
    }
    node_write_json(value, &written);
    *json = arena_copy(loader->arena, buffer_text(&written));
    buffer_free(&written);
    return true;
}

static bool load_text(struct loader *loader, const struct field *field, const struct node *value,
                      void *target)
{
    struct buffer complaint = { 0 };
    bool good;

    if (!load_wants(loader, value, NODE_TEXT, field->name))
        return false;
    good = field_read(field, target, value->text, &complaint);
    if (!good)
        problem_at(loader->problems, value->place, "%s %s", field->name, complaint.at);
    buffer_free(&complaint);
    return good;
}

bool load_value(struct loader *loader, const struct field *field, const struct node *value,
                void *target)
{
    void *place = (char *)target + field->offset;

    if (field->type == FIELD_TEXTS)
        return load_texts(loader, field, value, place);
    if (field->type == FIELD_MAP)
        return load_pairs(loader, field, value, place);
    if (field->type == FIELD_JSON)
        return load_json(loader, field, value, place);
    return load_text(loader, field, value, target);
}

static const struct load_key *find_key(const struct load_table *table, struct text name)
{
    for (const struct load_key *key = table->keys; key->field.name; key++)
        if (text_is(name, key->field.name))
            return key;
    return NULL;
}

/* problem_suggestion's name_at for a table: its keys, then what else may stand there. */
static const char *table_name_at(const void *list, size_t index)
{
    const struct load_table *table = list;
    size_t count = 0;

    while (table->keys[count].field.name) {
        if (count == index)
            return table->keys[count].field.name;
        count++;
    }
    return table->other_name_at ? table->other_name_at(NULL, index - count) : NULL;
}

/* A key of 64 KiB is not a slip of the pen. */
static const char *suggest(struct text text, const char *(*name_at)(const void *, size_t),
                           const void *list)
{
    return text.length > 64 ? NULL : problem_suggestion(text, name_at, list);
}

static const char *meant_by(const struct load_table *table, struct text key)
{
    const char *near = suggest(key, table_name_at, table);

    return !near && table->meant ? table->meant(key) : near;
}

static void report_unknown(struct loader *loader, const struct node_item *item, const char *noun,
                           const char *what, const char *meant)
{
    if (meant)
        problem_at(loader->problems, item->place, "unknown %s %s; did you mean \"%s\"?", noun,
                   node_quote(loader->arena, item->key), meant);
    else if (fault_find(text_from(what)))
        problem_at(loader->problems, item->place,
                   "unknown %s %s in %s (panne faults %s lists them)", noun,
                   node_quote(loader->arena, item->key), what, what);
    else
        problem_at(loader->problems, item->place, "unknown %s %s in %s", noun,
                   node_quote(loader->arena, item->key), what);
}

static void load_pair(struct loader *loader, const struct load_table *table,
                      const struct node_item *item, void *target)
{
    const struct load_key *key = find_key(table, item->key);

    if (key && key->load)
        key->load(loader, item->value, target);
    else if (key)
        load_value(loader, &key->field, item->value, target);
    else if (!table->other || !table->other(loader, item, target))
        report_unknown(loader, item, table->noun, table->what, meant_by(table, item->key));
}

static void report_missing(struct loader *loader, const struct load_key *key, const char *what,
                           struct place place)
{
    if (key->missing)
        problem_at(loader->problems, place, "%s", key->missing);
    else
        problem_at(loader->problems, place, "%s needs \"%s\"", what, key->field.name);
}

bool load_mapping(struct loader *loader, const struct load_table *table, const struct node *node,
                  void *target)
{
    size_t before = problems_count(loader->problems);

    if (!load_wants(loader, node, NODE_MAPPING, table->what))
        return false;
    for (size_t i = 0; i < node->count && load_goes_on(loader); i++)
        load_pair(loader, table, &node->items[i], target);
    for (const struct load_key *key = table->keys; key->field.name; key++)
        if (key->required && !node_find(node, key->field.name))
            report_missing(loader, key, table->what, node->place);
    return problems_count(loader->problems) == before;
}

static bool load_alone(struct loader *loader, const struct field *fields, const struct node *node,
                       const char *what, void *target)
{
    const struct field *field = field_main(fields);
    struct field named;

    if (node->kind == NODE_TEXT && !node->quoted && text_is_empty(node->text)) {
        problem_at(loader->problems, node->place, "%s has no value; {} stands for its defaults",
                   what);
        return false;
    }
    if (!field || (node->kind == NODE_LIST && field->type != FIELD_TEXTS))
        return load_wants(loader, node, NODE_MAPPING, what);
    named = *field;
    named.name = what;
    return load_value(loader, &named, node, target);
}

/* Of a value that stands alone, the main field is there. */
static bool has_required(struct loader *loader, const struct field *fields, const struct node *node,
                         const char *what)
{
    bool good = true;

    for (const struct field *field = fields; field->type != FIELD_NONE; field++) {
        bool there = node->kind == NODE_MAPPING ? node_find(node, field->name) != NULL
                                                : field == field_main(fields);

        if (!field->required || there)
            continue;
        problem_at(loader->problems, node->place, "%s needs \"%s\"", what, field->name);
        good = false;
    }
    return good;
}

bool load_fields(struct loader *loader, const struct field *fields, const struct node *node,
                 const char *what, void *target)
{
    bool good = true;

    if (node->kind != NODE_MAPPING)
        return load_alone(loader, fields, node, what, target) &&
               has_required(loader, fields, node, what);
    for (size_t i = 0; i < node->count; i++) {
        const struct node_item *item = &node->items[i];
        const struct field *field = field_find(fields, item->key);

        if (field) {
            good = load_value(loader, field, item->value, target) && good;
        } else {
            report_unknown(loader, item, "parameter", what,
                           suggest(item->key, field_name_at, fields));
            good = false;
        }
    }
    return has_required(loader, fields, node, what) && good;
}
