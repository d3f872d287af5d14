/* glance: how a path must begin for patterns to meet it: nearly all that a rule does not mean is
 * told apart by one comparison. */
#ifndef PANNE_SCENARIO_GLANCE_H
#define PANNE_SCENARIO_GLANCE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "scenario/match.h"

struct glance {
    uint64_t mask, bytes; /* of the path's first eight bytes; mask 0: any path */
};

/* A text's first eight bytes, with zeros behind a shorter one. */
static inline uint64_t glance_bytes(struct text text)
{
    uint64_t bytes = 0;

    if (text.length >= sizeof(bytes))
        memcpy(&bytes, text.at, sizeof(bytes));
    else if (text.length > 0)
        memcpy(&bytes, text.at, text.length);
    return bytes;
}

/* Several patterns, none, or one that begins with a sign leave everything open. */
struct glance glance_of(const struct patterns *paths);
/* False: no pattern meets a path that begins with these glance_bytes. */
static inline bool glance_holds(const struct glance *glance, uint64_t path)
{
    return (path & glance->mask) == glance->bytes;
}

#endif
