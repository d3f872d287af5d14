/* buffer: claims about growing, JSON strings and durations. */
#include "base/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/field.h"
#include "base/random.h"
#include "guard.h"

static void it_grows_and_always_ends_in_nul(void **state)
{
    struct buffer buffer = { 0 };

    (void)state;
    assert_true(text_is(buffer_text(&buffer), ""));
    buffer_clear(&buffer);
    buffer_add(&buffer, NULL, 0);
    assert_string_equal(buffer.at, "");
    for (size_t i = 1; i <= 1000; i++) {
        buffer_add_byte(&buffer, (char)('a' + i % 26));
        assert_int_equal(buffer.length, i);
        assert_int_equal(buffer.at[i], '\0');
    }
    for (size_t i = 1; i <= 1000; i++)
        assert_int_equal(buffer.at[i - 1], 'a' + i % 26);
    buffer_clear(&buffer);
    assert_string_equal(buffer.at, "");
    assert_true(buffer.room > 1000);
    buffer_free(&buffer);
    assert_null(buffer.at);
    buffer_free(&buffer);
}

static void formats_of_every_length_fit(void **state)
{
    (void)state;
    for (int width = 0; width < 300; width++) {
        struct buffer buffer = { 0 };

        buffer_add_string(&buffer, "<");
        buffer_format(&buffer, "%*s", width, "");
        buffer_add_text(&buffer, text_from(">"));
        assert_int_equal(buffer.length, width + 2);
        assert_int_equal(strlen(buffer.at), width + 2);
        assert_int_equal(buffer.at[width + 1], '>');
        buffer_free(&buffer);
    }
}

#define REPLACED "\xef\xbf\xbd"

static void json_strings_are_valid(void **state)
{
    static const struct {
        struct text text;
        const char *wanted;
    } rows[] = {
        { TEXT(""), "\"\"" },
        { TEXT("plain"), "\"plain\"" },
        { TEXT("a\"b\\c/"), "\"a\\\"b\\\\c/\"" },
        { TEXT("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"" },
        { TEXT("\0\1\x1f\x7f"), "\"\\u0000\\u0001\\u001f\x7f\"" },
        { TEXT("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x9a\x97"),
          "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x9a\x97\"" },
        { TEXT("\xff"), "\"" REPLACED "\"" },
        { TEXT("a\x80z"), "\"a" REPLACED "z\"" },
        { TEXT("\xc0\xaf"), "\"" REPLACED REPLACED "\"" },
        { TEXT("\xe0\x80\xaf"), "\"" REPLACED REPLACED REPLACED "\"" },
        { TEXT("\xed\xa0\x80"), "\"" REPLACED REPLACED REPLACED "\"" },
        { TEXT("\xf0\x80\x80\x80"), "\"" REPLACED REPLACED REPLACED REPLACED "\"" },
        { TEXT("\xf4\x90\x80\x80"), "\"" REPLACED REPLACED REPLACED REPLACED "\"" },
        { TEXT("\xf4\x8f\xbf\xbf"), "\"\xf4\x8f\xbf\xbf\"" },
        { TEXT("\xc3\"\n"), "\"" REPLACED "\\\"\\n\"" },
        { TEXT("\xe2\x82x"), "\"" REPLACED REPLACED "x\"" },
        { TEXT("\xe2\x82"), "\"" REPLACED REPLACED "\"" },
    };
    struct guard guard = guard_new(64);
    struct buffer buffer = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        buffer_clear(&buffer);
        buffer_add_json(&buffer, guard_put(&guard, rows[i].text));
        assert_string_equal(buffer.at, rows[i].wanted);
        for (size_t cut = 0; cut < rows[i].text.length; cut++)
            buffer_add_json(&buffer, guard_put(&guard, text_of(rows[i].text.at, cut)));
    }
    buffer_free(&buffer);
    guard_free(&guard);
}

static void controls_are_masked_and_letters_are_not(void **state)
{
    struct buffer buffer = { 0 };

    (void)state;
    buffer_add(&buffer, "a\0\n\x1b[1m\x7f \xc3\xa9\xc2\x9b\xc2\xa0\xc2", 16);
    buffer_mask_controls(&buffer);
    assert_string_equal(buffer.at, "a???[1m? \xc3\xa9??\xc2\xa0\xc2");
    buffer_clear(&buffer);
    buffer_mask_controls(&buffer);
    assert_string_equal(buffer.at, "");
    buffer_free(&buffer);
    buffer_mask_controls(&buffer);
}

static void durations_are_written_as_people_do(void **state)
{
    static const struct {
        usec duration;
        const char *wanted;
    } rows[] = {
        { 0, "0s" },
        { 1, "1us" },
        { 20, "20us" },
        { 999, "999us" },
        { MSEC, "1ms" },
        { 250 * MSEC, "250ms" },
        { 1500, "1.5ms" },
        { SECOND, "1s" },
        { 1500 * MSEC, "1.5s" },
        { SECOND + 1, "1.000001s" },
        { MINUTE, "1m" },
        { 90 * SECOND, "1m30s" },
        { HOUR, "1h" },
        { 90 * MINUTE, "1h30m" },
        { HOUR + SECOND, "1h1s" },
        { 24 * HOUR, "1d" },
        { 36 * HOUR + 500 * MSEC, "1d12h0.5s" },
        { -2 * SECOND, "-2s" },
        { NEVER, "forever" },
        { INT64_MIN, "-106751991d4h54.775808s" },
    };
    struct buffer buffer = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        buffer_clear(&buffer);
        buffer_add_duration(&buffer, rows[i].duration);
        assert_string_equal(buffer.at, rows[i].wanted);
    }
    buffer_free(&buffer);
}

static void a_written_duration_reads_as_itself(void **state)
{
    static const struct field field = { .name = "x", .type = FIELD_DURATION };
    struct buffer buffer = { 0 }, complaint = { 0 };

    (void)state;
    for (uint64_t i = 0; i < 20000; i++) {
        usec wanted = (usec)(random_mix(i) >> (1 + random_mix(i + 1) % 63)), got = -1;

        buffer_clear(&buffer);
        buffer_add_duration(&buffer, wanted);
        if (!field_read(&field, &got, buffer_text(&buffer), &complaint) || got != wanted)
            fail_msg("%lld was written `%s`", (long long)wanted, buffer.at);
    }
    buffer_free(&buffer);
    buffer_free(&complaint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_grows_and_always_ends_in_nul),
        cmocka_unit_test(formats_of_every_length_fit),
        cmocka_unit_test(json_strings_are_valid),
        cmocka_unit_test(controls_are_masked_and_letters_are_not),
        cmocka_unit_test(durations_are_written_as_people_do),
        cmocka_unit_test(a_written_duration_reads_as_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
