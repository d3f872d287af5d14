/* live_test: the display never wraps, whatever it has to show, and goes away without a trace. */
#include "observe/live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "observe/columns.h"

static const usec starts[] = { 0, 60 * SECOND, 100 * SECOND };

static struct live_state example(void)
{
    return (struct live_state){
        .title = TEXT("The Tesla app, 19 November 2021"),
        .phase = TEXT("verbosity"),
        .phase_index = 1,
        .phase_count = 3,
        .elapsed = 75 * SECOND,
        .lasts = 300 * SECOND,
        .phase_elapsed = 15 * SECOND,
        .phase_lasts = 40 * SECOND,
        .phase_starts = starts,
    };
}

static struct tally_totals busy(uint64_t factor)
{
    return (struct tally_totals){
        .requests = 12 * factor,
        .faults = 8 * factor,
        .exercised = 7 * factor,
        .open = factor,
        .refused = factor,
        .troubles = factor,
        .connections = factor,
        .by_class = { 1 * factor, 0, 5 * factor, 0, 2 * factor, 4 * factor },
    };
}

/* What a terminal would show: escape sequences taken out. */
static struct buffer plain(const struct buffer *out)
{
    struct buffer text = { 0 };

    for (size_t i = 0; i < out->length; i++) {
        if (out->at[i] == '\x1b') {
            assert_int_equal(out->at[i + 1], '[');
            for (i += 2; out->at[i] < '@' || out->at[i] > '~'; i++)
                assert_in_range(i, 0, out->length - 1);
        } else if (out->at[i] != '\r') {
            buffer_add_byte(&text, out->at[i]);
        }
    }
    return text;
}

static size_t check_lines(const struct buffer *out, size_t columns)
{
    struct buffer shown = plain(out);
    struct text rest = buffer_text(&shown);
    size_t lines = 0;

    for (; !text_is_empty(rest); lines++) {
        size_t length = text_find(rest, '\n');

        if (columns_of(text_of(rest.at, length)) >= columns)
            fail_msg("%zu columns are too few for: %.*s", columns, (int)length, rest.at);
        assert_int_not_equal(length, rest.length);
        rest = text_from_offset(rest, length + 1);
    }
    buffer_free(&shown);
    return lines;
}

static void draw_all(const struct live_state *state, const struct tally_totals *totals)
{
    for (unsigned columns = 20; columns <= 200; columns++) {
        for (int style = 0; style < 4; style++) {
            struct live *live = live_new(columns, style & 1, style & 2);
            struct buffer out = { 0 };

            live_draw(live, state, totals, SECOND, &out);
            assert_in_range(check_lines(&out, columns), 2, 4);
            buffer_free(&out);
            live_free(live);
        }
    }
}

static void no_line_reaches_the_last_column(void **state)
{
    struct live_state states[12];
    static const uint64_t factors[] = { 0, 1, 1234, 12345678901 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(states); i++)
        states[i] = example();
    states[1].waiting = true;
    states[2].over = true;
    states[2].phase = text_from("");
    states[3].draining = true;
    states[3].command = text_from("npm test: running");
    states[4].lasts = states[4].phase_lasts = NEVER;
    states[5].title = text_from("\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5"
                                "\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac");
    states[6].phase =
        text_from("a phase whose name is as long as a sentence, and then some, to see "
                  "what becomes of the rest of the line when nothing is left for it");
    states[7].command = text_from("\x1b[2J\r\n\xff\xc3"
                                  "e\xcc\x81\t and a lot more of it, long "
                                  "enough to pass the end of any line of eighty columns or more");
    states[8].phase_starts = NULL;
    states[9].elapsed = 400 * SECOND;
    states[10].lasts = states[10].elapsed = 0;
    states[11].lasts = 400 * HOUR;
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        for (size_t j = 0; j < COUNT_OF(factors); j++) {
            struct tally_totals totals = busy(factors[j]);

            draw_all(&states[i], &totals);
        }
    }
    live_free(NULL);
}

static struct buffer draw_once(const struct live_state *state, bool color, bool unicode)
{
    struct live *live = live_new(80, color, unicode);
    struct tally_totals totals = busy(100);
    struct buffer out = { 0 };

    live_draw(live, state, &totals, SECOND, &out);
    live_free(live);
    return out;
}

