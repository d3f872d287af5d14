/* json_tree: JSON read whole, asked for values, and patched. */
#ifndef PANNE_BASE_JSON_TREE_H
#define PANNE_BASE_JSON_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"

struct json_tree;

/* NULL where the text is no JSON (RFC 8259), or nested deeper than the library reads. */
struct json_tree *json_tree_read(struct text text);
void json_tree_free(struct json_tree *tree);

/* Adds the value that the pointer (RFC 6901) leads to: a string without its quotes, a number, true,
 * false and null as they are written. False where it leads nowhere, or to an object or array. */
MUST_USE bool json_tree_find(const struct json_tree *tree, struct text pointer, struct buffer *out);
/* The same as json_tree_read, and says why not; an object may not have a key twice. */
struct json_tree *json_tree_read_strictly(struct text text, struct buffer *complaint);

enum json_kind {
    JSON_NOTHING,
    JSON_IS_TEXT,
    JSON_IS_WHOLE,
    JSON_IS_REAL,
    JSON_IS_FLAG,
    JSON_IS_OTHER
};
struct json_member {
    enum json_kind kind;
    struct text text; /* IS_TEXT; lent by the tree */
    int64_t whole;    /* IS_WHOLE */
    double number;    /* IS_WHOLE and IS_REAL */
    bool flag;        /* IS_FLAG */
};
/* A member of the outermost object; NOTHING where it has none of that name, or is no object. */
struct json_member json_tree_member(const struct json_tree *tree, const char *name);

/* Whether a text is a pointer at all: empty, or beginning with `/`, and each `~` followed by 0
 * or 1.
 */
bool json_pointer_is_valid(struct text pointer);

/* Whether the text is JSON. False with a complaint that follows the parameter's name. */
MUST_USE bool json_check(struct text text, struct buffer *complaint);
/* Adds to `out` what comes of the text by the merge patch (RFC 7396), without white space: members
 * of objects are set, replaced, or, by null, removed; the others stay, in their order. False, with
 * nothing added, where one of both is no JSON, has whole numbers beyond 64 bits, or where the patch
 * changes nothing. */
MUST_USE bool json_patch(struct text text, struct text patch, struct buffer *out);

#endif
