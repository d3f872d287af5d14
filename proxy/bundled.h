/* bundled: finding scenarios by name. */
#ifndef PANNE_BUNDLED_H
#define PANNE_BUNDLED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"

struct bundled {
    const char *name, *path;
    const char *group; /* the folder that its name begins with; NULL: in none */
};

/* All of them by name, groups last, in `arena`, ending in an empty one that is not counted: from
 * $PANNE_SCENARIOS, from beside the program and the tree that it was built in, and from where they
 * are installed. A name counts where it comes first. A recipe's name has its folder before it:
 * recipes/flaky-5xx. */
const struct bundled *bundled_list(struct arena *arena, size_t *count);

/* What the user calls a scenario: a file, or the name of a bundled one. The path, in `arena`; NULL
 * with a complaint. */
MUST_USE const char *bundled_find(struct text name, struct arena *arena, struct buffer *complaint);

#endif
