/* bundled: the folders where scenarios lie. */
#include "bundled.h"

#include <dirent.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/problems.h"

enum { FOLDERS = 5 };

static const struct text suffix = TEXT(".yaml");

/* What lies in such a folder within the others is named with it: recipes/flaky-5xx. */
static const char recipes[] = "recipes";

/* The folder that the program lies in, or NULL. */
static const char *own_folder(struct arena *arena)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);

    if (length <= 0)
        return NULL;
    path[length] = '\0';
    return arena_string(arena, text_from(dirname(path)));
}

/* In the order in which they are searched; NULL: not known. */
static void find_folders(const char *folders[FOLDERS], struct arena *arena)
{
    static const char *const nearby[] = { "scenarios", "../scenarios", "../share/panne/scenarios" };
    const char *own = own_folder(arena);
    size_t count = 0;

    folders[count++] = getenv("PANNE_SCENARIOS");
    for (size_t i = 0; i < COUNT_OF(nearby); i++)
        folders[count++] = own ? arena_format(arena, "%s/%s", own, nearby[i]).at : NULL;
    folders[count] = PANNE_SCENARIO_DIR;
}

struct listing {
    struct arena *arena;
    struct bundled *items;
    size_t count, room;
};

static bool is_listed(const struct listing *listing, const char *name)
{
    for (size_t i = 0; i < listing->count; i++)
        if (strcmp(listing->items[i].name, name) == 0)
            return true;
    return false;
}

static void list_file(struct listing *listing, const char *folder, const char *group,
                      const char *file)
{
    struct text base = text_from(file);
    const char *name;

    if (base.length <= suffix.length || base.at[0] == '.' || !text_ends_nocase(base, suffix))
        return;
    base.length -= suffix.length;
    name = arena_string(listing->arena, base);
    if (group)
        name = arena_format(listing->arena, "%s/%s", group, name).at;
    if (is_listed(listing, name))
        return;
    if (listing->count == listing->room) {
        listing->room = listing->room * 2 + 8;
        listing->items = memory_grow(listing->items, listing->room * sizeof *listing->items);
    }
    listing->items[listing->count++] = (struct bundled){
        .name = name,
        .path = arena_format(listing->arena, "%s/%s", folder, file).at,
        .group = group,
    };
}

static void list_folder(struct listing *listing, const char *folder, const char *group)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;

    if (!directory)
        return;
    while ((entry = readdir(directory)) != NULL)
        list_file(listing, folder, group, entry->d_name);
    closedir(directory);
}

static void list_folders(struct listing *listing)
{
    const char *folders[FOLDERS];

    find_folders(folders, listing->arena);
    for (size_t i = 0; i < FOLDERS; i++) {
        if (!folders[i])
            continue;
        list_folder(listing, folders[i], NULL);
        list_folder(listing, arena_format(listing->arena, "%s/%s", folders[i], recipes).at,
                    recipes);
    }
}

/* Groups stand behind what is in none. */
static int compare_items(const void *a, const void *b)
{
    const struct bundled *left = a, *right = b;

    if (!left->group != !right->group)
        return left->group ? 1 : -1;
    return strcmp(left->name, right->name);
}

const struct bundled *bundled_list(struct arena *arena, size_t *count)
{
    struct listing listing = { .arena = arena };
    struct bundled *items;

    list_folders(&listing);
    items = ARENA_ARRAY(arena, struct bundled, listing.count + 1);
    if (listing.count > 0) {
        memcpy(items, listing.items, listing.count * sizeof *items);
        qsort(items, listing.count, sizeof *items, compare_items);
    }
    *count = listing.count;
    free(listing.items);
    return items;
}

/* The list ends in an empty item. */
static const char *name_at(const void *list, size_t index)
{
    return ((const struct bundled *)list)[index].name;
}

static bool is_path(struct text name)
{
    size_t slash = text_find(name, '/');
    struct text group = { name.at, slash };

    return (slash < name.length && !text_is(group, recipes)) || text_ends_nocase(name, suffix) ||
           text_ends_nocase(name, text_from(".yml"));
}

/* What was meant: a recipe without its folder, or the most similar name; or NULL. */
static const char *suggest(struct text name, const struct bundled *items)
{
    for (size_t i = 0; items[i].name; i++)
        if (items[i].group && text_is(name, strchr(items[i].name, '/') + 1))
            return items[i].name;
    return problem_suggestion(name, name_at, items);
}

const char *bundled_find(struct text name, struct arena *arena, struct buffer *complaint)
{
    const char *path = arena_string(arena, name), *meant;
    const struct bundled *items;
    size_t count;

    if (is_path(name))
        return path;
    items = bundled_list(arena, &count);
    for (size_t i = 0; i < count; i++)
        if (text_is(name, items[i].name))
            return items[i].path;
    if (access(path, F_OK) == 0)
        return path;
    buffer_add_string(complaint, "there is no scenario ");
    buffer_add_json(complaint, name);
    meant = suggest(name, items);
    if (meant)
        buffer_format(complaint, "; did you mean %s?", meant);
    else
        buffer_add_string(complaint, ", neither bundled (panne list) nor as a file");
    return NULL;
}
