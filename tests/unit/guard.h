/* guard: a text whose end is the end of readable memory, so that a step too far is a crash. */
#ifndef PANNE_TESTS_GUARD_H
#define PANNE_TESTS_GUARD_H

#include "base/text.h"

struct guard {
    char *pages; /* the last one cannot be touched */
    size_t size;
};

/* For texts of up to `most` bytes. */
struct guard guard_new(size_t most);
void guard_free(struct guard *guard);
/* A copy of the text right before the forbidden page; good until the next one. */
struct text guard_put(struct guard *guard, struct text text);

#endif
