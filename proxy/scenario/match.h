/* match: does an exchange concern a service or a rule? */
#ifndef PANNE_SCENARIO_MATCH_H
#define PANNE_SCENARIO_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "http/head.h"

struct body_match;
struct body_view;
struct match;

/* Knows what came of the conditions on ports, headers, queries and bodies where a subject lacks
 * those. */
struct match_recall {
    bool (*holds)(const struct match_recall *recall, const struct match *match);
};

/* What is asked about. Texts lent. A tunnel has no head, method or path. */
struct subject {
    struct text host; /* without port, any letters */
    uint16_t port;
    struct text method; /* empty for a tunnel */
    struct text path;   /* without query */
    struct text query;
    struct text client;
    const struct head *head;
    struct body_view *body;            /* NULL: not looked at, and nothing about it holds */
    const struct match_recall *recall; /* in place of port, query, head and body; NULL: none */
};

struct patterns {
    const struct text *items; /* globs; any of them */
    size_t count;
};

struct named_patterns {
    struct text name; /* of a header or query parameter */
    struct patterns patterns;
};

/* All keys that are given must match; of each key any pattern. Nothing given: everything matches.
 */
struct match {
    struct patterns host, method, path, client;
    uint16_t port; /* 0: any. Not in the language: comes from `--service NAME=HOST:PORT` */
    const struct named_patterns *headers, *queries;
    size_t header_count, query_count;
    const struct body_match *body; /* NULL: not asked */
};

/* Hosts, methods and names of headers compare without case, all else by letter; queries as sent,
 * with their escapes. A key that a tunnel cannot answer does not match it. */
bool match_holds(const struct match *match, const struct subject *subject);
/* The same, whatever the body may be. */
bool match_may_hold(const struct match *match, const struct subject *subject);
bool match_is_empty(const struct match *match);

#endif
