/* problems: claims about order, repetition, bounds, and guessing what was meant. */
#include "base/problems.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static struct place at(const char *file, unsigned line, unsigned column)
{
    return (struct place){ file, line, column };
}

static void expect_print(const struct problems *problems, const char *wanted)
{
    char *printed = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&printed, &length);

    assert_non_null(out);
    problems_print(problems, out);
    fclose(out);
    assert_string_equal(printed, wanted);
    free(printed);
}

static void they_are_sorted_by_place_and_then_by_finding(void **state)
{
    struct problems *problems = problems_new();

    (void)state;
    problem_at(problems, at("b.yaml", 9, 1), "last");
    problem_at(problems, at("a.yaml", 14, 11), "second of %s", "two");
    problem_at(problems, at("a.yaml", 14, 2), "first of two");
    warning_at(problems, at("a.yaml", 14, 11), "found later");
    problem_at(problems, at("a.yaml", 0, 0), "cannot be read");
    problem_at(problems, at(NULL, 0, 0), "no file at all");
    problem_at(problems, at(NULL, 3, 4), "from nowhere");
    expect_print(problems, "no file at all\n"
                           "3:4: from nowhere\n"
                           "a.yaml: cannot be read\n"
                           "a.yaml:14:2: first of two\n"
                           "a.yaml:14:11: second of two\n"
                           "a.yaml:14:11: warning: found later\n"
                           "b.yaml:9:1: last\n");
    assert_int_equal(problems_count(problems), 6);
    assert_int_equal(warnings_count(problems), 1);
    assert_string_equal(problems_get(problems, 0)->message, "no file at all");
    assert_true(problems_get(problems, 5)->warning);
    assert_null(problems_get(problems, 7));
    problems_free(problems);
}

static void the_same_is_said_once(void **state)
{
    struct problems *problems = problems_new();

    (void)state;
    problem_at(problems, at("a", 1, 1), "twice");
    problem_at(problems, at("a", 1, 1), "twice");
    problem_at(problems, at("a", 1, 2), "twice");
    problem_at(problems, at("a", 1, 1), "once");
    assert_int_equal(problems_count(problems), 3);
    assert_null(problems_get(problems, 3));
    problems_free(problems);
}

static void a_hundred_are_kept_and_the_rest_counted(void **state)
{
    struct problems *problems = problems_new();
    char *printed = NULL;
    size_t length = 0;
    FILE *out;

    (void)state;
    for (unsigned i = 0; i < 120; i++)
        problem_at(problems, at("a", 200 - i, 1), "number %u", i);
    warning_at(problems, at("a", 1, 1), "one more");
    assert_int_equal(problems_count(problems), 120);
    assert_int_equal(warnings_count(problems), 1);
    assert_int_equal(problems_get(problems, 0)->place.line, 101);
    assert_int_equal(problems_get(problems, 99)->place.line, 200);
    assert_null(problems_get(problems, 100));
    out = open_memstream(&printed, &length);
    assert_non_null(out);
    problems_print(problems, out);
    fclose(out);
    assert_non_null(strstr(printed, "\nand 21 more\n"));
    free(printed);
    problems_free(problems);
}

static void nothing_wrong_prints_nothing(void **state)
{
    struct problems *problems = problems_new();

    (void)state;
    expect_print(problems, "");
    assert_int_equal(problems_count(problems), 0);
    assert_null(problems_get(problems, 0));
    problems_free(problems);
    problems_free(NULL);
}

static void a_message_is_one_harmless_line(void **state)
{
    struct problems *problems = problems_new();
    char file[] = "name";

    (void)state;
    problem_at(problems, at(file, 1, 1), "a\nb\x1b[0m");
    file[0] = 'X'; /* the file's name is copied */
    expect_print(problems, "name:1:1: a?b?[0m\n");
    problems_free(problems);
}

static const char *name_at(const void *list, size_t index)
{
    return ((const char *const *)list)[index];
}

static void suggestions_are_near_or_none(void **state)
{
    static const char *const names[] = { "delay", "share", "latency", "at", "retry-after", NULL };
    static const struct {
        const char *text, *wanted;
    } rows[] = {
        { "dealy", "delay" },
        { "delya", "delay" },
        { "shar", "share" },
        { "latnecy", "latency" },
        { "LATENCY", "latency" },
        { "retry_after", "retry-after" },
        { "retry", NULL },
        { "ta", "at" },
        { "x", NULL },
        { "", NULL },
        { "bandwidth", NULL },
        { "latencies", "latency" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *got = problem_suggestion(text_from(rows[i].text), name_at, names);

        if (rows[i].wanted ? !got || strcmp(got, rows[i].wanted) != 0 : got != NULL)
            fail_msg("`%s` suggests %s", rows[i].text, got ? got : "nothing");
    }
    assert_null(problem_suggestion(text_from("delay"), name_at, (const char *[]){ NULL }));
}

static void the_nearest_wins_and_of_equals_the_first(void **state)
{
    static const char *const names[] = { "abcdxx", "abcdex", "abcdey", NULL };

    (void)state;
    assert_string_equal(problem_suggestion(text_from("abcdef"), name_at, names), "abcdex");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_sorted_by_place_and_then_by_finding),
        cmocka_unit_test(the_same_is_said_once),
        cmocka_unit_test(a_hundred_are_kept_and_the_rest_counted),
        cmocka_unit_test(nothing_wrong_prints_nothing),
        cmocka_unit_test(a_message_is_one_harmless_line),
        cmocka_unit_test(suggestions_are_near_or_none),
        cmocka_unit_test(the_nearest_wins_and_of_equals_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
