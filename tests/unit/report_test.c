/* report: whole reports, compared letter by letter with the files of tests/shown/. */
#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "observe/columns.h"
#include "report_case.h"

static const struct report_options wide = { .unicode = true,
                                            .columns = 120,
                                            .log = TEXT("run.ndjson") };
static const struct report_options colored = {
    .color = true, .unicode = true, .columns = 80, .log = TEXT("run.ndjson")
};
static const struct report_options narrow = { .columns = 40 };

static struct buffer written(const char *format, const struct report_options *options, bool good)
{
    struct report_case made;
    struct buffer out = { 0 };

    if (good)
        report_case_make_good(&made);
    else
        report_case_make(&made);
    report_find(text_from(format))->write(&made.judgment, options, &out);
    report_case_clear(&made);
    return out;
}

static struct buffer read_shown(const char *name)
{
    struct buffer path = { 0 }, text = { 0 };
    char part[4096];
    size_t count;
    FILE *file;

    buffer_format(&path, "tests/shown/report-%s", name);
    file = fopen(path.at, "re");
    if (!file)
        fail_msg("%s is not there", path.at);
    while ((count = fread(part, 1, sizeof part, file)) > 0)
        buffer_add(&text, part, count);
    fclose(file);
    buffer_free(&path);
    return text;
}

static void whole_reports_are_as_they_were(void **state)
{
    static const struct {
        const char *shown, *format;
        const struct report_options *options;
        bool good;
    } rows[] = {
        { "wide.txt", "text", &wide, false },     { "color.txt", "text", &colored, false },
        { "narrow.txt", "text", &narrow, false }, { "good.txt", "text", &wide, true },
        { "all.json", "json", &wide, false },     { "cases.xml", "junit", &wide, false },
        { "cases.tap", "tap", &wide, false },     { "markdown.md", "markdown", &wide, false },
        { "github.txt", "github", &wide, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer out = written(rows[i].format, rows[i].options, rows[i].good);
        struct buffer shown = read_shown(rows[i].shown);

        assert_string_equal(out.at, shown.at);
        buffer_free(&out);
        buffer_free(&shown);
    }
}

/* But for what cannot be broken: an address, and the line to be typed. */
static void lines_fit_the_terminal(void **state)
{
    (void)state;
    for (unsigned columns = 24; columns <= 160; columns++) {
        const struct report_options options = { .unicode = true, .columns = columns };
        struct buffer out = written("text", &options, false);
        struct text rest = buffer_text(&out), line;

        while (text_next_item(&rest, '\n', &line))
            if (columns_of(line) > columns && !text_glob(text_from("**https://**"), line, false))
                fail_msg("longer than %u columns: %.*s", columns, (int)line.length, line.at);
        buffer_free(&out);
    }
}

/* Of a judgment with so many findings like the case's first, its evidence so long. */
static struct buffer written_of_many(const char *format, size_t count, size_t length)
{
    struct report_case made;
    struct buffer out = { 0 }, evidence = { 0 };
    struct finding *findings = memory_take(count * sizeof *findings);

    report_case_make(&made);
    for (size_t i = 0; i < length; i++)
        buffer_add_byte(&evidence, '|');
    for (size_t i = 0; i < count; i++) {
        findings[i] = made.findings[0];
        findings[i].evidence = buffer_text(&evidence);
    }
    made.judgment.findings = findings;
    made.judgment.count = count;
    report_find(text_from(format))->write(&made.judgment, &wide, &out);
    report_case_clear(&made);
    buffer_free(&evidence);
    free(findings);
    return out;
}

static void a_summary_stays_within_its_bound_and_says_so(void **state)
{
    struct buffer whole = written_of_many("markdown", 3, 100000);
    struct buffer cut = written_of_many("markdown", 30, 100000);

    (void)state;
    assert_null(strstr(whole.at, "are left out"));
    assert_true(cut.length < 1 << 20);
    assert_non_null(strstr(cut.at, "25 rows and details are left out"));
    assert_non_null(strstr(cut.at, "</details>\n\n25 rows"));
    buffer_free(&whole);
    buffer_free(&cut);
}

static size_t lines_of(const struct buffer *buffer)
{
    size_t lines = 0;

    for (size_t i = 0; i < buffer->length; i++)
        lines += buffer->at[i] == '\n';
    return lines;
}

static void annotations_are_ten_at_most(void **state)
{
    struct buffer ten = written_of_many("github", 10, 1), more = written_of_many("github", 13, 1);

    (void)state;
    assert_int_equal(lines_of(&ten), 10);
    assert_null(strstr(ten.at, "more; "));
    assert_int_equal(lines_of(&more), 10);
    assert_non_null(strstr(more.at, "::error title=panne::and 4 more; failed: "));
    buffer_free(&ten);
    buffer_free(&more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_reports_are_as_they_were),
        cmocka_unit_test(lines_fit_the_terminal),
        cmocka_unit_test(a_summary_stays_within_its_bound_and_says_so),
        cmocka_unit_test(annotations_are_ten_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
