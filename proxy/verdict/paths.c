/* paths: a list of globs in one text, and what can be told of them at a glance. */
#include "verdict/paths.h"

#include <string.h>

/* A bit for each letter; one for all else. */
static uint32_t bit_of(char letter)
{
    unsigned place = ((unsigned char)letter | 0x20u) - 'a';

    return UINT32_C(1) << (place < 26 ? place : 26);
}

/* What must stand behind a slash for the pattern to match; all bits: anything may. */
static uint32_t first_of(struct text pattern)
{
    if (pattern.length < 4 || memcmp(pattern.at, "**/", 3) != 0 || strchr("*?", pattern.at[3]))
        return UINT32_MAX;
    return bit_of(pattern.at[3]);
}

static uint32_t glance_of(struct text patterns)
{
    uint32_t glance = 0;
    struct text pattern;

    while (text_next_item(&patterns, ' ', &pattern))
        glance |= first_of(pattern);
    return glance;
}

static bool may_match(uint32_t glance, struct text path)
{
    for (size_t i = 1; i < path.length; i++)
        if (path.at[i - 1] == '/' && (glance & bit_of(path.at[i])))
            return true;
    return glance == UINT32_MAX;
}

static bool match(struct paths *paths, struct text patterns, struct text path)
{
    struct text pattern;

    if (paths->glance == 0)
        paths->glance = glance_of(patterns);
    if (!may_match(paths->glance, path))
        return false;
    while (text_next_item(&patterns, ' ', &pattern))
        if (text_glob(pattern, path, true))
            return true;
    return false;
}

bool paths_match(struct paths *paths, struct text patterns, const struct attempt *attempt)
{
    struct path_seen *seen = &paths->seen[attempt->pair / 2 % PATHS_SEEN];

    if (!attempt->pair)
        return match(paths, patterns, attempt->path);
    if (seen->pair != attempt->pair)
        *seen = (struct path_seen){ attempt->pair, match(paths, patterns, attempt->path) };
    return seen->matches;
}
