/* report: whole reports, compared letter by letter with the files of tests/shown/. */
#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

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
        { "cases.tap", "tap", &wide, false },
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_reports_are_as_they_were),
        cmocka_unit_test(lines_fit_the_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
