/* match_words: the keys of a match one by one; those that a log has no value for all at once. */
#include "scenario/match_words.h"

#include "base/attributes.h"
#include "scenario/matched.h"

struct key {
    const char *name;
    const struct patterns *patterns;
    struct text value; /* the subject's */
    struct match alone;
};

enum { KEYS = 4 };

static void list_keys(const struct match *match, const struct subject *subject, struct key *keys)
{
    const struct key all[KEYS] = {
        { "host", &match->host, subject->host, { .host = match->host } },
        { "method", &match->method, subject->method, { .method = match->method } },
        { "path", &match->path, subject->path, { .path = match->path } },
        { "client", &match->client, subject->client, { .client = match->client } },
    };

    memcpy(keys, all, sizeof all);
}

static void write_patterns(const struct patterns *patterns, struct buffer *out)
{
    for (size_t i = 0; i < patterns->count; i++) {
        if (i > 0)
            buffer_add_string(out, " or ");
        buffer_add_text(out, patterns->items[i]);
    }
}

static void write_named(const char *what, const struct named_patterns *named, size_t count,
                        struct buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        if (out->length > 0)
            buffer_add_string(out, ", ");
        buffer_format(out, "%s %.*s: ", what, (int)named[i].name.length, named[i].name.at);
        write_patterns(&named[i].patterns, out);
    }
}

/* `header x-a: 1, query v: 2, port 8443` */
static void write_unlogged(const struct match *match, struct buffer *out)
{
    struct buffer words = { 0 };

    write_named("header", match->headers, match->header_count, &words);
    write_named("query", match->queries, match->query_count, &words);
    if (match->port != 0)
        buffer_format(&words, "%sport %u", words.length > 0 ? ", " : "", (unsigned)match->port);
    if (match->body)
        buffer_format(&words, "%sbody", words.length > 0 ? ", " : "");
    buffer_add_text(out, buffer_text(&words));
    buffer_free(&words);
}

static bool has_unlogged(const struct match *match)
{
    struct match part = matched_part(match);

    return !match_is_empty(&part);
}

void match_write_held(const struct match *match, const struct subject *subject, struct buffer *out)
{
    const char *comma = "";
    struct key keys[KEYS];

    list_keys(match, subject, keys);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (keys[i].patterns->count == 0)
            continue;
        buffer_format(out, "%s%s %.*s (", comma, keys[i].name, (int)keys[i].value.length,
                      keys[i].value.at);
        write_patterns(keys[i].patterns, out);
        buffer_add_byte(out, ')');
        comma = ", ";
    }
    if (has_unlogged(match)) {
        buffer_add_string(out, comma);
        write_unlogged(match, out);
        buffer_add_string(out, " (was met)");
    } else if (!*comma) {
        buffer_add_string(out, "everything");
    }
}

void match_write_failed(const struct match *match, const struct subject *subject,
                        struct buffer *out)
{
    struct key keys[KEYS];

    list_keys(match, subject, keys);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (match_holds(&keys[i].alone, subject))
            continue;
        if (text_is_empty(keys[i].value))
            buffer_format(out, "a tunnel has no %s", keys[i].name);
        else
            buffer_format(out, "%s %.*s is not ", keys[i].name, (int)keys[i].value.length,
                          keys[i].value.at);
        if (!text_is_empty(keys[i].value))
            write_patterns(keys[i].patterns, out);
        return;
    }
    write_unlogged(match, out);
    buffer_add_string(out, " was not met");
}
