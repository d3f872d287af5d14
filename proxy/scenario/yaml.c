/* yaml: the only user of libyaml; its events become a tree, and its freedoms are taken away. */
#include "scenario/yaml.h"

#include <assert.h>
#include <string.h>
#include <yaml.h>

#include "scenario/source.h"

#define MOST_LEVELS 16
#define MOST_EVENTS 100000
#define MOST_EXPANDED 1000
#define MOST_ANCHORS 1000
#define LONGEST_TEXT ((size_t)64 << 10)

/* A list or mapping that has begun and not ended. */
struct level {
    struct node *node;
    size_t room;
    bool has_key;
    struct text key;
    struct place key_place;
    struct anchor *anchor; /* its own; NULL: none */
};

struct anchor {
    struct text name;
    const struct node *node; /* NULL while it is being read */
    struct anchor *previous;
};

struct tree {
    struct arena *arena;
    struct problems *problems;
    struct text source;
    const char *name;
    struct level levels[MOST_LEVELS];
    unsigned depth;
    unsigned events, expanded, anchor_count;
    struct anchor *anchors; /* the newest first */
    struct node *root;
    bool done; /* the document has ended */
};

static struct place place_of(const struct tree *tree, yaml_mark_t mark)
{
    return (struct place){ tree->name, (unsigned)mark.line + 1, (unsigned)mark.column + 1 };
}

static bool starts_at_tab(struct text source, yaml_mark_t mark)
{
    for (size_t line = 0; line < mark.line; line++)
        source = text_from_offset(source, text_find(source, '\n') + 1);
    return mark.column < source.length && source.at[mark.column] == '\t';
}

static void report_parser(const struct tree *tree, const yaml_parser_t *parser)
{
    struct place place = place_of(tree, parser->problem_mark);

    if (parser->error == YAML_MEMORY_ERROR)
        memory_exhausted();
    if (starts_at_tab(tree->source, parser->problem_mark))
        problem_at(tree->problems, place, "a tab cannot indent in YAML; write spaces");
    else if (parser->context)
        problem_at(tree->problems, place, "this is not YAML: %s %s from line %u on",
                   parser->problem, parser->context, (unsigned)parser->context_mark.line + 1);
    else
        problem_at(tree->problems, place, "this is not YAML: %s",
                   parser->problem ? parser->problem : "unreadable");
}

/* Types come from the place where a value stands, so the core tags say nothing new, and others
 * cannot be known. */
static void check_tag(const struct tree *tree, const char *tag, enum node_kind kind,
                      struct place place)
{
    static const char prefix[] = "tag:yaml.org,2002:";
    static const char *const texts[] = { "str", "int", "float", "bool", "null" };
    const char *name;

    if (!tag)
        return;
    name = strncmp(tag, prefix, sizeof(prefix) - 1) == 0 ? tag + sizeof(prefix) - 1 : "";
    if (kind == NODE_LIST && strcmp(name, "seq") == 0)
        return;
    if (kind == NODE_MAPPING && strcmp(name, "map") == 0)
        return;
    for (size_t i = 0; kind == NODE_TEXT && i < COUNT_OF(texts); i++)
        if (strcmp(name, texts[i]) == 0)
            return;
    problem_at(tree->problems, place, "the tag %s cannot stand on %s; tags are not needed",
               node_quote(tree->arena, text_from(tag)), node_kind_name(kind));
}

/* `node` is NULL for what has only begun. False: too many. Without a name `*added` becomes NULL. */
static bool add_anchor(struct tree *tree, const yaml_char_t *name, const struct node *node,
                       struct place place, struct anchor **added)
{
    struct anchor *anchor;

    *added = NULL;
    if (!name)
        return true;
    if (tree->anchor_count++ >= MOST_ANCHORS) {
        problem_at(tree->problems, place, "more than %d anchors", MOST_ANCHORS);
        return false;
    }
    anchor = ARENA_NEW(tree->arena, struct anchor);
    anchor->name = arena_copy(tree->arena, text_from((const char *)name));
    anchor->node = node;
    anchor->previous = tree->anchors;
    tree->anchors = anchor;
    *added = anchor;
    return true;
}

static struct node *new_node(const struct tree *tree, enum node_kind kind, struct place place)
{
    struct node *node = ARENA_NEW(tree->arena, struct node);

    node->kind = kind;
    node->place = place;
    node->size = 1;
    node->height = kind == NODE_TEXT ? 0 : 1;
    return node;
}

static void add_item(struct tree *tree, struct level *level, const struct node *value)
{
    struct node *node = level->node;

    if (node->count == level->room) {
        struct node_item *items;

        level->room = level->room ? 2 * level->room : 4;
        items = ARENA_ARRAY(tree->arena, struct node_item, level->room);
        if (node->count > 0)
            memcpy(items, node->items, node->count * sizeof(*items));
        node->items = items;
    }
    node->items[node->count++] = (struct node_item){
        .key = level->key,
        .place = node->kind == NODE_MAPPING ? level->key_place : value->place,
        .value = value,
    };
}

/* A complete node takes its place in the level above. */
static bool put_node(struct tree *tree, struct node *node)
{
    struct level *level;

    if (tree->depth == 0) {
        tree->root = node;
        return true;
    }
    level = &tree->levels[tree->depth - 1];
    if (level->node->kind == NODE_MAPPING && !level->has_key) {
        if (node->kind != NODE_TEXT) {
            problem_at(tree->problems, node->place, "a key is a word, not %s",
                       node_kind_name(node->kind));
            return false;
        }
        level->key = node->text;
        level->key_place = node->place;
        level->has_key = true;
        return true;
    }
    add_item(tree, level, node);
    level->has_key = false;
    level->node->size += node->size;
    if (level->node->height <= node->height)
        level->node->height = node->height + 1;
    return true;
}

