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

static void list_file(struct listing *listing, const char *folder, const char *file)
{
    struct text name = text_from(file);

    if (name.length <= suffix.length || name.at[0] == '.' || !text_ends_nocase(name, suffix))
        return;
    name.length -= suffix.length;
    for (size_t i = 0; i < listing->count; i++)
        if (text_is(name, listing->items[i].name))
            return;
    if (listing->count == listing->room) {
        listing->room = listing->room * 2 + 8;
        listing->items = memory_grow(listing->items, listing->room * sizeof *listing->items);
    }
    listing->items[listing->count++] = (struct bundled){
        .name = arena_string(listing->arena, name),
        .path = arena_format(listing->arena, "%s/%s", folder, file).at,
    };
}

static void list_folder(struct listing *listing, const char *folder)
{
    DIR *directory = folder ? opendir(folder) : NULL;
    const struct dirent *entry;

    if (!directory)
        return;
    while ((entry = readdir(directory)) != NULL)
        list_file(listing, folder, entry->d_name);
    closedir(directory);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct bundled *)a)->name, ((const struct bundled *)b)->name);
}

const struct bundled *bundled_list(struct arena *arena, size_t *count)
{
    struct listing listing = { .arena = arena };
    const char *folders[FOLDERS];
    struct bundled *items;

    find_folders(folders, arena);
    for (size_t i = 0; i < FOLDERS; i++)
        list_folder(&listing, folders[i]);
    items = ARENA_ARRAY(arena, struct bundled, listing.count + 1);
    if (listing.count > 0) {
        memcpy(items, listing.items, listing.count * sizeof *items);
        qsort(items, listing.count, sizeof *items, compare_names);
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

const char *bundled_find(struct text name, struct arena *arena, struct buffer *complaint)
{
    const char *path = arena_string(arena, name), *meant;
    const struct bundled *items;
    size_t count;

    if (text_find(name, '/') < name.length || text_ends_nocase(name, suffix) ||
        text_ends_nocase(name, text_from(".yml")))
        return path;
    items = bundled_list(arena, &count);
    for (size_t i = 0; i < count; i++)
        if (text_is(name, items[i].name))
            return items[i].path;
    if (access(path, F_OK) == 0)
        return path;
    buffer_add_string(complaint, "there is no scenario ");
    buffer_add_json(complaint, name);
    meant = problem_suggestion(name, name_at, items);
    if (meant)
        buffer_format(complaint, "; did you mean %s?", meant);
    else
        buffer_add_string(complaint, ", neither bundled (panne list) nor as a file");
    return NULL;
}
