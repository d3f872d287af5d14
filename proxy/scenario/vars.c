/* vars: how values are found and put in. */
#include "scenario/vars.h"

#include <string.h>

#define LONGEST_TEXT ((size_t)64 << 10)
#define MOST_GROWTH ((size_t)1 << 20)

struct vars {
    struct arena *arena;
    struct problems *problems;
    const struct node *defaults; /* the mapping under `vars`, or NULL */
    const struct field_pairs *sets;
    size_t growth; /* bytes that values have brought so far */
};

static const char *var_name_at(const void *list, size_t index)
{
    const struct vars *vars = list;

    if (!vars->defaults || index >= vars->defaults->count)
        return NULL;
    return arena_string(vars->arena, vars->defaults->items[index].key);
}

static const struct node *find_default(const struct vars *vars, struct text name)
{
    for (size_t i = 0; vars->defaults && i < vars->defaults->count; i++)
        if (text_equal(vars->defaults->items[i].key, name))
            return vars->defaults->items[i].value;
    return NULL;
}

/* The last one set counts. */
static const struct text *find_set(const struct vars *vars, struct text name)
{
    for (size_t i = vars->sets ? vars->sets->count : 0; i > 0; i--)
        if (text_equal(vars->sets->items[i - 1].name, name))
            return &vars->sets->items[i - 1].value;
    return NULL;
}

static void report_unknown(const struct vars *vars, struct text name, struct place place)
{
    const char *meant = name.length > 64 ? NULL : problem_suggestion(name, var_name_at, vars);

    if (meant)
        problem_at(vars->problems, place, "there is no var %s; did you mean \"%s\"?",
                   node_quote(vars->arena, name), meant);
    else
        problem_at(vars->problems, place, "there is no var %s", node_quote(vars->arena, name));
}

static void put_value(struct vars *vars, struct text name, struct place place, struct buffer *out)
{
    const struct node *fallback = find_default(vars, name);
    const struct text *set = find_set(vars, name);
    struct text value;

    if (!fallback) {
        report_unknown(vars, name, place);
        return;
    }
    value = set ? *set : fallback->text;
    vars->growth += value.length;
    if (vars->growth <= MOST_GROWTH)
        buffer_add_text(out, value);
}

/* How many bytes of `text` are one piece: `${name}`, `$${`, or a byte that is just that. */
static size_t put_piece(struct vars *vars, struct text text, struct place place, struct buffer *out)
{
    size_t end = text_find(text, '}');

    if (text_starts(text, text_from("$${"))) {
        buffer_add_string(out, "${");
        return 3;
    }
    if (!text_starts(text, text_from("${"))) {
        buffer_add_byte(out, text.at[0]);
        return 1;
    }
    if (end == text.length) {
        problem_at(vars->problems, place,
                   "\"${\" begins a var here, and no \"}\" ends it; \"$${\" "
                   "stands for \"${\" itself");
        return text.length;
    }
    put_value(vars, text_of(text.at + 2, end - 2), place, out);
    return end + 1;
}

static const struct node *replace_text(struct vars *vars, const struct node *node)
{
    struct buffer out = { 0 };
    struct node *copy = ARENA_NEW(vars->arena, struct node);

    for (size_t at = 0; at < node->text.length;)
        at += put_piece(vars, text_from_offset(node->text, at), node->place, &out);
    if (out.length > LONGEST_TEXT || vars->growth > MOST_GROWTH)
        problem_at(vars->problems, node->place, "vars make this longer than can be");
    *copy = *node;
    copy->text = arena_copy(vars->arena, buffer_text(&out));
    buffer_free(&out);
    return copy;
}

static bool holds_var(struct text text)
{
    for (size_t i = 0; i + 1 < text.length; i++)
        if (text.at[i] == '$' && (text.at[i + 1] == '{' || text.at[i + 1] == '$'))
            return true;
    return false;
}

/* The tree is at most as deep as yaml.h says. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static bool any_holds_var(const struct node *node)
{
    if (node->kind == NODE_TEXT)
        return holds_var(node->text);
    for (size_t i = 0; i < node->count; i++)
        if (any_holds_var(node->items[i].value))
            return true;
    return false;
}

/* NOLINTNEXTLINE(misc-no-recursion) */
static const struct node *replace(struct vars *vars, const struct node *node)
{
    struct node *copy;

    if (node->kind == NODE_TEXT)
        return holds_var(node->text) ? replace_text(vars, node) : node;
    copy = ARENA_NEW(vars->arena, struct node);
    *copy = *node;
    copy->items = ARENA_ARRAY(vars->arena, struct node_item, node->count + 1);
    for (size_t i = 0; i < node->count && problems_count(vars->problems) < MOST_PROBLEMS; i++) {
        copy->items[i] = node->items[i];
        copy->items[i].value = replace(vars, node->items[i].value);
    }
    return copy;
}

static void check_defaults(const struct vars *vars, const struct node *mapping)
{
    if (mapping->kind != NODE_MAPPING) {
        problem_at(vars->problems, mapping->place, "vars wants a mapping, not %s",
                   node_kind_name(mapping->kind));
        return;
    }
    for (size_t i = 0; i < mapping->count; i++)
        if (mapping->items[i].value->kind != NODE_TEXT)
            problem_at(vars->problems, mapping->items[i].value->place,
                       "a var stands for a text, not %s",
                       node_kind_name(mapping->items[i].value->kind));
}

static const struct node *without_vars(const struct vars *vars, const struct node *root)
{
    struct node *copy = ARENA_NEW(vars->arena, struct node);

    *copy = *root;
    copy->count = 0;
    copy->items = ARENA_ARRAY(vars->arena, struct node_item, root->count + 1);
    for (size_t i = 0; i < root->count; i++)
        if (!text_is(root->items[i].key, "vars"))
            copy->items[copy->count++] = root->items[i];
    return copy;
}

const struct node *vars_replace(const struct node *root, const struct field_pairs *sets,
                                struct place set_place, struct arena *arena,
                                struct problems *problems)
{
    const struct node *defaults = node_find(root, "vars");
    struct vars vars = { .arena = arena, .problems = problems, .sets = sets };

    if (root->kind != NODE_MAPPING)
        return root;
    if (defaults) {
        size_t before = problems_count(problems);

        check_defaults(&vars, defaults);
        root = without_vars(&vars, root);
        if (problems_count(problems) > before)
            return root;
        vars.defaults = defaults;
    }
    for (size_t i = 0; sets && i < sets->count; i++)
        if (!find_default(&vars, sets->items[i].name))
            report_unknown(&vars, sets->items[i].name, set_place);
    return any_holds_var(root) ? replace(&vars, root) : root;
}
