/* json_tree: jansson behind a handful of questions. */
#include "base/json_tree.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/arena.h"

struct json_tree {
    json_t *root;
};

/* Takes the root over; NULL gives NULL. */
static struct json_tree *tree_of(json_t *root)
{
    struct json_tree *tree;

    if (!root)
        return NULL;
    tree = memory_take(sizeof(*tree));
    tree->root = root;
    return tree;
}

struct json_tree *json_tree_read(struct text text)
{
    return tree_of(json_loadb(text.length > 0 ? text.at : "", text.length, JSON_DECODE_ANY, NULL));
}

void json_tree_free(struct json_tree *tree)
{
    if (!tree)
        return;
    json_decref(tree->root);
    free(tree);
}

bool json_pointer_is_valid(struct text pointer)
{
    if (pointer.length > 0 && pointer.at[0] != '/')
        return false;
    for (size_t i = 0; i < pointer.length; i++)
        if (pointer.at[i] == '~' &&
            (i + 1 == pointer.length || pointer.at[i + 1] < '0' || pointer.at[i + 1] > '1'))
            return false;
    return true;
}

/* `~1` stands for `/`, `~0` for `~`. */
static void unescape(struct text token, struct buffer *out)
{
    buffer_clear(out);
    for (size_t i = 0; i < token.length; i++) {
        bool escaped = token.at[i] == '~' && i + 1 < token.length;

        if (escaped)
            i++;
        buffer_add_byte(out, !escaped ? token.at[i] : token.at[i] == '1' ? '/' : '~');
    }
}

static const json_t *step(const json_t *value, struct text token)
{
    struct buffer key = { 0 };
    const json_t *next = NULL;
    uint64_t index;

    unescape(token, &key);
    if (json_is_object(value))
        next = json_object_getn(value, key.length > 0 ? key.at : "", key.length);
    else if (json_is_array(value) && text_to_u64(buffer_text(&key), &index))
        next = json_array_get(value, (size_t)index);
    buffer_free(&key);
    return next;
}

static const json_t *follow(const json_t *value, struct text pointer)
{
    while (value && pointer.length > 0) {
        struct text rest = text_from_offset(pointer, 1);
        size_t length = text_find(rest, '/');

        value = step(value, text_of(rest.at, length));
        pointer = text_from_offset(rest, length);
    }
    return value;
}

bool json_tree_find(const struct json_tree *tree, struct text pointer, struct buffer *out)
{
    const json_t *value = follow(tree->root, pointer);
    char *written;

    if (!value || json_is_object(value) || json_is_array(value))
        return false;
    if (json_is_string(value)) {
        buffer_add_text(out, text_of(json_string_value(value), json_string_length(value)));
        return true;
    }
    written = json_dumps(value, JSON_ENCODE_ANY);
    if (!written)
        memory_exhausted();
    buffer_add_string(out, written);
    free(written);
    return true;
}

struct json_tree *json_tree_read_strictly(struct text text, struct buffer *complaint)
{
    json_error_t error;
    json_t *root =
        json_loadb(text.at, text.length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);

    if (!root)
        buffer_add_string(complaint, error.text);
    return tree_of(root);
}

struct json_member json_tree_member(const struct json_tree *tree, const char *name)
{
    const json_t *value = json_object_get(tree->root, name);
    struct json_member member = { .kind = JSON_IS_OTHER };

    if (!value)
        return (struct json_member){ .kind = JSON_NOTHING };
    if (json_is_string(value)) {
        member.kind = JSON_IS_TEXT;
        member.text = text_of(json_string_value(value), json_string_length(value));
    } else if (json_is_number(value)) {
        member.kind = json_is_integer(value) ? JSON_IS_WHOLE : JSON_IS_REAL;
        member.whole = json_integer_value(value);
        member.number = json_number_value(value);
    } else if (json_is_boolean(value)) {
        member.kind = JSON_IS_FLAG;
        member.flag = json_is_true(value);
    }
    return member;
}

static json_t *load(struct text text, json_error_t *error)
{
    return json_loadb(text.length > 0 ? text.at : "", text.length, JSON_DECODE_ANY | JSON_ALLOW_NUL,
                      error);
}

bool json_check(struct text text, struct buffer *complaint)
{
    json_error_t error;
    json_t *tree = load(text, &error);

    if (tree) {
        json_decref(tree);
        return true;
    }
    buffer_format(complaint, "is no JSON: %s", error.text);
    return false;
}

/* As RFC 7396, 2 has it; takes `target` from the caller and gives what comes of it. */
/* NOLINTNEXTLINE(misc-no-recursion): jansson reads to a bounded depth */
static json_t *merge(json_t *target, json_t *patch)
{
    const char *key;
    json_t *value;

    if (!json_is_object(patch)) {
        json_decref(target);
        return json_incref(patch);
    }
    if (!json_is_object(target)) {
        json_decref(target);
        target = json_object();
    }
    json_object_foreach(patch, key, value)
    {
        if (json_is_null(value))
            json_object_del(target, key);
        else
            json_object_set_new(target, key,
                                merge(json_incref(json_object_get(target, key)), value));
    }
    return target;
}

static int add(const char *bytes, size_t length, void *user)
{
    buffer_add(user, bytes, length);
    return 0;
}

/* With as few digits as say the same: 0.1 is not to become 0.10000000000000001. */
static void write_tree(const json_t *tree, struct buffer *out)
{
    const size_t fewest = 15, most = 17; /* of a double */
    size_t before = out->length;

    for (size_t digits = fewest; digits <= most; digits++) {
        json_error_t error;
        json_t *again;
        bool same;

        out->length = before;
        json_dump_callback(tree, add, out,
                           JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(digits));
        again =
            digits < most ? load(text_of(out->at + before, out->length - before), &error) : NULL;
        same = json_equal(tree, again);
        json_decref(again);
        if (same)
            return;
    }
}

bool json_patch(struct text text, struct text patch, struct buffer *out)
{
    json_error_t error;
    json_t *before = load(text, &error), *changes = load(patch, &error), *after = NULL;
    bool changed = false;

    if (before && changes) {
        after = merge(json_deep_copy(before), changes);
        changed = !json_equal(before, after);
    }
    if (changed)
        write_tree(after, out);
    json_decref(after);
    json_decref(changes);
    json_decref(before);
    return changed;
}
