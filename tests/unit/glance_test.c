/* glance_test: a glance never says no to what a pattern meets. */
#include "scenario/glance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
    const char *pattern, *path;
    bool holds; /* the glance; a pattern that meets the path needs it */
} rows[] = {
    { "/a", "/a", true },
    { "/a", "/ab", true }, /* left to the pattern */
    { "/ab", "/a", false },
    { "/a*", "/a", true },
    { "/a?", "/a", true },
    { "/a?", "/ab", true },
    { "/b?", "/ab", false },
    { "**", "/a", true },
    { "*", "", true },
    { "", "", true },
    { "/a", "", false },
    { "/1234567", "/1234567", true },
    { "/1234567", "/1234568", false },
    { "/12345678", "/12345679", true }, /* differs behind the eighth byte */
    { "/12345678*", "/123456789", true },
    { "/12345678", "/1234567", true },
    { "/123456", "/12345", false },
};

static void what_a_pattern_meets_passes_the_glance(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct text pattern = text_from(rows[i].pattern), path = text_from(rows[i].path);
        const struct patterns patterns = { &pattern, 1 };
        const struct glance glance = glance_of(&patterns);
        bool holds = glance_holds(&glance, glance_bytes(path));

        if (holds != rows[i].holds || (text_glob(pattern, path, false) && !holds))
            fail_msg("%s and %s: it is not so", rows[i].pattern, rows[i].path);
    }
}

static void none_or_several_leave_everything_open(void **state)
{
    const struct text two[] = { TEXT("/a"), TEXT("/b") };
    const struct patterns several = { two, 2 }, none = { 0 };
    const struct glance glances[] = { glance_of(&several), glance_of(&none) };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(glances); i++)
        assert_true(glance_holds(&glances[i], glance_bytes(text_from("/c"))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_pattern_meets_passes_the_glance),
        cmocka_unit_test(none_or_several_leave_everything_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
