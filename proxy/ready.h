/* ready: telling that all listeners accept, and where. */
#ifndef PANNE_READY_H
#define PANNE_READY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"

struct ready_listener {
    const char *kind;          /* reverse, forward, origin */
    struct text url, upstream; /* with the real port; upstream may be empty */
};

/* Appends one JSON object: {"pid":N,"listeners":[{"kind":…,"url":…,"upstream":…}]}. */
void ready_write(const struct ready_listener *listeners, size_t count, struct buffer *out);
/* Appends a line for each listener and one that says `ready`. */
void ready_tell(const struct ready_listener *listeners, size_t count, struct buffer *out);
/* Puts the object into a file that appears whole. False with errno. */
MUST_USE bool ready_save(const char *path, const struct ready_listener *listeners, size_t count);

#endif
