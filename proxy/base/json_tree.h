/* json_tree: JSON read whole, and asked for values. */
#ifndef PANNE_BASE_JSON_TREE_H
#define PANNE_BASE_JSON_TREE_H

#include <stdbool.h>

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
/* Whether a text is a pointer at all: empty, or beginning with `/`, and each `~` followed by 0
 * or 1.
 */
bool json_pointer_is_valid(struct text pointer);

#endif
