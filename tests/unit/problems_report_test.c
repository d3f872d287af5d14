/* problems_report: claims about problems as JSON and as commands of GitHub's workflows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/problems.h"

static struct problems *some(void)
{
    struct problems *problems = problems_new();

    problem_at(problems, (struct place){ "a,b:c%.yaml", 3, 7 },
               "unknown key \"titel\"; did you mean \"title\"?");
    warning_at(problems, (struct place){ "a,b:c%.yaml", 9, 1 }, "30%% of 2, or 1: nothing");
    problem_at(problems, (struct place){ "z.yaml", 0, 0 }, "cannot be read");
    problem_at(problems, (struct place){ NULL, 0, 0 }, "no file");
    return problems;
}

static char *json_of(const struct problems *problems, struct buffer *out)
{
    struct json json = { .out = out };

    json_open(&json, NULL, '[');
    problems_add_json(problems, &json);
    json_close(&json, ']');
    return out->at;
}

static void as_json_each_is_an_object(void **state)
{
    struct problems *problems = some();
    struct buffer out = { 0 };

    (void)state;
    assert_string_equal(
        json_of(problems, &out),
        "[\n"
        "  {\"line\": 0, \"column\": 0, \"severity\": \"error\", \"message\": \"no file\"},\n"
        "  {\"file\": \"a,b:c%.yaml\", \"line\": 3, \"column\": 7, \"severity\": \"error\", "
        "\"message\": \"unknown key \\\"titel\\\"; did you mean \\\"title\\\"?\", "
        "\"suggestion\": \"title\"},\n"
        "  {\"file\": \"a,b:c%.yaml\", \"line\": 9, \"column\": 1, \"severity\": \"warning\", "
        "\"message\": \"30% of 2, or 1: nothing\"},\n"
        "  {\"file\": \"z.yaml\", \"line\": 0, \"column\": 0, \"severity\": \"error\", "
        "\"message\": \"cannot be read\"}\n"
        "]");
    buffer_free(&out);
    problems_free(problems);
}

static void for_github_each_is_an_escaped_command(void **state)
{
    struct problems *problems = some();
    struct buffer out = { 0 };

    (void)state;
    problems_add_github(problems, &out);
    assert_string_equal(
        out.at, "::error::no file\n"
                "::error file=a%2Cb%3Ac%25.yaml,line=3,col=7::unknown key \"titel\"; did you mean "
                "\"title\"?\n"
                "::warning file=a%2Cb%3Ac%25.yaml,line=9,col=1::30%25 of 2, or 1: nothing\n"
                "::error file=z.yaml::cannot be read\n");
    buffer_free(&out);
    problems_free(problems);
}

static void the_end_of_a_line_cannot_begin_a_command(void **state)
{
    struct problems *problems = problems_new();
    struct buffer out = { 0 };

    (void)state;
    problem_at(problems, (struct place){ "a\n::warning::b\r.yaml", 1, 1 }, "c\n::error::d");
    problems_add_github(problems, &out);
    assert_string_equal(out.at, "::error file=a%0A%3A%3Awarning%3A%3Ab%0D.yaml,line=1,col=1::"
                                "c?::error::d\n");
    buffer_free(&out);
    problems_free(problems);
}

static void those_that_were_not_kept_are_counted(void **state)
{
    struct problems *problems = problems_new();
    struct buffer out = { 0 };

    (void)state;
    for (unsigned line = 1; line <= 123; line++)
        problem_at(problems, (struct place){ "a.yaml", line, 1 }, "wrong");
    assert_int_equal(problems_left(problems), 23);
    problems_add_github(problems, &out);
    assert_non_null(strstr(out.at, "\n::error file=a.yaml::and 23 more\n"));
    buffer_clear(&out);
    assert_non_null(strstr(json_of(problems, &out), "\"message\": \"and 23 more\"}\n]"));
    buffer_free(&out);
    problems_free(problems);
}

static void only_the_end_of_a_message_suggests(void **state)
{
    static const struct {
        const char *message, *wanted;
    } rows[] = {
        { "unknown; did you mean \"share\"?", "share" },
        { "; did you mean \"a\"?", "a" },
        { "unknown key \"x; did you mean \"y\"?\" in a rule", "" },
        { "did you mean \"y\"?", "" },
        { "\"?", "" },
        { "wants a flag, got \"?\"?", "" },
        { "", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct problem problem = { .message = rows[i].message };

        if (!text_is(problem_meant(&problem), rows[i].wanted))
            fail_msg("`%s`", rows[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_json_each_is_an_object),
        cmocka_unit_test(for_github_each_is_an_escaped_command),
        cmocka_unit_test(the_end_of_a_line_cannot_begin_a_command),
        cmocka_unit_test(those_that_were_not_kept_are_counted),
        cmocka_unit_test(only_the_end_of_a_message_suggests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
