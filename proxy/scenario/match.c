/* match: how patterns meet the parts of an exchange. */
#include "scenario/match.h"

#include "scenario/body.h"

static bool any_matches(const struct patterns *patterns, struct text text, bool nocase)
{
    for (size_t i = 0; i < patterns->count; i++)
        if (text_glob(patterns->items[i], text, nocase))
            return true;
    return false;
}

/* No patterns ask for nothing. */
static inline bool part_holds(const struct patterns *patterns, struct text text, bool nocase)
{
    return patterns->count == 0 || any_matches(patterns, text, nocase);
}

/* A field may stand in several lines; any of them will do. */
static bool header_holds(const struct named_patterns *wanted, const struct head *head)
{
    for (size_t i = 0; i < head->count; i++) {
        const struct head_field *field = &head->fields[i];

        if (!field->removed && text_equal_nocase(field->name, wanted->name) &&
            any_matches(&wanted->patterns, field->value, false))
            return true;
    }
    return false;
}

static bool query_holds(const struct named_patterns *wanted, struct text query)
{
    struct text item;

    while (text_next_item(&query, '&', &item)) {
        size_t name_length = text_find(item, '=');
        struct text value = text_from_offset(item, name_length + 1);

        if (text_equal(text_of(item.at, name_length), wanted->name) &&
            any_matches(&wanted->patterns, value, false))
            return true;
    }
    return false;
}

static bool headers_hold(const struct match *match, const struct head *head)
{
    if (match->header_count > 0 && !head)
        return false;
    for (size_t i = 0; i < match->header_count; i++)
        if (!header_holds(&match->headers[i], head))
            return false;
    return true;
}

static bool queries_hold(const struct match *match, struct text query)
{
    for (size_t i = 0; i < match->query_count; i++)
        if (!query_holds(&match->queries[i], query))
            return false;
    return true;
}

/* What a log keeps no value of. */
static bool unlogged_holds(const struct match *match, const struct subject *subject)
{
    if (subject->recall)
        return subject->recall->holds(subject->recall, match);
    return (match->port == 0 || match->port == subject->port) &&
           headers_hold(match, subject->head) && queries_hold(match, subject->query);
}

/* Only a tunnel has no method. */
static inline bool asks_tunnel_too_much(const struct match *match, const struct subject *subject)
{
    return text_is_empty(subject->method) &&
           (match->method.count + match->path.count + match->query_count > 0 || match->body);
}

bool match_may_hold(const struct match *match, const struct subject *subject)
{
    /* What tells most requests apart comes first. */
    return !asks_tunnel_too_much(match, subject) &&
           part_holds(&match->path, subject->path, false) &&
           part_holds(&match->host, subject->host, true) &&
           part_holds(&match->method, subject->method, true) &&
           part_holds(&match->client, subject->client, false) && unlogged_holds(match, subject);
}

bool match_holds(const struct match *match, const struct subject *subject)
{
    if (!match_may_hold(match, subject))
        return false;
    return !match->body || subject->recall ||
           (subject->body && body_match_holds(match->body, subject->body));
}

bool match_is_empty(const struct match *match)
{
    return match->port == 0 && match->host.count == 0 && match->method.count == 0 &&
           match->path.count == 0 && match->client.count == 0 && match->header_count == 0 &&
           match->query_count == 0 && !match->body;
}
