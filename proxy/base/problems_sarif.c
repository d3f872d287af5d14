/* problems_sarif: problems in the Static Analysis Results Interchange Format (SARIF 2.1.0, OASIS),
 * for code scanning. */
#include <string.h>

#include "base/problems.h"

/* The rules, by their place in the list. */
static const struct {
    const char *id, *level, *says;
} rules[] = {
    { "scenario-error", "error", "A scenario that is not valid is not run" },
    { "scenario-warning", "warning", "What is valid, and hardly meant" },
};

static void add_text(struct json *json, const char *key, const char *text)
{
    json_open_row(json, key, '{');
    json_add_string(json, "text", text);
    json_close(json, '}');
}

static void add_rule(struct json *json, size_t index)
{
    json_open(json, NULL, '{');
    json_add_string(json, "id", rules[index].id);
    add_text(json, "shortDescription", rules[index].says);
    json_open_row(json, "defaultConfiguration", '{');
    json_add_string(json, "level", rules[index].level);
    json_close(json, '}');
    json_close(json, '}');
}

void problems_begin_sarif(const char *version, struct json *json)
{
    json_open(json, NULL, '{');
    json_add_string(json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_add_string(json, "version", "2.1.0");
    json_open(json, "runs", '[');
    json_open(json, NULL, '{');
    json_open(json, "tool", '{');
    json_open(json, "driver", '{');
    json_add_string(json, "name", "panne");
    json_add_string(json, "version", version);
    json_open(json, "rules", '[');
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        add_rule(json, i);
    json_close(json, ']');
    json_close(json, '}');
    json_close(json, '}');
    json_add_string(json, "columnKind", "unicodeCodePoints");
    json_open(json, "results", '[');
}

void problems_end_sarif(struct json *json)
{
    json_close(json, ']');
    json_close(json, '}');
    json_close(json, ']');
    json_close(json, '}');
    buffer_add_byte(json->out, '\n');
}

/* A reference to a file (RFC 3986, 4.2 and 2.1): a colon in the first part of a relative path would
 * make it a scheme. */
static void add_uri(struct json *json, const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    struct buffer uri = { 0 };

    buffer_add_string(&uri, *path == '/' ? "file://" : "");
    for (; *path; path++) {
        if (strchr(plain, *path))
            buffer_add_byte(&uri, *path);
        else
            buffer_format(&uri, "%%%02X", (unsigned)(unsigned char)*path);
    }
    json_add_text(json, "uri", buffer_text(&uri));
    buffer_free(&uri);
}

static void add_location(struct json *json, const struct place *place)
{
    json_open(json, "locations", '[');
    json_open(json, NULL, '{');
    json_open(json, "physicalLocation", '{');
    json_open_row(json, "artifactLocation", '{');
    add_uri(json, place->file);
    json_close(json, '}');
    if (place->line > 0) {
        json_open_row(json, "region", '{');
        json_add_number(json, "startLine", place->line);
        if (place->column > 0)
            json_add_number(json, "startColumn", place->column);
        json_close(json, '}');
    }
    json_close(json, '}');
    json_close(json, '}');
    json_close(json, ']');
}

static void add_result(struct json *json, const struct problem *problem, const char *message)
{
    size_t index = problem->warning ? 1 : 0;

    json_open(json, NULL, '{');
    json_add_string(json, "ruleId", rules[index].id);
    json_add_number(json, "ruleIndex", (double)index);
    json_add_string(json, "level", rules[index].level);
    add_text(json, "message", message);
    if (problem->place.file)
        add_location(json, &problem->place);
    json_close(json, '}');
}

void problems_add_sarif(const struct problems *problems, struct json *json)
{
    const struct problem *first = problems_get(problems, 0);
    size_t left = problems_left(problems);

    for (size_t i = 0; problems_get(problems, i); i++)
        add_result(json, problems_get(problems, i), problems_get(problems, i)->message);
    if (left > 0 && first) {
        const struct problem rest = { .place = { .file = first->place.file },
                                      .warning = problems_count(problems) == 0 };
        struct buffer words = { 0 };

        buffer_format(&words, "and %zu more", left);
        add_result(json, &rest, words.at);
        buffer_free(&words);
    }
}
