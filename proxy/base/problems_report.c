/* problems_report: problems for machines: JSON, and the commands of GitHub's workflows. */
#include "base/github.h"
#include "base/problems.h"

static const char *severity(const struct problem *problem)
{
    return problem->warning ? "warning" : "error";
}

struct text problem_meant(const struct problem *problem)
{
    static const struct text before = TEXT("; did you mean \"");
    static const struct text behind = TEXT("\"?");
    struct text message = text_from(problem->message);
    size_t end = message.length - behind.length, at;

    if (message.length < before.length + behind.length ||
        !text_equal(text_from_offset(message, end), behind))
        return text_of("", 0);
    for (at = end; at > 0 && message.at[at - 1] != '"'; at--)
        continue;
    if (at < before.length || !text_starts(text_from_offset(message, at - before.length), before))
        return text_of("", 0);
    return text_of(message.at + at, end - at);
}

static void add_object(const struct problem *problem, struct json *json)
{
    struct text meant = problem_meant(problem);

    json_open_row(json, NULL, '{');
    if (problem->place.file)
        json_add_string(json, "file", problem->place.file);
    json_add_number(json, "line", problem->place.line);
    json_add_number(json, "column", problem->place.line > 0 ? problem->place.column : 0);
    json_add_string(json, "severity", severity(problem));
    json_add_string(json, "message", problem->message);
    if (meant.length > 0)
        json_add_text(json, "suggestion", meant);
    json_close(json, '}');
}

/* What stands in for those that were not kept. */
static bool take_rest(const struct problems *problems, struct problem *rest, struct buffer *words)
{
    const struct problem *first = problems_get(problems, 0);
    size_t left = problems_left(problems);

    if (left == 0 || !first)
        return false;
    buffer_format(words, "and %zu more", left);
    *rest = (struct problem){ .place = { .file = first->place.file },
                              .message = words->at,
                              .warning = problems_count(problems) == 0 };
    return true;
}

void problems_add_json(const struct problems *problems, struct json *json)
{
    struct buffer words = { 0 };
    struct problem rest;

    for (size_t i = 0; problems_get(problems, i); i++)
        add_object(problems_get(problems, i), json);
    if (take_rest(problems, &rest, &words))
        add_object(&rest, json);
    buffer_free(&words);
}

static void add_command(const struct problem *problem, struct buffer *out)
{
    buffer_format(out, "::%s", severity(problem));
    if (problem->place.file) {
        buffer_add_string(out, " file=");
        github_add_property(out, text_from(problem->place.file));
    }
    if (problem->place.file && problem->place.line > 0)
        buffer_format(out, ",line=%u,col=%u", problem->place.line, problem->place.column);
    buffer_add_string(out, "::");
    github_add_data(out, text_from(problem->message));
    buffer_add_byte(out, '\n');
}

void problems_add_github(const struct problems *problems, struct buffer *out)
{
    struct buffer words = { 0 };
    struct problem rest;

    for (size_t i = 0; problems_get(problems, i); i++)
        add_command(problems_get(problems, i), out);
    if (take_rest(problems, &rest, &words))
        add_command(&rest, out);
    buffer_free(&words);
}
