/* include: where included files may lie, and how their trees are joined. */
#include "scenario/include.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/source.h"
#include "scenario/yaml.h"

#define MOST_LEVELS 8
#define MOST_FILES 32

struct inclusion {
    struct arena *arena;
    struct problems *problems;
    const char *folder;             /* of the first file, resolved, with its `/` */
    const char *chain[MOST_LEVELS]; /* resolved paths of the files that are being read */
    unsigned depth, files;
};

/* How the values of a top key are joined. */
enum joining { REPLACED, MERGED, APPENDED };

static enum joining joining_of(struct text key)
{
    static const char *const merged[] = { "services", "vars", "expect" };

    for (size_t i = 0; i < COUNT_OF(merged); i++)
        if (text_is(key, merged[i]))
            return MERGED;
    if (text_is(key, "phases"))
        return APPENDED;
    return REPLACED;
}

/* In what is larger the loader will not read everything anyway. */
#define MOST_JOINED 2048

static void put_item(struct node *node, const struct node_item *item)
{
    bool looks = node->kind == NODE_MAPPING && node->count < MOST_JOINED;

    for (size_t i = 0; looks && i < node->count; i++) {
        if (text_equal(node->items[i].key, item->key)) {
            node->items[i] = *item;
            return;
        }
    }
    node->items[node->count++] = *item;
}

/* A new node with the items of both; of pairs with the same key the later one's. */
static const struct node *join_items(const struct inclusion *inclusion, const struct node *earlier,
                                     const struct node *later)
{
    struct node *node = ARENA_NEW(inclusion->arena, struct node);

    *node = *later;
    node->count = 0;
    node->items =
        ARENA_ARRAY(inclusion->arena, struct node_item, earlier->count + later->count + 1);
    for (size_t i = 0; i < earlier->count; i++)
        put_item(node, &earlier->items[i]);
    for (size_t i = 0; i < later->count; i++)
        put_item(node, &later->items[i]);
    return node;
}

static const struct node *join_values(const struct inclusion *inclusion, struct text key,
                                      const struct node *earlier, const struct node *later)
{
    enum node_kind wanted = joining_of(key) == APPENDED ? NODE_LIST : NODE_MAPPING;

    if (joining_of(key) == REPLACED)
        return later;
    /* What is of the wrong kind stays in the tree: the loader says so. */
    if (later->kind != wanted || earlier->kind != wanted)
        return earlier->kind == wanted ? later : earlier;
    return join_items(inclusion, earlier, later);
}

/* Both are mappings. The earlier one's pairs stand first. */
static const struct node *join(const struct inclusion *inclusion, const struct node *earlier,
                               const struct node *later)
{
    struct node *node = ARENA_NEW(inclusion->arena, struct node);

    *node = *later;
    node->count = 0;
    node->items =
        ARENA_ARRAY(inclusion->arena, struct node_item, earlier->count + later->count + 1);
    for (size_t i = 0; i < earlier->count; i++)
        put_item(node, &earlier->items[i]);
    for (size_t i = 0; i < later->count; i++) {
        const struct node *before =
            node_find(node, arena_string(inclusion->arena, later->items[i].key));
        struct node_item item = later->items[i];

        if (before)
            item.value = join_values(inclusion, item.key, before, item.value);
        put_item(node, &item);
    }
    return node;
}

static const struct node *without(const struct inclusion *inclusion, const struct node *mapping,
                                  const char *key)
{
    struct node *node = ARENA_NEW(inclusion->arena, struct node);

    *node = *mapping;
    node->count = 0;
    node->items = ARENA_ARRAY(inclusion->arena, struct node_item, mapping->count + 1);
    for (size_t i = 0; i < mapping->count; i++)
        if (!text_is(mapping->items[i].key, key))
            node->items[node->count++] = mapping->items[i];
    return node;
}

/* With its `/`; "" for a name without folder. */
static struct text folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? text_of(path, (size_t)(slash - path) + 1) : text_of("", 0);
}

/* The real path in the arena; NULL with errno. */
static const char *resolve(struct arena *arena, const char *path)
{
    char *real = realpath(path, NULL);
    const char *copy;

    if (!real)
        return NULL;
    copy = arena_copy(arena, text_from(real)).at;
    free(real);
    return copy;
}

