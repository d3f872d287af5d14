/* log_scan: what event_write writes is read without the JSON library, and nothing is read otherwise
 * than the library reads it: events at random, lines damaged at every byte, and numbers at every
 * limit. */
#include "observe/log_scan.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../fuzz/log_ways.h"
#include "base/arena.h"
#include "base/attributes.h"
#include "event_dice.h"

static void write_line(const struct log_line *line, struct buffer *out)
{
    event_write(line->kind, &line->event, line->sequence, line->time, out);
}

static struct log_line dice_line(struct dice *dice, enum event_kind kind)
{
    struct log_line line = { .kind = kind };

    line.sequence = dice_bits(dice, dice->wild ? 64 : 59);
    line.time = (usec)dice_bits(dice, 50);
    dice_fill(dice, event_describe(kind), (char *)&line.event);
    return line;
}

static void what_is_written_is_scanned_as_it_was(void **state)
{
    struct log_scanner *scanner = log_scanner_new();
    struct dice dice = { 0 };

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        struct log_line line = dice_line(&dice, (enum event_kind)(i % EVENT_KINDS)), read = { 0 };
        struct buffer out = { 0 };
        const char *wrong;

        write_line(&line, &out);
        if (!log_scan(scanner, buffer_text(&out), &read))
            fail_msg("not scanned: %s", out.at);
        assert_int_equal(read.kind, line.kind);
        assert_true(read.sequence == line.sequence && read.time == line.time);
        wrong = log_event_differs(line.kind, &line.event, &read.event);
        if (wrong)
            fail_msg("%s differs: %s", wrong, out.at);
        buffer_free(&out);
        arena_clear(&dice.arena);
    }
    log_scanner_free(scanner);
}

static void events_of_any_kind_are_read_alike(void **state)
{
    struct dice dice = { .state = 1000000, .wild = true };
    struct buffer log = { 0 };
    size_t lines;

    (void)state;
    for (unsigned i = 0; i < 10000; i++) {
        struct log_line line = dice_line(&dice, (enum event_kind)(i % EVENT_KINDS));

        write_line(&line, &log);
        buffer_add_byte(&log, '\n');
        arena_clear(&dice.arena);
    }
    assert_null(log_ways_differ(buffer_text(&log), &lines));
    assert_in_range(lines, 4000, 9999); /* some have numbers that nobody reads */
    buffer_free(&log);
}

/* All kinds of values, and a text with all kinds of bytes. */
static void add_sample(enum event_kind kind, struct buffer *out)
{
    struct log_line line = { .kind = kind, .sequence = 1203, .time = 17000042 };
    struct dice dice = { .state = kind };

    dice_fill(&dice, event_describe(kind), (char *)&line.event);
    if (kind == EVENT_fault)
        line.event.fault.note = text_from("a\"b\\c\n\x01 \xc3\xa9\xe2\x80\xa6 and the rest of it");
    write_line(&line, out);
    arena_clear(&dice.arena);
}

static void cut_anywhere_it_is_not_scanned(void **state)
{
    struct log_scanner *scanner = log_scanner_new();

    (void)state;
    for (enum event_kind kind = 0; kind < EVENT_KINDS; kind++) {
        struct buffer line = { 0 };

        add_sample(kind, &line);
        for (size_t length = 1; length < line.length; length++) {
            char *exactly = memory_string(text_of(line.at, length));
            struct log_line read = { 0 };

            assert_false(log_scan(scanner, text_of(exactly, length), &read));
            assert_null(log_ways_differ(text_of(exactly, length), NULL));
            free(exactly);
        }
        buffer_free(&line);
    }
    log_scanner_free(scanner);
}

static void add_damaged(struct buffer *log, struct text line, size_t at, struct text instead,
                        size_t left_out)
{
    buffer_add(log, line.at, at);
    buffer_add_text(log, instead);
    buffer_add_text(log, text_from_offset(line, at + left_out));
    buffer_add_byte(log, '\n');
}

