/* node: a small tree of texts, lists and mappings, each with its place. Made by yaml.c, read by the
 * loader. */
#ifndef PANNE_SCENARIO_NODE_H
#define PANNE_SCENARIO_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/problems.h"
#include "base/text.h"

/* Then a file is not read on: nobody would read them, and each takes its time. */
#define MOST_PROBLEMS 1000

enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAPPING };

struct node;

/* One item of a list (its key is empty), or one pair of a mapping. */
struct node_item {
    struct text key;
    struct place place; /* of the key */
    const struct node *value;
};

/* Never changed once it is complete: an alias is the same node once more. */
struct node {
    enum node_kind kind;
    bool quoted;     /* a text in quotes or a block: `"no"`, not `no` */
    unsigned height; /* levels of lists and mappings, this one included */
    unsigned size;   /* nodes in it, with aliases expanded */
    struct place place;
    struct text text; /* NODE_TEXT */
    struct node_item *items;
    size_t count;
};

/* Lent; NULL where the mapping has no such key, or is none. */
const struct node *node_find(const struct node *mapping, const char *key);
/* `a text`, `a list`, `a mapping`. */
const char *node_kind_name(enum node_kind kind);
/* As flow YAML on one line, in the writer's own words. */
void node_write(const struct node *node, struct buffer *out);
/* The same as YAML that reads as the same tree again: every text in quotes but plain ones that JSON
 * has words for, and `${` in values written so that it stands for itself (vars.h). */
void node_write_quoted(const struct node *node, struct buffer *out);
/* As JSON on one line. Plain texts that JSON has words for (numbers, true, false, null) are those,
 * and so are YAML's other ways to write null; all others, and what stands in quotes, are strings.
 */
void node_write_json(const struct node *node, struct buffer *out);
/* Whether that would write a plain text as something else than a string. */
bool node_is_json_word(const struct node *node);
/* A problem for each key that stood in the mapping before. */
void node_check_duplicates(const struct node *mapping, struct arena *arena,
                           struct problems *problems);
/* The text in quotes, fit for a message: cut when long, without control bytes. */
const char *node_quote(struct arena *arena, struct text text);

#endif
