/* node: how the tree is searched, checked for doubles, and written on one line. */
#include "scenario/node.h"

#include <stdlib.h>

#define LONGEST_QUOTE 60

const struct node *node_find(const struct node *mapping, const char *key)
{
    if (mapping->kind != NODE_MAPPING)
        return NULL;
    for (size_t i = 0; i < mapping->count; i++)
        if (text_is(mapping->items[i].key, key))
            return mapping->items[i].value;
    return NULL;
}

const char *node_kind_name(enum node_kind kind)
{
    switch (kind) {
    case NODE_TEXT:
        return "a text";
    case NODE_LIST:
        return "a list";
    case NODE_MAPPING:
        return "a mapping";
    }
    return "";
}

static void write_items(const struct node *node, struct buffer *out)
{
    for (size_t i = 0; i < node->count; i++) {
        if (i > 0)
            buffer_add_string(out, ", ");
        if (node->kind == NODE_MAPPING) {
            buffer_add_text(out, node->items[i].key);
            buffer_add_string(out, ": ");
        }
        node_write(node->items[i].value, out);
    }
}

void node_write(const struct node *node, struct buffer *out)
{
    if (node->kind == NODE_TEXT && node->quoted) {
        buffer_add_json(out, node->text);
    } else if (node->kind == NODE_TEXT) {
        buffer_add_text(out, node->text);
    } else {
        buffer_add_byte(out, node->kind == NODE_LIST ? '[' : '{');
        write_items(node, out);
        buffer_add_byte(out, node->kind == NODE_LIST ? ']' : '}');
    }
}

static void write_value(struct text text, struct buffer *out)
{
    struct buffer escaped = { 0 };

    for (size_t i = 0; i < text.length; i++) {
        if (text_starts(text_from_offset(text, i), text_from("${")))
            buffer_add_byte(&escaped, '$');
        buffer_add_byte(&escaped, text.at[i]);
    }
    buffer_add_json(out, buffer_text(&escaped));
    buffer_free(&escaped);
}

/* The tree is at most as deep as yaml.h says. */
/* NOLINTNEXTLINE(misc-no-recursion) */
void node_write_quoted(const struct node *node, struct buffer *out)
{
    if (node->kind == NODE_TEXT && node_is_json_word(node)) {
        buffer_add_text(out, text_is_empty(node->text) ? text_from("null") : node->text);
        return;
    }
    if (node->kind == NODE_TEXT) {
        write_value(node->text, out);
        return;
    }
    buffer_add_byte(out, node->kind == NODE_LIST ? '[' : '{');
    for (size_t i = 0; i < node->count; i++) {
        buffer_add_string(out, i > 0 ? ",\n" : "");
        if (node->kind == NODE_MAPPING) {
            buffer_add_json(out, node->items[i].key);
            buffer_add_string(out, ": ");
        }
        node_write_quoted(node->items[i].value, out);
    }
    buffer_add_byte(out, node->kind == NODE_LIST ? ']' : '}');
}

/* By key, and within the same key in the order of the file. */
static int compare_keys(const void *left, const void *right)
{
    const struct node_item *a = *(const struct node_item *const *)left;
    const struct node_item *b = *(const struct node_item *const *)right;
    size_t shorter = a->key.length < b->key.length ? a->key.length : b->key.length;
    int order = shorter > 0 ? memcmp(a->key.at, b->key.at, shorter) : 0;

    if (order != 0)
        return order;
    if (a->key.length != b->key.length)
        return a->key.length < b->key.length ? -1 : 1;
    return a < b ? -1 : a > b;
}

/* Sorting keeps a mapping of 50,000 keys from taking its square. */
void node_check_duplicates(const struct node *mapping, struct arena *arena,
                           struct problems *problems)
{
    const struct node_item **sorted;

    if (mapping->count < 2)
        return;
    sorted = ARENA_ARRAY(arena, const struct node_item *, mapping->count);
    for (size_t i = 0; i < mapping->count; i++)
        sorted[i] = &mapping->items[i];
    qsort(sorted, mapping->count, sizeof(*sorted), compare_keys);
    for (size_t i = 1; i < mapping->count; i++)
        if (text_equal(sorted[i]->key, sorted[i - 1]->key))
            problem_at(problems, sorted[i]->place, "the key %s stands here twice; first on line %u",
                       node_quote(arena, sorted[i]->key), sorted[i - 1]->place.line);
}

/* Not within a character: UTF-8's later bytes are 10xxxxxx. */
static size_t cut_length(struct text text)
{
    size_t length = LONGEST_QUOTE;

    if (text.length <= LONGEST_QUOTE)
        return text.length;
    while (length > 0 && ((unsigned char)text.at[length] & 0xC0) == 0x80)
        length--;
    return length;
}

const char *node_quote(struct arena *arena, struct text text)
{
    size_t length = cut_length(text);
    struct text quoted = arena_format(arena, "\"%.*s%s\"", (int)length, length > 0 ? text.at : "",
                                      length < text.length ? "…" : "");
    char *at = arena_string(arena, quoted);

    for (char *byte = at; *byte; byte++)
        if ((unsigned char)*byte < 0x20 || *byte == 0x7F)
            *byte = '?';
    return at;
}
