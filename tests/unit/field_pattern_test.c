/* field_pattern: the regular expression of a field takes what field_read takes. */
#include <float.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/field.h"

/* What both call a group. POSIX has no lookahead, so that durations, which have some, are compared
 * by the tests of the schema. */
static regex_t compiled(const struct field *field)
{
    struct buffer pattern = { 0 }, posix = { 0 };
    regex_t regex;

    assert_true(field_pattern(field, &pattern));
    buffer_add_string(&posix, "^(");
    for (size_t i = 0; i < pattern.length; i++) {
        buffer_add_byte(&posix, pattern.at[i]);
        if (strncmp(pattern.at + i, "(?:", 3) == 0)
            i += 2;
    }
    buffer_add_string(&posix, ")$");
    assert_int_equal(regcomp(&regex, posix.at, REG_EXTENDED | REG_NOSUB), 0);
    buffer_free(&pattern);
    buffer_free(&posix);
    return regex;
}

/* A bound between two whole numbers of the unit is not exact for fractions. */
static void compare(const struct field *field, const regex_t *regex, bool coarse, const char *text)
{
    struct buffer complaint = { 0 };
    char target[64] = { 0 };
    bool read = field_read(field, target, text_from(text), &complaint);
    bool like = regexec(regex, text, 0, NULL, 0) == 0;
    bool spared = like && coarse && strchr(text, '.');

    if (read != like && !spared)
        fail_msg("`%s` of type %d within %g and %g: read %d", text, (int)field->type, field->least,
                 field->most, read);
    buffer_free(&complaint);
}

static void whole_numbers_agree_within_any_bounds(void **state)
{
    static const double bounds[][2] = { { 0, 0 },     { 0, 1 },      { 1, 1 },    { 1, 0 },
                                        { 7, 12 },    { 300, 599 },  { 9, 1000 }, { 99, 101 },
                                        { 100, 200 }, { 123, 4567 }, { 0, 9999 }, { 1000, 1999 },
                                        { 5, 5000 },  { 10, 2999 },  { 0, 10 },   { 45, 0 },
                                        { 998, 1002 } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        struct field field = { .type = FIELD_COUNT, .least = bounds[i][0], .most = bounds[i][1] };
        regex_t regex = compiled(&field);

        for (int number = 0; number <= 5100; number++) {
            char text[16];

            snprintf(text, sizeof(text), "%d", number);
            compare(&field, &regex, false, text);
        }
        regfree(&regex);
    }
}

static const struct measure {
    enum field_type type;
    double least, most;
    const char *unit, *before;
    bool coarse;
} measures[] = {
    { FIELD_SHARE, 0, 0, "%", "", false },          { FIELD_SHARE, 0.25, 0.5, "%", "", false },
    { FIELD_FACTOR, 1, 1000, "", "x", false },      { FIELD_FACTOR, 0, 0, "", "x", false },
    { FIELD_NUMBER, 1, 100, "", "", false },        { FIELD_NUMBER, 0, 0, "", "", false },
    { FIELD_RATE, 1, 10, "/s", "", false },         { FIELD_RATE, 1, 10, "/m", "", false },
    { FIELD_RATE, 0, 0, "/h", "", false },          { FIELD_SIZE, 0, 0, "", "", false },
    { FIELD_SIZE, 1, 65536, "B", "", false },       { FIELD_SIZE, 1, 65536, "KiB", "", true },
    { FIELD_SIZE, 1000, 3000000, "KB", "", true },  { FIELD_SIZE, 1000, 3000000, "MB", "", true },
    { FIELD_SIZE, 4096, 1 << 30, "MiB", "", true }, { FIELD_SIZE, 4096, 1 << 30, "GiB", "", true },
};

static void measures_agree_within_their_bounds(void **state)
{
    static const char *const forms[] = {
        "%s%d%s",  "%s%d.0%s", "%s0%d%s", "%s%d.5%s.", "-%s%d%s",
        "%s%d.%s", "%s.%d%s",  " %s%d%s", "%s%d %s",   "%s%de1%s"
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(measures); i++) {
        const struct measure *row = &measures[i];
        struct field field = { .type = row->type, .least = row->least, .most = row->most };
        regex_t regex = compiled(&field);

        for (int number = 0; number <= 1100; number += number < 120 ? 1 : 7)
            for (size_t form = 0; form < COUNT_OF(forms); form++) {
                char text[64];

                snprintf(text, sizeof(text), forms[form], row->before, number, row->unit);
                compare(&field, &regex, row->coarse, text);
            }
        regfree(&regex);
    }
}

static void other_notations_agree(void **state)
{
    static const struct {
        struct field field;
        const char *texts[12];
    } rows[] = {
        { { .type = FIELD_RANGE, .least = 1 },
          { "1", "0", "1..3", "0..3", "4..", "..4", "1.3", "1...3", "01..2", "1..02", "" } },
        { { .type = FIELD_RANGE, .least = 2, .most = 20 },
          { "2..20", "2..21", "1..20", "21", "20", "2..", "x", "2..x" } },
        { { .type = FIELD_SIZE }, { "1.5KB", "1.0005KB", "0.5B", "1.5MiB", "1XB", "KB", "1.B" } },
        { { .type = FIELD_SHARE }, { "0.5%", "99.9%", "100.0%", "100.1%", "%", "5", "1%%" } },
        { { .type = FIELD_FACTOR, .least = 1 }, { "x1.5", "x0.5", "8", "x", "xx1", "x1e3" } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        regex_t regex = compiled(&rows[i].field);

        for (size_t j = 0; j < COUNT_OF(rows[i].texts) && rows[i].texts[j]; j++)
            compare(&rows[i].field, &regex, false, rows[i].texts[j]);
        regfree(&regex);
    }
}

static void types_without_letters_of_their_own_have_none(void **state)
{
    static const enum field_type types[] = { FIELD_TEXT, FIELD_FLAG, FIELD_CHOICE, FIELD_MAP,
                                             FIELD_TEXTS };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct field field = { .type = types[i] };
        struct buffer out = { 0 };

        assert_false(field_pattern(&field, &out));
        assert_int_equal(out.length, 0);
        buffer_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_agree_within_any_bounds),
        cmocka_unit_test(measures_agree_within_their_bounds),
        cmocka_unit_test(other_notations_agree),
        cmocka_unit_test(types_without_letters_of_their_own_have_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
