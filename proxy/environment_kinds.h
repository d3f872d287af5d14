/* environment_kinds: what each kind of variable is set to. */
#ifndef PANNE_ENVIRONMENT_KINDS_H
#define PANNE_ENVIRONMENT_KINDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "bundle.h"
#include "environment.h"
#include "folder.h"

/* What the values are made from. */
struct making {
    const struct environment_options *options;
    struct folder *folder;
    struct bundles *bundles;
    struct buffer *complaint;
};

enum made {
    MADE_VALUE,
    MADE_NOTHING, /* the variable stays as it is */
    MADE_COMPLAINT
};

struct environment_row {
    const char *name;
    enum made (*make)(const struct making *making, const char *name, const char *present,
                      struct buffer *value);
    const char *holds; /* for the manual: what it is set to */
    const char *readers;
};

/* In the order of the table; NULL past the end. */
const struct environment_row *environment_row(size_t index);

/* environment_java.c: `present` with what makes every Java machine use proxy and CA; adds nothing
 * that is there already. */
MUST_USE enum made environment_make_java(const struct making *making, const char *name,
                                         const char *present, struct buffer *value);

#endif
