/* mdoc_test: claims about running text in manual pages. */
#include "base/mdoc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
    const char *words, *wanted;
    unsigned how;
} claims[] = {
    { "two  words ", "two words\n", MDOC_OPTIONS },
    { "back\\slash", "back\\eslash\n", MDOC_OPTIONS },
    { ".Bl is no request", "\\&.Bl is no request\n", MDOC_OPTIONS },
    { "'quoted", "\\&'quoted\n", MDOC_OPTIONS },
    { "of --cert and -", "of \\--cert and -\n", MDOC_OPTIONS },
    { "", "\n", MDOC_OPTIONS },
    { "of --cert and -", "of --cert and -\n", 0 },
    { "One. Two", "One. Two\n", 0 },
    { "One. Two, 3.5 so. .x.", "One.\nTwo, 3.5 so.\n\\&.x.\n", MDOC_SENTENCES },
    { "and so on…", "and so on...\n", 0 },
};

static void words_are_only_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        struct buffer out = { 0 };

        mdoc_add_running(&out, text_from(claims[i].words), claims[i].how);
        assert_string_equal(out.at, claims[i].wanted);
        buffer_free(&out);
    }
}

/* A word that comes to stand first in its line is looked at, too. */
static void long_text_is_broken(void **state)
{
    struct buffer words = { 0 }, out = { 0 };
    struct text lines, line;

    (void)state;
    for (int i = 0; i < 100; i++)
        buffer_add_string(&words, "some .x ");
    mdoc_add_running(&out, buffer_text(&words), 0);
    lines = buffer_text(&out);
    while (text_next_item(&lines, '\n', &line)) {
        assert_in_range(line.length, 1, 80);
        assert_true(*line.at != '.');
    }
    buffer_free(&words);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_only_words),
        cmocka_unit_test(long_text_is_broken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
