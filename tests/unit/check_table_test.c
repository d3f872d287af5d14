/* check_table: each row says all that loader, reports and manual take from it, and its profiles
 * can be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "verdict/check.h"

static void expect_words(const struct check *check, const char *what, const char *words)
{
    if (!words || !*words)
        fail_msg("%s has no %s", check->name ? check->name : "a row", what);
}

static void each_row_says_what_reports_need(void **state)
{
    (void)state;
    assert_non_null(check_at(0));
    for (size_t i = 0; check_at(i); i++) {
        const struct check *check = check_at(i);

        expect_words(check, "name", check->name);
        expect_words(check, "title", check->title);
        expect_words(check, "asks", check->asks);
        expect_words(check, "about", check->about);
        expect_words(check, "pattern", check->pattern);
        expect_words(check, "remedy", check->remedy);
        expect_words(check, "source", check->source);
        if (strchr(check->asks, '.') && check->asks[strlen(check->asks) - 1] == '.')
            fail_msg("%s asks with a period", check->name);
        if (!check->judge || !check->limits || check->group >= GROUP_COUNT)
            fail_msg("%s is not whole", check->name);
        if (!check->attempt && !check->operation && !check->connection && check->state_size > 0)
            fail_msg("%s has a state that nothing is told", check->name);
    }
}

/* What else an item of `expect:` may say (scenario/load_expect.c). */
static void each_limit_is_described_and_none_has_a_reserved_name(void **state)
{
    static const char *const reserved[] = { "during", "service", "client", "warn-only", "ignore" };

    (void)state;
    for (size_t i = 0; check_at(i); i++)
        for (const struct field *field = check_at(i)->limits; field->type != FIELD_NONE; field++) {
            expect_words(check_at(i), field->name, field->help);
            for (size_t j = 0; j < COUNT_OF(reserved); j++)
                if (strcmp(field->name, reserved[j]) == 0)
                    fail_msg("%s has a limit %s", check_at(i)->name, field->name);
        }
}

static void each_profile_can_be_read(void **state)
{
    (void)state;
    for (size_t i = 0; check_at(i); i++)
        for (enum profile profile = 0; profile < PROFILE_COUNT; profile++) {
            struct buffer complaint = { 0 };
            void *limits = memory_take(check_at(i)->limits_size + 1);

            if (!check_limits_valid(check_at(i), profile, limits, &complaint))
                fail_msg("%s, %s: %s", check_at(i)->name, profile_names[profile], complaint.at);
            buffer_free(&complaint);
            free(limits);
        }
}

/* Of an expectation that says how much and not where a warning begins, both are the same. */
static void warn_is_of_the_type_of_the_limit(void **state)
{
    (void)state;
    for (size_t i = 0; check_at(i); i++) {
        const struct field *warn = field_find(check_at(i)->limits, text_from("warn"));
        const struct field *limit = check_limit(check_at(i));

        if (warn && (!limit || limit->type != warn->type))
            fail_msg("%s: warn is no limit like the one where it fails", check_at(i)->name);
    }
}

static void names_are_found_and_differ(void **state)
{
    (void)state;
    for (size_t i = 0; check_at(i); i++) {
        assert_ptr_equal(check_find(text_from(check_at(i)->name)), check_at(i));
        assert_string_equal(check_name_at(NULL, i), check_at(i)->name);
    }
    assert_null(check_find(text_from("amplificatio")));
    assert_null(check_name_at(NULL, SIZE_MAX));
    for (enum check_group group = 0; group < GROUP_COUNT; group++)
        assert_true(*check_group_name(group));
    assert_string_equal(profile_names[PROFILE_AWS_SDK], "aws-sdk");
    assert_string_equal(profile_names[PROFILE_IOT], "iot");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_says_what_reports_need),
        cmocka_unit_test(each_limit_is_described_and_none_has_a_reserved_name),
        cmocka_unit_test(each_profile_can_be_read),
        cmocka_unit_test(warn_is_of_the_type_of_the_limit),
        cmocka_unit_test(names_are_found_and_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
