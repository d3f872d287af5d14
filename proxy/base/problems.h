/* problems: what is wrong with the user's input, all of it, each with its place. */
#ifndef PANNE_BASE_PROBLEMS_H
#define PANNE_BASE_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/json.h"
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
/* Of both, how many were counted and not kept. */
size_t problems_left(const struct problems *problems);
/* In order of place; NULL past the end. Lent. */
const struct problem *problems_get(const struct problems *problems, size_t index);
/* `file:line:column: message`, a line each, sorted by place; warnings say so. */
void problems_print(const struct problems *problems, FILE *out);

/* Into the array that is open, an object each: `file` (left out where there is none), `line`,
 * `column` (both 0: the file as a whole), `severity` (error or warning), `message`, and where the
 * message ends with one, `suggestion`. Those that were not kept are counted in one more. */
void problems_add_json(const struct problems *problems, struct json *json);
/* A line each, `::error file=…,line=…,col=…::message`, escaped as GitHub's runners want it
 * (docs.github.com, "Workflow commands for GitHub Actions"). */
void problems_add_github(const struct problems *problems, struct buffer *out);
/* SARIF 2.1.0 with one run: its beginning, the results of one set of problems after the other, and
 * its end. */
void problems_begin_sarif(const char *version, struct json *json);
void problems_add_sarif(const struct problems *problems, struct json *json);
void problems_end_sarif(struct json *json);
/* What its message says was meant (`…; did you mean "share"?`); empty: it says nothing. Lent. */
struct text problem_meant(const struct problem *problem);

/* The candidate nearest to `text` if it is near enough to be meant (a third of its length in
 * edits), or NULL. The names come from name_at(list, i), NULL after the last. */
const char *problem_suggestion(struct text text,
                               const char *(*name_at)(const void *list, size_t index),
                               const void *list);

#endif
