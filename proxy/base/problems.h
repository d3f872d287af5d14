/* problems: what is wrong with the user's input, all of it, each with its place. */
#ifndef PANNE_BASE_PROBLEMS_H
#define PANNE_BASE_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/text.h"

/* Line and column start at 1; line 0: the file as a whole. */
struct place {
    const char *file;
    unsigned line, column;
};

struct problem {
    struct place place;
    const char *message;
    bool warning;
};

struct problems;

struct problems *problems_new(void);
void problems_free(struct problems *problems);

/* Keeps the first 100 (the rest is counted), each place and message once. The text is one line
 * without a period. */
void problem_at(struct problems *problems, struct place place, const char *format, ...)
    PRINTF_LIKE(3, 4);
void warning_at(struct problems *problems, struct place place, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Errors only; warnings do not count. */
size_t problems_count(const struct problems *problems);
size_t warnings_count(const struct problems *problems);
/* In order of place; NULL past the end. Lent. */
const struct problem *problems_get(const struct problems *problems, size_t index);
/* `file:line:column: message`, a line each, sorted by place; warnings say so. */
void problems_print(const struct problems *problems, FILE *out);

/* The candidate nearest to `text` if it is near enough to be meant (a third of its length in
 * edits), or NULL. The names come from name_at(list, i), NULL after the last. */
const char *problem_suggestion(struct text text,
                               const char *(*name_at)(const void *list, size_t index),
                               const void *list);

#endif
