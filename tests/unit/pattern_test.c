/* pattern_test: regular expressions stay within bounds, whatever they are given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>
#include <string.h>

#include "base/pattern.h"

#define LENGTH (192 * 1024)

struct claim {
    const char *pattern, *unit; /* repeated to fill the text */
    enum pattern_result result;
};

/* What is usual works upon the longest body; what would take forever does not. */
static const struct claim claims[] = {
    { "\"price\": *(\\d+)", "{\"price\": 12, \"name\": \"something\"}, ", PATTERN_REPLACED },
    { "e", "some letters", PATTERN_REPLACED },
    { "nowhere", "some letters", PATTERN_NOT_FOUND },
    { "(?i)letters|words", "some Letters ", PATTERN_REPLACED },
    { "(a+)+[bc]", "a", PATTERN_TOO_MUCH },
    { "(a|aa)+$", "aaaaaaaaaaaaaaaab", PATTERN_TOO_MUCH },
    { "a++[bc]", "a", PATTERN_TOO_MUCH },
    { ".*.*.*[xy]", "a", PATTERN_TOO_MUCH },
    { "(?=(a+))\\1[xy]", "a", PATTERN_TOO_MUCH },
    { "[ab]+?[xy]", "a", PATTERN_TOO_MUCH },
    { "\\w+@\\w+", "some letters and me@home.example, ", PATTERN_REPLACED },
    { "(?<=a{200})[bc]", "a", PATTERN_NOT_FOUND },
    { "[a-z]{999}\\d", "a", PATTERN_TOO_MUCH },
    { "[a-z]{1000}", "abcdefghijklmnopqrstuvwxyz0123456789", PATTERN_NOT_FOUND },
};

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void work_is_bounded(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        struct buffer text = { 0 }, out = { 0 }, complaint = { 0 };
        struct pattern *pattern = pattern_new(text_from(claims[i].pattern), &complaint);
        enum pattern_result result;
        double begun, took;

        assert_non_null(pattern);
        while (text.length < LENGTH)
            buffer_add_string(&text, claims[i].unit);
        begun = seconds();
        result = pattern_replace(pattern, buffer_text(&text), text_from("x"), LENGTH + 100, &out);
        took = seconds() - begun;
        if (result != claims[i].result)
            fail_msg("%s: %d", claims[i].pattern, result);
        if (took > 2) /* seconds, of a sanitized build on a busy machine */
            fail_msg("%s took %.3f s", claims[i].pattern, took);
        pattern_free(pattern);
        buffer_free(&text);
        buffer_free(&out);
    }
}

static void results_are_bounded(void **state)
{
    struct buffer out = { 0 }, complaint = { 0 };
    struct pattern *pattern = pattern_new(text_from("a"), &complaint);

    (void)state;
    assert_int_equal(pattern_replace(pattern, text_from("aaa"), text_from("bb"), 5, &out),
                     PATTERN_TOO_MUCH);
    assert_int_equal(out.length, 0);
    assert_int_equal(pattern_replace(pattern, text_from("aaa"), text_from("bb"), 6, &out),
                     PATTERN_REPLACED);
    assert_string_equal(out.at, "bbbbbb");
    assert_int_equal(pattern_replace(pattern, text_from("a"), text_from(""), 0, &out),
                     PATTERN_REPLACED);
    assert_int_equal(out.length, 0);
    pattern_free(pattern);
    pattern_free(NULL);
    buffer_free(&out);
}

static void long_patterns_are_refused(void **state)
{
    struct buffer source = { 0 }, complaint = { 0 };

    (void)state;
    while (source.length < 4097)
        buffer_add_byte(&source, 'a');
    assert_null(pattern_new(buffer_text(&source), &complaint));
    assert_non_null(strstr(complaint.at, "is no regular expression: "));
    buffer_free(&source);
    buffer_free(&complaint);
}

static void repetitions_are_bounded(void **state)
{
    static const char *const good[] = {
        "a{1000}",
        "a{0,1000}",
        "a{1000,}",
        "\\x{2014}",
        "a\\{1001}",
        "{\"a\",1001}",
        "{a1001}",
        "\\x{2014}{2}(a{1}){7}",
        "(?<n1001>a)\\k{n1001}",
        "a{",
    };
    static const char *const bad[] = { "a{1001}",           "a{1,1001}", "[a-z]{65535}",
                                       "\\\\{99999999999}", "\\d{2000}", "\\x{2014}{2014}",
                                       "a{1001,}" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct buffer complaint = { 0 };
        struct pattern *pattern = pattern_new(text_from(good[i]), &complaint);

        if (!pattern)
            fail_msg("%s: %s", good[i], complaint.at);
        pattern_free(pattern);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct buffer complaint = { 0 };

        if (pattern_new(text_from(bad[i]), &complaint))
            fail_msg("%s is taken", bad[i]);
        if (!strstr(complaint.at, "more than 1000 times") && !strstr(complaint.at, "too big"))
            fail_msg("%s: %s", bad[i], complaint.at);
        buffer_free(&complaint);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repetitions_are_bounded),
        cmocka_unit_test(work_is_bounded),
        cmocka_unit_test(results_are_bounded),
        cmocka_unit_test(long_patterns_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
