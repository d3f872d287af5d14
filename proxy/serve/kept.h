/* kept: good answers of before, for those who want a stale one; bounded, shared by all workers. */
#ifndef PANNE_SERVE_KEPT_H
#define PANNE_SERVE_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/field.h"
#include "base/text.h"
#include "base/time.h"

/* A body that is longer is not kept. */
#define KEPT_BODY_MOST (256 * 1024u)
/* What a run keeps at most: answers, and bytes of them in all. */
#define KEPT_ENTRIES 4096u
#define KEPT_BYTES (64 * 1024 * 1024u)

struct kept;

struct kept_answer {
    unsigned status;
    struct text reason, body;
    struct field_pairs fields;
    usec when; /* loop_now's clock: when it came */
    usec age;  /* how old it was by then */
};

struct kept *kept_new(size_t entries, size_t bytes);
void kept_free(struct kept *kept);
/* Keeps a copy in place of what was kept under that key; what was not asked for the longest makes
 * room. One that is larger than the whole store is not kept. Thread-safe. */
void kept_put(struct kept *kept, struct text key, const struct kept_answer *answer);
/* A copy in the arena. False: none. Thread-safe. */
MUST_USE bool kept_find(struct kept *kept, struct text key, struct arena *arena,
                        struct kept_answer *answer);
/* How many there are, and their bytes. */
size_t kept_count(struct kept *kept, size_t *bytes);

#endif
