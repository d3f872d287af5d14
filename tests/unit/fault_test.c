/* fault_test: the catalogue, and what it says about itself. */
#include "faults/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "faults/filler.h"
#include "faults/manual.h"

static void kinds_are_found_by_name_and_in_order(void **state)
{
    static const char *const names[] = { "error", "latency", "hang", "flood", "reset" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct fault_kind *kind = fault_at(i);

        assert_non_null(kind);
        assert_string_equal(kind->name, names[i]);
        assert_string_equal(fault_name_at(NULL, i), names[i]);
        assert_ptr_equal(fault_find(text_from(names[i])), kind);
    }
    assert_null(fault_at(COUNT_OF(names)));
    assert_null(fault_name_at(NULL, COUNT_OF(names)));
    assert_null(fault_find(text_from("eror")));
    assert_null(fault_find(text_from("")));
}

static void each_kind_says_what_it_is(void **state)
{
    const struct fault_kind *kind;

    (void)state;
    for (size_t i = 0; (kind = fault_at(i)) != NULL; i++) {
        assert_true(strlen(kind->summary) > 0 && kind->summary[strlen(kind->summary) - 1] != '.');
        assert_true(strlen(kind->about) > 80 && kind->about[strlen(kind->about) - 1] == '.');
        assert_true(text_starts(text_from(kind->example), text_from(kind->name)));
        assert_true(kind->at_request || kind->at_response);
        assert_int_not_equal(kind->stands_on, 0);
        assert_non_null(field_main(kind->fields));
        for (const struct field *field = kind->fields; field->type != FIELD_NONE; field++)
            assert_true(field->name && field->help && !strchr(field->help, '\n'));
    }
}

/* An answer needs a request, and a flood a head: neither has a place in a tunnel. */
static void each_kind_stands_where_it_can_bite(void **state)
{
    const struct fault_kind *kind;

    (void)state;
    for (size_t i = 0; (kind = fault_at(i)) != NULL; i++) {
        bool heads = strcmp(kind->name, "error") == 0 || strcmp(kind->name, "flood") == 0;

        assert_int_equal(kind->stands_on, heads ? FAULT_ON_HTTP : FAULT_ON_HTTP | FAULT_ON_TUNNEL);
        assert_int_equal(kind->answers, strcmp(kind->name, "error") == 0);
    }
}

static size_t longest_line(const char *text)
{
    size_t longest = 0;

    while (*text) {
        size_t length = strcspn(text, "\n");

        longest = length > longest ? length : longest;
        text += length + (text[length] != '\0');
    }
    return longest;
}

static void a_description_fits_the_terminal(void **state)
{
    const struct fault_kind *kind;

    (void)state;
    for (size_t i = 0; (kind = fault_at(i)) != NULL; i++) {
        struct buffer out = { 0 };

        fault_describe(kind, &out);
        assert_true(longest_line(out.at) <= 80);
        assert_non_null(strstr(out.at, kind->summary));
        assert_non_null(strstr(out.at, kind->example));
        for (const struct field *field = kind->fields; field->type != FIELD_NONE; field++)
            assert_non_null(strstr(out.at, field->name));
        buffer_free(&out);
    }
}

static void a_row_is_told_in_sentences(void **state)
{
    struct buffer out = { 0 };

    (void)state;
    fault_describe_field(field_find(fault_find(text_from("hang"))->fields, text_from("at")), &out);
    assert_string_equal(out.at, "Before the answer begins, or in the midst of its body. One of "
                                "head and body. Default: head.");
    buffer_clear(&out);
    fault_describe_field(field_find(fault_find(text_from("latency"))->fields, text_from("delay")),
                         &out);
    assert_string_equal(out.at, "The same delay each time. A duration such as 200ms. Real time. "
                                "May stand alone.");
    buffer_free(&out);
}

static size_t count(const char *text, const char *part)
{
    size_t found = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
        found++;
    return found;
}

static void the_manual_is_balanced(void **state)
{
    struct buffer out = { 0 };
    const struct fault_kind *kind;

    (void)state;
    fault_manual(&out);
    assert_int_equal(count(out.at, ".Bl "), count(out.at, ".El\n"));
    assert_int_equal(count(out.at, ".Bd "), count(out.at, ".Ed\n"));
    assert_true(longest_line(out.at) <= 100);
    for (size_t i = 0; (kind = fault_at(i)) != NULL; i++)
        assert_non_null(strstr(out.at, kind->example));
    for (const char *at = out.at; *at; at++)
        assert_in_range(*at, '\n', '~');
    buffer_free(&out);
}

static void filler_has_the_length_asked_for(void **state)
{
    char text[200];

    (void)state;
    for (size_t length = 0; length < sizeof(text) - 1; length++) {
        memset(text, '!', sizeof(text));
        filler_write(text, length, 7);
        assert_int_equal(text[length], '!');
        assert_null(memchr(text, '!', length));
        assert_true(length == 0 || (text[0] != ' ' && text[length - 1] != ' '));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_found_by_name_and_in_order),
        cmocka_unit_test(each_kind_says_what_it_is),
        cmocka_unit_test(each_kind_stands_where_it_can_bite),
        cmocka_unit_test(a_description_fits_the_terminal),
        cmocka_unit_test(a_row_is_told_in_sentences),
        cmocka_unit_test(the_manual_is_balanced),
        cmocka_unit_test(filler_has_the_length_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
