/* run_parents: what options and environment say of proxies on the way out. */
#include "run_parents.h"

#include <stdlib.h>

#include "url.h"

/* In the order in which they are asked. */
static const char *const for_plain[] = { "http_proxy", "all_proxy", "ALL_PROXY", NULL };
static const char *const for_tls[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                       NULL };
static const char *const for_none[] = { "no_proxy", "NO_PROXY", NULL };
static const char *const loopback[] = { "localhost", "127.0.0.0/8", "::1" };

static const char *find_variable(const char *const *names)
{
    for (; *names; names++)
        if (getenv(*names))
            return *names;
    return NULL;
}

static bool read_parent(struct text url, const char *from, struct arena *arena,
                        const struct parent **result, struct buffer *complaint)
{
    struct parent *parent = ARENA_NEW(arena, struct parent);

    *result = parent;
    if (url_parent(url, arena, parent, complaint))
        return true;
    buffer_format(complaint, " in %s (--no-parent goes without)", from);
    return false;
}

static bool read_variable(const char *const *names, struct arena *arena,
                          const struct parent **result, struct buffer *complaint)
{
    const char *name = find_variable(names), *value = name ? getenv(name) : NULL;

    if (!value || !*value)
        return true;
    return read_parent(arena_copy(arena, text_from(value)), name, arena, result, complaint);
}

/* NO_PROXY is a list with commas, by tradition also with blanks. */
static void read_exceptions(struct parents *parents, bool add_loopback, struct arena *arena)
{
    const char *name = find_variable(for_none);
    struct text list = name ? arena_copy(arena, text_from(getenv(name))) : text_of("", 0);
    struct text part, item, *items;

    items = ARENA_ARRAY(arena, struct text, list.length / 2 + COUNT_OF(loopback) + 1);
    for (size_t i = 0; add_loopback && i < COUNT_OF(loopback); i++)
        items[parents->direct_count++] = text_from(loopback[i]);
    while (text_next_item(&list, ',', &part))
        while (text_next_item(&part, ' ', &item))
            items[parents->direct_count++] = item;
    parents->direct = items;
}

bool run_parents(struct parents *parents, const struct options *options, struct arena *arena,
                 struct buffer *complaint)
{
    bool given = option_is_given(options, &options->parent);

    *parents = (struct parents){ 0 };
    if (given && options->no_parent) {
        buffer_add_string(complaint, "--parent and --no-parent contradict each other");
        return false;
    }
    if (options->no_parent)
        return true;
    read_exceptions(parents, !given, arena);
    if (given) {
        if (!read_parent(options->parent, "--parent", arena, &parents->tls, complaint))
            return false;
        parents->plain = parents->tls;
        return true;
    }
    return read_variable(for_plain, arena, &parents->plain, complaint) &&
           read_variable(for_tls, arena, &parents->tls, complaint);
}