static bool is_being_read(const struct inclusion *inclusion, const char *real)
{
    for (unsigned i = 0; i < inclusion->depth; i++)
        if (strcmp(inclusion->chain[i], real) == 0)
            return true;
    return false;
}

/* NULL with a problem. */
static const char *find_file(struct inclusion *inclusion, const struct node *name, const char *path)
{
    const char *quoted = node_quote(inclusion->arena, name->text);
    const char *real = resolve(inclusion->arena, path);

    if (!real)
        problem_at(inclusion->problems, name->place, "%s cannot be included: %s", quoted,
                   strerror(errno));
    else if (strncmp(real, inclusion->folder, strlen(inclusion->folder)) != 0)
        problem_at(inclusion->problems, name->place,
                   "%s lies outside of the folder of the scenario, and cannot be included", quoted);
    else if (is_being_read(inclusion, real))
        problem_at(inclusion->problems, name->place, "%s includes itself", quoted);
    else if (inclusion->depth == MOST_LEVELS)
        problem_at(inclusion->problems, name->place, "files include each other more than %d deep",
                   MOST_LEVELS);
    else if (inclusion->files++ == MOST_FILES)
        problem_at(inclusion->problems, name->place, "more than %d files are included", MOST_FILES);
    else
        return real;
    return NULL;
}

static const struct node *join_all(struct inclusion *inclusion, const struct node *root,
                                   const char *path);

/* NULL with a problem. */
static const struct node *read_file(struct inclusion *inclusion, const struct node *name,
                                    const char *includer)
{
    struct text folder = folder_of(includer);
    const char *path = arena_format(inclusion->arena, "%.*s%.*s", (int)folder.length, folder.at,
                                    (int)name->text.length, name->text.at)
                           .at;
    const char *real = find_file(inclusion, name, path);
    const struct node *root;
    struct text source;

    if (!real || !source_read(path, inclusion->arena, &source, inclusion->problems))
        return NULL;
    root = yaml_read(source, path, inclusion->arena, inclusion->problems);
    if (!root)
        return NULL;
    if (root->kind != NODE_MAPPING) {
        problem_at(inclusion->problems, root->place, "an included file wants a mapping, not %s",
                   node_kind_name(root->kind));
        return NULL;
    }
    inclusion->chain[inclusion->depth++] = real;
    root = join_all(inclusion, root, path);
    inclusion->depth--;
    return root;
}

static bool is_path(const struct inclusion *inclusion, const struct node *name)
{
    if (name->kind == NODE_TEXT && name->text.length > 0 && name->text.at[0] != '/')
        return true;
    problem_at(inclusion->problems, name->place,
               "include wants the path of a file, relative to this one, or a list of them");
    return false;
}

/* The file's own tree joined with all that it includes. */
static const struct node *join_all(struct inclusion *inclusion, const struct node *root,
                                   const char *path)
{
    const struct node *names = node_find(root, "include");
    const struct node *joined = NULL;
    size_t count = names && names->kind == NODE_LIST ? names->count : 1;

    if (!names)
        return root;
    for (size_t i = 0; i < count; i++) {
        const struct node *name = names->kind == NODE_LIST ? names->items[i].value : names;
        const struct node *file =
            is_path(inclusion, name) ? read_file(inclusion, name, path) : NULL;

        if (file)
            joined = joined ? join(inclusion, joined, file) : file;
    }
    root = without(inclusion, root, "include");
    return joined ? join(inclusion, joined, root) : root;
}

const struct node *include_files(const struct node *root, const char *path, struct arena *arena,
                                 struct problems *problems)
{
    struct inclusion inclusion = { .arena = arena, .problems = problems };
    const struct node *names = node_find(root, "include");
    const char *real, *folder;

    if (!names)
        return root;
    real = path ? resolve(arena, path) : NULL;
    if (!real) {
        problem_at(problems, names->place, "only a file can include others");
        return NULL;
    }
    folder = arena_format(arena, "%.*s", (int)folder_of(real).length, real).at;
    inclusion.folder = folder;
    inclusion.chain[inclusion.depth++] = real;
    return join_all(&inclusion, root, path);
}