/* Another byte instead of each, one more before each, and each left out. */
static void damaged_anywhere_it_is_read_alike(void **state)
{
    static const char bytes[] = "\0\x1f \t\n\r\"\\,:{}[]-+.019aefgnuEtX/\x7f\x80\xa9\xc3\xe2\xff";
    static const enum event_kind kinds[] = { EVENT_fault, EVENT_opening, EVENT_command };

    (void)state;
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        struct buffer line = { 0 };

        add_sample(kinds[k], &line);
        for (size_t at = 0; at < line.length; at++) {
            char flipped = (char)(line.at[at] ^ (1 << at % 8));
            struct buffer log = { 0 };

            for (size_t i = 0; i < sizeof bytes - 1; i++) {
                add_damaged(&log, buffer_text(&line), at, text_of(bytes + i, 1), 1);
                add_damaged(&log, buffer_text(&line), at, text_of(bytes + i, 1), 0);
            }
            add_damaged(&log, buffer_text(&line), at, text_of(&flipped, 1), 1);
            add_damaged(&log, buffer_text(&line), at, text_from(""), 1);
            if (log_ways_differ(buffer_text(&log), NULL))
                fail_msg("at %zu of %s", at, line.at);
            buffer_free(&log);
        }
        buffer_free(&line);
    }
}

static void add_times(struct buffer *log, usec time)
{
    const struct event_phase phase = { .lasts = time, .scenario_lasts = -time };

    event_write(EVENT_phase, &phase, 0, time, log);
    buffer_add_byte(log, '\n');
}

/* With doubles, thousandths are not exact; the same whole number must come of them. */
static void times_are_rounded_alike(void **state)
{
    struct dice dice = { 0 };
    struct buffer log = { 0 };
    size_t lines;

    (void)state;
    for (unsigned bit = 0; bit < 63; bit++)
        for (usec near = -20; near <= 20; near++)
            add_times(&log, (usec)(UINT64_C(1) << bit) + near);
    for (unsigned i = 0; i < 20000; i++)
        add_times(&log, (usec)dice_bits(&dice, 54));
    assert_null(log_ways_differ(buffer_text(&log), &lines));
    assert_in_range(lines, 20000, 22600);
    buffer_free(&log);
}

static bool is_scanned(struct log_scanner *scanner, const char *text)
{
    struct log_line line = { 0 };

    return log_scan(scanner, text_from(text), &line);
}

/* clang-format off */
static const char *const numbers[] = {
    "0", "-0", "0.0", "-0.0", "-0.000", "-0.001", "00", "01", "01.5", "1.", ".5", "+1", "-", "",
    "1.5", "-1", "-1.5", "1.000", "1.0000", "12.345", "12.3456", "12.345678", "0.000001",
    "-00.000", "1e5", "1E5", "1e+5", "1e-5", "1.5e3", "1e", "1e+", "1.e5", "1e999", "-1e999",
    "1e-999", "1.5e-320", "0x10", "0x1p4", "inf", "nan", "NaN", "Infinity", "null", "true",
    "false", "tru", "truex", "\"\"", "\"1\"", "[]", "{}", "1 ", " 1", "1,", "1.5.5", "1-1",
    "999999999999999999", "1000000000000000000", "9223372036854775807", "9223372036854775808",
    "18446744073709551615", "18446744073709551616", "-9223372036854775808",
    "-9223372036854775809", "123456789012345678901234567890.5", "1125899906842.623",
    "1125899906842.624", "1125899906842.625", "1125899906.842624", "9007199254740.993",
    "9007199254740.992", "99999999999999999999.000", "0.1", "0.12345678901234567",
    "0.123456789012345678901234567890123456789", "9007199254740993", "\"0123456789abcdef\"",
    "\"0123456789abcdeF\"", "\"0123456789abcdeg\"", "\"0123456789abcde\"",
    "\"0123456789abcdef0\"", "\"\\u0030123456789abcde\"", "\"0000000000000000\"", "\"x\"",
    "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\u0000\"", "\"\\u007f\"", "\"\\u0080\"",
    "\"\\u00e9\"", "\"\\/\"", "\"\\x\"", "\"\\u00\"", "\"\\", "\"", "\"\xc3\"", "\"\xc3\xa9",
};
/* clang-format on */