static void what_matters_is_shown(void **state)
{
    static const char *const wanted[] = {
        "The Tesla app, 19 November 2021",
        "verbosity 2/3 0:25",
        "3:45 left",
        " 25%\n",
        "1,200 req 0.0/s",
        "faults 700",
        "ok 500",
        "5xx 400",
        "4xx 200",
        "none 100",
        "trouble 200",
    };
    struct live_state example_state = example();
    struct buffer out = draw_once(&example_state, false, true), shown = plain(&out);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        if (!strstr(shown.at, wanted[i]))
            fail_msg("%s is missing in\n%s", wanted[i], shown.at);
    }
    buffer_free(&shown);
    buffer_free(&out);
}

static void conditions_take_the_place_of_the_time(void **state)
{
    static const struct {
        bool waiting, over, draining;
        usec lasts;
        const char *wanted;
    } cases[] = {
        { true, false, false, 300 * SECOND, "waiting for the first match\n" },
        { false, true, false, 300 * SECOND, "timeline over\n" },
        { true, true, true, 300 * SECOND, "draining\n" },
        { false, false, false, NEVER, "1:15, until stopped\n" },
        { false, false, false, 2 * HOUR, "1:58:45 left\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct live_state live_state = example();
        struct buffer out, shown;

        live_state.waiting = cases[i].waiting;
        live_state.over = cases[i].over;
        live_state.draining = cases[i].draining;
        live_state.lasts = cases[i].lasts;
        out = draw_once(&live_state, false, false);
        shown = plain(&out);
        if (!strstr(shown.at, cases[i].wanted))
            fail_msg("%s is missing in\n%s", cases[i].wanted, shown.at);
        buffer_free(&shown);
        buffer_free(&out);
    }
}

static void the_bar_marks_phases(void **state)
{
    struct live_state live_state = example();
    struct buffer out = draw_once(&live_state, false, false), shown = plain(&out);
    size_t bar = text_find(buffer_text(&shown), '\n') + 1;

    (void)state;
    assert_in_range(bar, 1, shown.length - 80);
    /* 74 columns for 300 s: phases start at 60 s and 100 s, and 75 s have passed. */
    assert_memory_equal(shown.at + bar, "==============|===------|------", 31);
    assert_memory_equal(shown.at + bar + 72, "--  25%\n", 8);
    buffer_free(&shown);
    buffer_free(&out);
}

static void without_color_and_unicode_all_is_ascii(void **state)
{
    struct live_state live_state = example();
    struct buffer out;

    (void)state;
    live_state.title = text_from("Stra\xc3\x9f"
                                 "e \xe2\x80\xa6");
    out = draw_once(&live_state, false, false);
    for (size_t i = 0; i < out.length; i++)
        assert_in_range((unsigned char)out.at[i], 1, 127);
    assert_null(strstr(out.at, "m"
                               "\x1b"));
    assert_null(strstr(out.at, "\x1b[1m"));
    buffer_free(&out);
    out = draw_once(&live_state, true, false);
    assert_non_null(strstr(out.at, "\x1b[1m"));
    buffer_free(&out);
}

static void the_next_frame_lies_over_the_last(void **state)
{
    struct live *live = live_new(80, false, true);
    struct live_state live_state = example();
    struct tally_totals totals = busy(1);
    struct buffer out = { 0 };

    (void)state;
    live_erase(live, &out);
    assert_int_equal(out.length, 0);
    live_draw(live, &live_state, &totals, 1, &out);
    assert_memory_equal(out.at, "\rThe", 4);
    buffer_clear(&out);
    live_draw(live, &live_state, &totals, 2, &out);
    assert_memory_equal(out.at, "\r\x1b[3A", 5);
    assert_string_equal(out.at + out.length - 3, "\x1b[J");
    buffer_clear(&out);
    live_erase(live, &out);
    assert_string_equal(out.at, "\r\x1b[3A\x1b[J");
    buffer_clear(&out);
    live_erase(live, &out);
    assert_int_equal(out.length, 0);
    live_draw(live, &live_state, &totals, 3, &out);
    assert_memory_equal(out.at, "\rThe", 4);
    buffer_free(&out);
    live_free(live);
}

/* Three lines of 79, 79 and fewer columns, in a terminal of 45: five rows. */
static void lines_that_the_terminal_broke_are_drawn_over(void **state)
{
    struct live *live = live_new(80, false, true);
    struct live_state live_state = example();
    struct tally_totals totals = { 0 };
    struct buffer out = { 0 };

    (void)state;
    live_draw(live, &live_state, &totals, 1, &out);
    buffer_clear(&out);
    live_resize(live, 80);
    live_slip(live);
    live_draw(live, &live_state, &totals, 2, &out);
    assert_memory_equal(out.at, "\r\x1b[4A", 5);
    buffer_clear(&out);
    live_resize(live, 45);
    live_draw(live, &live_state, &totals, 3, &out);
    assert_memory_equal(out.at, "\r\x1b[5A", 5);
    buffer_clear(&out);
    live_resize(live, 100);
    live_erase(live, &out);
    assert_string_equal(out.at, "\r\x1b[3A\x1b[J");
    live_slip(live);
    buffer_clear(&out);
    live_erase(live, &out);
    assert_int_equal(out.length, 0);
    buffer_free(&out);
    live_free(live);
}

static void the_rate_is_that_of_the_last_seconds(void **state)
{
    struct live *live = live_new(120, false, true);
    struct live_state live_state = example();
    struct buffer out = { 0 };
    usec now = 0;

    (void)state;
    /* 50 a second for ten seconds, then none for ten. */
    for (uint64_t i = 0; i <= 100; i++, now += 100 * MSEC) {
        struct tally_totals totals = { .requests = 5 * i };

        buffer_clear(&out);
        live_draw(live, &live_state, &totals, now, &out);
    }
    assert_non_null(strstr(out.at, " 50/s"));
    for (int i = 0; i < 100; i++, now += 100 * MSEC) {
        struct tally_totals totals = { .requests = 500 };

        buffer_clear(&out);
        live_draw(live, &live_state, &totals, now, &out);
    }
    assert_non_null(strstr(out.at, " 0.0/s"));
    /* Drawing often does not narrow the window. */
    for (uint64_t i = 0; i <= 4000; i++, now += MSEC) {
        struct tally_totals totals = { .requests = 500 + i / 50 };

        buffer_clear(&out);
        live_draw(live, &live_state, &totals, now, &out);
    }
    assert_non_null(strstr(out.at, " 20/s"));
    buffer_free(&out);
    live_free(live);
}

static void a_pipe_gets_a_line(void **state)
{
    struct live_state live_state = example();
    struct tally_totals totals = busy(100);
    struct buffer out = { 0 };

    (void)state;
    live_phase_line(&live_state, &totals, &out);
    assert_string_equal(out.at, "phase 2/3 verbosity for 40s: 1,200 requests, 700 faults so far\n");
    buffer_clear(&out);
    live_state.over = true;
    totals = (struct tally_totals){ .requests = 1, .exercised = 1 };
    live_phase_line(&live_state, &totals, &out);
    assert_string_equal(out.at, "timeline over: 1 request, 1 fault so far\n");
    buffer_clear(&out);
    live_state = example();
    live_state.phase = text_from("a\nb\x1b");
    live_state.phase_lasts = NEVER;
    live_phase_line(&live_state, &totals, &out);
    assert_string_equal(out.at, "phase 2/3 a?b?: 1 request, 1 fault so far\n");
    buffer_free(&out);
}

static void widths_are_those_of_terminals(void **state)
{
    static const struct {
        const char *claim;
        struct text text;
        size_t columns;
    } cases[] = {
        { "nothing", TEXT(""), 0 },
        { "ASCII", TEXT("abc"), 3 },
        { "Latin", TEXT("\xc3\x9f\xc3\xa9"), 2 },
        { "wide", TEXT("\xe6\x97\xa5\xe6\x9c\xac"), 4 },
        { "an accent of its own", TEXT("e\xcc\x81"), 1 },
        { "a face", TEXT("\xf0\x9f\x98\x80"), 2 },
        { "each bad byte", TEXT("\xff\x80\xc3"), 3 },
        { "an overlong form", TEXT("\xe0\x80\x80"), 3 },
        { "box drawing", TEXT("\xe2\x94\x81\xe2\x94\xb3"), 2 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        print_message("%s\n", cases[i].claim);
        assert_int_equal(columns_of(cases[i].text), cases[i].columns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_line_reaches_the_last_column),
        cmocka_unit_test(what_matters_is_shown),
        cmocka_unit_test(conditions_take_the_place_of_the_time),
        cmocka_unit_test(the_bar_marks_phases),
        cmocka_unit_test(without_color_and_unicode_all_is_ascii),
        cmocka_unit_test(the_next_frame_lies_over_the_last),
        cmocka_unit_test(lines_that_the_terminal_broke_are_drawn_over),
        cmocka_unit_test(the_rate_is_that_of_the_last_seconds),
        cmocka_unit_test(a_pipe_gets_a_line),
        cmocka_unit_test(widths_are_those_of_terminals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
