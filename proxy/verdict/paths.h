/* paths: does a path match any of several patterns? */
#ifndef PANNE_VERDICT_PATHS_H
#define PANNE_VERDICT_PATHS_H

#include <stdbool.h>
#include <stdint.h>

#include "history/attempt.h"

enum { PATHS_SEEN = 64 };

/* Of one list of patterns; zero-fill to start. */
struct paths {
    uint32_t glance; /* letters with which what is looked for begins behind a slash */
    /* Of late, by pair: its print is one of the path, too. */
    struct path_seen {
        uint64_t pair;
        bool matches;
    } seen[PATHS_SEEN];
};

/* `patterns`: globs (text_glob) separated by blanks, always the same; letters count in either
 * case. Cheap for paths that match none. */
bool paths_match(struct paths *paths, struct text patterns, const struct attempt *attempt);

#endif