static void numbers_are_read_alike_however_spelled(void **state)
{
    static const char *const keys[] = { "exchange", "draw", "asked_ms", "exercised", "note" };
    struct buffer log = { 0 };
    size_t lines;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const char *number = numbers[i];

        for (size_t k = 0; k < COUNT_OF(keys); k++)
            buffer_format(&log, "{\"event\":\"fault\",\"seq\":0,\"time\":0.000000,\"%s\":%s}\n",
                          keys[k], number);
        buffer_format(&log, "{\"event\":\"end\",\"seq\":%s,\"time\":0.000000}\n", number);
        buffer_format(&log, "{\"event\":\"end\",\"seq\":0,\"time\":%s}\n", number);
        buffer_format(&log, "{\"event\":\"request\",\"seq\":0,\"time\":0.000000,\"print\":%s}\n",
                      number);
    }
    assert_null(log_ways_differ(buffer_text(&log), &lines));
    assert_in_range(lines, 100, COUNT_OF(numbers) * (COUNT_OF(keys) + 3) / 2);
    setlocale(LC_NUMERIC, "de_DE.UTF-8"); /* where there is such a locale, its point is another */
    assert_null(log_ways_differ(buffer_text(&log), NULL));
    setlocale(LC_NUMERIC, "C");
    buffer_free(&log);
}

/* Or the comparisons above would compare the library with itself, or prove nothing. */
static void only_our_own_spelling_is_scanned(void **state)
{
    static const struct {
        const char *text;
        bool scanned;
    } rows[] = {
        { "{\"event\":\"end\",\"seq\":0,\"time\":0.000000}", true },
        { "{\"event\":\"end\",\"seq\":0,\"time\":0.000000,\"exit\":1,\"lost\":0}", true },
        { " {\"event\":\"end\",\"seq\":0,\"time\":0.000000}", false },
        { "{\"event\":\"end\",\"seq\":0,\"time\":0.000000} ", false },
        { "{\"event\":\"end\",\"seq\":0,\"time\":0.000000}}", false },
        { "{\"event\": \"end\",\"seq\":0,\"time\":0.000000}", false },
        { "{\"event\":\"end\",\"time\":0.000000,\"seq\":0}", false },
        { "{\"event\":\"end\",\"seq\":0}", false },
        { "{\"event\":\"tomorrow\",\"seq\":0,\"time\":0.000000}", false },
        { "{\"event\":\"end\",\"seq\":0,\"time\":0.000000,\"lost\":0,\"exit\":1}", false },
        { "{\"event\":\"end\",\"seq\":0,\"time\":0.000000,\"exit\":1,\"exit\":1}", false },
        { "{\"event\":\"end\",\"seq\":0,\"time\":0.000000,\"exit\":1,\"new\":1}", false },
        { "{\"event\":\"end\",\"seq\":0,\"time\":0.000000,\"exit\":1,}", false },
        { "{\"event\":\"end\",\"seq\":0,\"time\":1125899906.842624}", true },
        { "{\"event\":\"end\",\"seq\":0,\"time\":1125899906.842625}", false },
    };
    struct log_scanner *scanner = log_scanner_new();
    struct buffer log = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (is_scanned(scanner, rows[i].text) != rows[i].scanned)
            fail_msg("%s", rows[i].text);
        buffer_format(&log, "%s\n", rows[i].text);
    }
    assert_null(log_ways_differ(buffer_text(&log), NULL));
    buffer_free(&log);
    log_scanner_free(scanner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_scanned_as_it_was),
        cmocka_unit_test(events_of_any_kind_are_read_alike),
        cmocka_unit_test(cut_anywhere_it_is_not_scanned),
        cmocka_unit_test(damaged_anywhere_it_is_read_alike),
        cmocka_unit_test(times_are_rounded_alike),
        cmocka_unit_test(numbers_are_read_alike_however_spelled),
        cmocka_unit_test(only_our_own_spelling_is_scanned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
