/* paths: a list of globs in one text. */
#include "verdict/paths.h"

bool paths_match(struct text patterns, struct text path)
{
    struct text pattern;

    while (text_next_item(&patterns, ' ', &pattern))
        if (text_glob(pattern, path, true))
            return true;
    return false;
}
