/* json: claims about commas, lines, and how scalars are spelled. */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void members_stand_on_lines_of_their_own(void **state)
{
    struct buffer out = { 0 };
    struct json json = { .out = &out };

    (void)state;
    json_open(&json, NULL, '{');
    json_add_string(&json, "a", "say \"x\"\n");
    json_open(&json, "b", '[');
    json_add_bool(&json, NULL, true);
    json_open_row(&json, NULL, '{');
    json_add_number(&json, "c", 2);
    json_add_bool(&json, "d", false);
    json_close(&json, '}');
    json_close(&json, ']');
    json_open(&json, "e", '{');
    json_close(&json, '}');
    json_open_row(&json, "f", '[');
    json_close(&json, ']');
    json_add_raw(&json, "g", text_from("18446744073709551615"));
    json_close(&json, '}');
    assert_string_equal(out.at, "{\n"
                                "  \"a\": \"say \\\"x\\\"\\n\",\n"
                                "  \"b\": [\n"
                                "    true,\n"
                                "    {\"c\": 2, \"d\": false}\n"
                                "  ],\n"
                                "  \"e\": {},\n"
                                "  \"f\": [],\n"
                                "  \"g\": 18446744073709551615\n"
                                "}");
    buffer_free(&out);
}

static void numbers_are_short_and_exact(void **state)
{
    static const struct {
        double number;
        const char *wanted;
    } rows[] = {
        { 0, "0" },       { 0.001, "0.001" },           { 100000, "100000" },
        { -1.5, "-1.5" }, { 1e15, "1000000000000000" }, { 1.0 / 3, "0.333333333333333" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer out = { 0 };
        struct json json = { .out = &out };

        json_add_number(&json, NULL, rows[i].number);
        assert_string_equal(out.at, rows[i].wanted);
        buffer_free(&out);
    }
}

static void scalars_are_what_yaml_takes_them_for(void **state)
{
    static const struct {
        const char *text, *wanted;
    } rows[] = {
        { "500", "500" },     { "-3", "-3" },         { "1.5", "1.5" },
        { "0", "0" },         { "0.5", "0.5" },       { "true", "true" },
        { "false", "false" }, { "yes", "\"yes\"" },   { "", "\"\"" },
        { "-", "\"-\"" },     { "1.", "\"1.\"" },     { ".5", "\".5\"" },
        { "010", "\"010\"" }, { "1e3", "\"1e3\"" },   { "1.5.2", "\"1.5.2\"" },
        { "64B", "\"64B\"" }, { "1..3", "\"1..3\"" }, { "TRUE", "\"TRUE\"" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer out = { 0 };
        struct json json = { .out = &out };

        json_add_scalar(&json, NULL, text_from(rows[i].text));
        assert_string_equal(out.at, rows[i].wanted);
        assert_int_equal(json_is_plain(text_from(rows[i].text)), rows[i].wanted[0] != '"');
        buffer_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_stand_on_lines_of_their_own),
        cmocka_unit_test(numbers_are_short_and_exact),
        cmocka_unit_test(scalars_are_what_yaml_takes_them_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
