/* date_test: all three forms of a date read as the same moment, and nothing else reads as one. */
#include "http/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "http/status.h"

enum { NOW = 1700000000 }; /* in 2023 */

static void all_forms_say_the_same(void **state)
{
    static const char *const forms[] = {
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "sun, 06 nov 1994 08:49:37 GMT",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        time_t when = 0;

        assert_true(http_date_read(text_from(forms[i]), NOW, &when));
        assert_int_equal(when, 784111777);
    }
}

static void two_digits_are_at_most_50_years_ahead(void **state)
{
    time_t when = 0;

    (void)state;
    assert_true(http_date_read(text_from("Monday, 01-Jan-73 00:00:00 GMT"), NOW, &when));
    assert_int_equal(when, 3250454400); /* 2073 */
    assert_true(http_date_read(text_from("Tuesday, 01-Jan-74 00:00:00 GMT"), NOW, &when));
    assert_int_equal(when, 126230400); /* 1974 */
}

static void what_is_written_is_read(void **state)
{
    char out[HTTP_DATE_SIZE];

    (void)state;
    for (time_t when = 0; when < 4000000000; when += 86399 * 29) {
        time_t back = -1;

        assert_true(http_date_read(http_date(when, out), NOW, &back));
        assert_int_equal(back, when);
    }
}

static void anything_else_is_no_date(void **state)
{
    static const char *const others[] = {
        "",
        "120",
        "Sun",
        "Sun, ",
        "tomorrow",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Nov 1994 08:49:37 GMT+1",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT",
        "1994-11-06T08:49:37Z",
    };
    time_t when;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_false(http_date_read(text_from(others[i]), NOW, &when));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_forms_say_the_same),
        cmocka_unit_test(two_digits_are_at_most_50_years_ahead),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(anything_else_is_no_date),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