static bool too_deep(const struct tree *tree, struct place place)
{
    problem_at(tree->problems, place, "nested more than %d levels deep", MOST_LEVELS);
    return false;
}

static bool begin_level(struct tree *tree, const yaml_event_t *event)
{
    bool list = event->type == YAML_SEQUENCE_START_EVENT;
    const yaml_char_t *tag = list ? event->data.sequence_start.tag : event->data.mapping_start.tag;
    const yaml_char_t *anchor =
        list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor;
    struct place place = place_of(tree, event->start_mark);
    struct node *node = new_node(tree, list ? NODE_LIST : NODE_MAPPING, place);
    struct level level = { .node = node };

    if (tree->depth == MOST_LEVELS)
        return too_deep(tree, place);
    check_tag(tree, (const char *)tag, node->kind, place);
    if (!add_anchor(tree, anchor, NULL, place, &level.anchor))
        return false;
    tree->levels[tree->depth++] = level;
    return true;
}

static bool end_level(struct tree *tree)
{
    const struct level *level = &tree->levels[--tree->depth];
    struct node *node = level->node;

    assert(node);
    if (level->anchor)
        level->anchor->node = node;
    if (node->kind == NODE_MAPPING)
        node_check_duplicates(node, tree->arena, tree->problems);
    return put_node(tree, node);
}

static bool take_text(struct tree *tree, const yaml_event_t *event)
{
    struct place place = place_of(tree, event->start_mark);
    struct node *node = new_node(tree, NODE_TEXT, place);
    struct text value = text_of((const char *)event->data.scalar.value, event->data.scalar.length);
    struct anchor *anchor;

    if (value.length > LONGEST_TEXT) {
        problem_at(tree->problems, place, "this text is longer than 64 KiB");
        return false;
    }
    if (text_find(value, '\0') < value.length)
        problem_at(tree->problems, place, "a text cannot hold the character U+0000");
    check_tag(tree, (const char *)event->data.scalar.tag, NODE_TEXT, place);
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    node->text = arena_copy(tree->arena, value);
    return add_anchor(tree, event->data.scalar.anchor, node, place, &anchor) &&
           put_node(tree, node);
}

/* The node stands once more where the alias is: shared, but counted as if it had been copied. */
static bool take_alias(struct tree *tree, const yaml_event_t *event)
{
    struct text name = text_from((const char *)event->data.alias.anchor);
    struct place place = place_of(tree, event->start_mark);
    const struct anchor *anchor = tree->anchors;
    struct node *node;

    while (anchor && !text_equal(anchor->name, name))
        anchor = anchor->previous;
    if (!anchor || !anchor->node) {
        problem_at(tree->problems, place,
                   anchor ? "the alias %s stands in itself" : "there is no anchor for the alias %s",
                   node_quote(tree->arena, name));
        return false;
    }
    tree->expanded += anchor->node->size;
    if (tree->expanded > MOST_EXPANDED) {
        problem_at(tree->problems, place, "aliases bring more than %d nodes", MOST_EXPANDED);
        return false;
    }
    if (tree->depth + anchor->node->height > MOST_LEVELS)
        return too_deep(tree, place);
    node = ARENA_NEW(tree->arena, struct node);
    *node = *anchor->node;
    return put_node(tree, node);
}

static bool begin_document(const struct tree *tree, const yaml_event_t *event)
{
    if (!tree->done)
        return true;
    problem_at(tree->problems, place_of(tree, event->start_mark),
               "a second document begins here; a scenario is one");
    return false;
}

/* False: no use in going on. */
static bool take_event(struct tree *tree, const yaml_event_t *event)
{
    if (tree->events++ == MOST_EVENTS) {
        problem_at(tree->problems, place_of(tree, event->start_mark),
                   "more than 100,000 values in one file");
        return false;
    }
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return begin_document(tree, event);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return begin_level(tree, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return end_level(tree);
    case YAML_SCALAR_EVENT:
        return take_text(tree, event);
    case YAML_ALIAS_EVENT:
        return take_alias(tree, event);
    case YAML_DOCUMENT_END_EVENT:
        tree->done = true;
        return true;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
        return true;
    }
    return false;
}

static bool take_events(struct tree *tree, yaml_parser_t *parser)
{
    yaml_event_t event;
    bool ended = false;

    while (!ended) {
        bool good;

        if (!yaml_parser_parse(parser, &event)) {
            report_parser(tree, parser);
            return false;
        }
        ended = event.type == YAML_STREAM_END_EVENT;
        good = take_event(tree, &event) && problems_count(tree->problems) < MOST_PROBLEMS;
        yaml_event_delete(&event);
        if (!good)
            return false;
    }
    return true;
}

const struct node *yaml_read(struct text source, const char *name, struct arena *arena,
                             struct problems *problems)
{
    struct tree tree = { .arena = arena, .problems = problems, .source = source, .name = name };
    yaml_parser_t parser;
    bool good;

    if (source.length > SOURCE_LIMIT) {
        problem_at(problems, (struct place){ .file = name }, "is larger than 1 MiB");
        return NULL;
    }
    if (!source_check(source, name, problems))
        return NULL;
    if (!yaml_parser_initialize(&parser))
        memory_exhausted();
    yaml_parser_set_input_string(&parser, (const yaml_char_t *)source.at, source.length);
    good = take_events(&tree, &parser);
    yaml_parser_delete(&parser);
    if (good && !tree.root)
        problem_at(problems, (struct place){ .file = name }, "there is nothing in this file");
    return good ? tree.root : NULL;
}
