/* fault_test: the catalogue, and what it says about itself. */
#include "faults/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/prose.h"
#include "faults/filler.h"
#include "faults/manual.h"

static size_t chapter(const char *family)
{
    static const char *const families[] = { "answers",  "time",       "volume", "bytes",
                                            "protocol", "connection", "TLS" };
    size_t i = 0;

    while (i < COUNT_OF(families) && strcmp(families[i], family) != 0)
        i++;
    if (i == COUNT_OF(families))
        fail_msg("%s is no family", family);
    return i;
}

static void other_words_lead_to_kinds(void **state)
{
    const char *word, *before = "", *kind;

    (void)state;
    for (size_t i = 0; (word = fault_word_at(i, &kind)) != NULL; i++, before = word) {
        assert_true(strcmp(before, word) < 0);
        assert_null(fault_find(text_from(word)));
        if (!fault_find(text_from(kind)))
            fail_msg("%s: there is no %s", word, kind);
        assert_string_equal(fault_meant(text_from(word)), kind);
    }
}

static void slips_of_the_pen_lead_to_kinds(void **state)
{
    (void)state;
    assert_string_equal(fault_meant(text_from("Delay")), "latency");
    assert_string_equal(fault_meant(text_from("TLS")), "certificate");
    assert_string_equal(fault_meant(text_from("latncy")), "latency");
    assert_null(fault_meant(text_from("weather")));
    assert_null(fault_meant(text_from("")));
}

static void kinds_are_found_by_name_and_stand_by_chapter(void **state)
{
    const struct fault_kind *kind;
    size_t count = 0;

    (void)state;
    for (; (kind = fault_at(count)) != NULL; count++) {
        assert_string_equal(fault_name_at(NULL, count), kind->name);
        assert_ptr_equal(fault_find(text_from(kind->name)), kind);
        if (count > 0 && chapter(fault_at(count - 1)->family) > chapter(kind->family))
            fail_msg("%s stands behind another chapter", kind->name);
    }
    assert_string_equal(fault_at(0)->name, "error");
    assert_null(fault_name_at(NULL, count));
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
        assert_true(kind->at_request || kind->at_response || kind->at_connection);
        assert_int_not_equal(kind->stands_on, 0);
        /* A header alone would not say whether to set it or to take it out. */
        if (kind->fields[0].type != FIELD_NONE && strcmp(kind->name, "header") != 0)
            assert_non_null(field_main(kind->fields));
        for (const struct field *field = kind->fields; field->type != FIELD_NONE; field++)
            assert_true(field->name && field->help && !strchr(field->help, '\n'));
    }
}

/* An answer needs a request; what has a hook only for connections bites there alone; what keeps
 * state of its own needs turns. */
static void each_kind_stands_where_it_can_bite(void **state)
{
    const struct fault_kind *kind;

    (void)state;
    for (size_t i = 0; (kind = fault_at(i)) != NULL; i++) {
        bool opens = kind->at_connection != NULL;
        bool moves = kind->at_request || kind->at_response;

        assert_int_equal(opens && !moves, kind->stands_on == FAULT_ON_CONNECTION);
        assert_int_equal(moves, (kind->stands_on & FAULT_ON_HTTP) != 0);
        if (kind->stands_on & FAULT_ON_CONNECTION)
            assert_true(opens);
        if (kind->bites)
            assert_true(!kind->needs_of && (kind->needs & FAULT_NEEDS_TURNS));
        if (kind->answers)
            assert_int_equal(kind->stands_on, FAULT_ON_HTTP);
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
    prose_describe_field(field_find(fault_find(text_from("hang"))->fields, text_from("at")), &out);
    assert_string_equal(out.at, "Before the answer begins, or in a body. One of head and body. "
                                "Default: head.");
    buffer_clear(&out);
    prose_describe_field(field_find(fault_find(text_from("latency"))->fields, text_from("delay")),
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
        cmocka_unit_test(kinds_are_found_by_name_and_stand_by_chapter),
        cmocka_unit_test(other_words_lead_to_kinds),
        cmocka_unit_test(slips_of_the_pen_lead_to_kinds),
        cmocka_unit_test(each_kind_says_what_it_is),
        cmocka_unit_test(each_kind_stands_where_it_can_bite),
        cmocka_unit_test(a_description_fits_the_terminal),
        cmocka_unit_test(a_row_is_told_in_sentences),
        cmocka_unit_test(the_manual_is_balanced),
        cmocka_unit_test(filler_has_the_length_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
