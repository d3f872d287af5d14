/* flood_outspoken_test: members, records and events that are added whole, wherever the input is
 * cut, and come out again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flood_bench.h"

#define KEY "\"panne_debug_0000002a\":["

/* Takes the member out again; fails the test if it is no list of texts. */
static void strip_member(const char *claim, struct text flooded, struct buffer *plain)
{
    const char *start = memmem(flooded.at, flooded.length, KEY, sizeof(KEY) - 1), *end;
    size_t before;

    assert_non_null(start);
    end = memmem(start, flooded.length - (size_t)(start - flooded.at), "\"]", 2);
    assert_non_null(end);
    for (const char *at = start + sizeof(KEY) - 1; at < end + 1; at++)
        if (!strchr("\",. =", *at) && !(*at >= '0' && *at <= '9') && !(*at >= 'a' && *at <= 'z'))
            fail_msg("%s: a byte %d in a text", claim, *at);
    before = (size_t)(start - flooded.at);
    before -= flooded.at[before - 1] == ',';
    buffer_add(plain, flooded.at, before);
    buffer_add_text(plain, text_from_offset(flooded, (size_t)(end + 2 - flooded.at)));
}

static const char *const objects[] = {
    "{\"a\":1}",
    "{}",
    " \r\n\t{ }\n",
    "{\"}\":\"{\\\"}\",\"b\":[{},{\"c\":[]}]}\n",
    "{\"a\\\\\":\"\\\\\",\"b\":[[1,2],{\"c\":null}]} \n\n",
    "{\"a\":{\"b\":{\"c\":{}}}}{\"second\":1}",
};

static void check_member(const char *body, size_t piece, size_t limit, bool known)
{
    struct flood_run run = { body, "application/json", NULL, "json=members; add=1000B",
                             text_from(body) };
    struct buffer plain = { 0 };
    struct flooded flooded;

    run.piece = piece;
    run.limit = limit;
    run.drained = limit;
    run.known = known;
    flood_run(&run, &flooded);
    assert_int_equal(flooded.out.length, strlen(body) + 1000);
    assert_int_equal(flooded.touched, 1000);
    if (known)
        assert_int_equal(flooded.length, flooded.out.length);
    strip_member(body, buffer_text(&flooded.out), &plain);
    if (!text_is(buffer_text(&plain), body))
        fail_msg("%s, pieces of %zu: now %.*s", body, piece, (int)flooded.out.length,
                 flooded.out.at);
    buffer_free(&plain);
    buffer_free(&flooded.out);
}

static void an_object_gains_a_member_whatever_the_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(objects); i++)
        for (size_t piece = 1; piece <= strlen(objects[i]); piece++) {
            check_member(objects[i], piece, 0, true);
            check_member(objects[i], piece, 0, false);
            check_member(objects[i], piece, 8, true);
        }
}

struct text_case {
    const char *claim, *type, *settings, *body, *out;
    bool known;
};

static const struct text_case texts[] = {
    { "an array gets white space", "application/json", "json=members; body=x3", "[1,22]",
      "[\n 1,\n   22]\n     ", true },
    { "so does a scalar", "application/json", "json=members; body=x2", "true", "true\n   ", true },
    { "and what has a guard", "application/json", "json=members; add=3B", ")]}',\n{}",
      ")]}',\n{\n }\n", true },
    { "few bytes are white space", "application/json", "json=members; add=5B", "{\"a\":1}",
      "{\"a\":1\n    }", true },
    { "the least member", "application/json", "json=members; add=29B", "{\"a\":1}",
      "{\"a\":1," KEY "\"e\"]}", true },
    { "it is the first one", "application/json", "json=members; add=28B", "{}", "{" KEY "\"s\"]}",
      true },
    { "what never closes", "application/json", "json=members; add=5B", "{\"a\":", "{\"a\":\n    ",
      true },
    { "a record too small to be one", "application/x-ndjson", "json=members; add=5B", "[1]\n[2]\n",
      "[1] \n[  2]  \n", true },
    { "a last event stays unfinished", "text/event-stream", "events=events; add=60B", "data: 1\n",
      NULL, true },
};

static void what_cannot_gain_one_gains_white_space(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct flood_run run = { texts[i].claim, texts[i].type, NULL, texts[i].settings,
                                 text_from(texts[i].body) };
        struct flooded flooded;

        run.known = texts[i].known;
        flood_run(&run, &flooded);
        buffer_add_byte(&flooded.out, '\0');
        if (texts[i].out && strcmp(flooded.out.at, texts[i].out) != 0)
            fail_msg("%s: wanted \"%s\", got \"%s\"", texts[i].claim, texts[i].out, flooded.out.at);
        if (!texts[i].out && strstr(flooded.out.at, "\n\n"))
            fail_msg("%s: \"%s\"", texts[i].claim, flooded.out.at);
        buffer_free(&flooded.out);
    }
}

static struct text take_until(struct text *rest, const char *end)
{
    const char *found = memmem(rest->at, rest->length, end, strlen(end));
    size_t length = found ? (size_t)(found - rest->at) + strlen(end) : rest->length;
    struct text taken = text_of(rest->at, length);

    *rest = text_from_offset(*rest, length);
    return taken;
}

/* What begins like ours is ours, and must be whole. */
static void strip_pieces(struct text flooded, const char *end, const char *opening,
                         const char *closing, struct buffer *plain)
{
    while (!text_is_empty(flooded)) {
        struct text piece = take_until(&flooded, end);

        if (!text_starts(piece, text_from(opening)))
            buffer_add_text(plain, piece);
        else if (!text_ends_nocase(piece, text_from(closing)))
            fail_msg("not whole: %.*s", (int)piece.length, piece.at);
    }
}

struct piece_case {
    const char *type, *settings, *body, *end, *opening, *closing;
};

static const struct piece_case pieces[] = {
    { "application/x-ndjson", "json=members; add=3000B", "{\"a\":1}\n[2]\n{\"b\":[3,4]}\n", "\n",
      "{\"level\":\"debug\",\"message\":\"", "\"}\n" },
    { "application/x-ndjson", "json=members; body=x100", "{\"a\":1}\n[2]\n{\"b\":[3,4]}\n", "\n",
      "{\"level\":\"debug\",\"message\":\"", "\"}\n" },
    { "text/event-stream", "events=events; add=3000B", "data: 1\n\ndata: 2\nid: 3\n\n: four\n\n",
      "\n\n", "event: debug\ndata: ", "\n\n" },
};

static void check_pieces(const struct piece_case *row, size_t piece, size_t limit, bool known)
{
    struct flood_run run = { row->settings, row->type, NULL, row->settings, text_from(row->body) };
    struct buffer plain = { 0 };
    struct flooded flooded;
    struct text got;

    run.piece = piece;
    run.limit = limit;
    run.drained = limit;
    run.known = known;
    flood_run(&run, &flooded);
    assert_true(!known || flooded.length == flooded.out.length);
    assert_true(flooded.out.length > strlen(row->body) + 1000);
    strip_pieces(buffer_text(&flooded.out), row->end, row->opening, row->closing, &plain);
    got = buffer_text(&plain);
    /* The rest that is no whole event is a comment. */
    if (got.length > strlen(row->body) && got.at[strlen(row->body)] == ':')
        got.length = strlen(row->body);
    while (got.length > strlen(row->body) && got.at[got.length - 1] == '\n')
        got.length--;
    if (!text_is(got, row->body))
        fail_msg("%s, pieces of %zu, limit %zu: %.*s", row->settings, piece, limit,
                 (int)flooded.out.length, flooded.out.at);
    buffer_free(&plain);
    buffer_free(&flooded.out);
}

static void lines_and_events_come_whole_whatever_the_pieces(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pieces); i++)
        for (size_t piece = 1; piece <= strlen(pieces[i].body); piece++) {
            check_pieces(&pieces[i], piece, 0, true);
            check_pieces(&pieces[i], piece, 0, false);
            check_pieces(&pieces[i], piece, 500, true);
        }
}

/* A last line without an end: no remainder makes an empty line. */
static void records_leave_no_empty_line(void **state)
{
    (void)state;
    for (size_t add = 48; add < 400; add++) {
        struct fault_bench *bench = fault_bench_new();
        struct flood_run run = { "records", "application/x-ndjson", NULL, NULL,
                                 text_from("[1]\n[2]\n[3]") };
        struct flooded flooded;

        run.settings = arena_format(&bench->arena, "json=members; add=%zu", add).at;
        run.known = true;
        flood_run(&run, &flooded);
        assert_int_equal(flooded.out.length, run.body.length + add);
        assert_null(memmem(flooded.out.at, flooded.out.length, "\n\n", 2));
        assert_null(memmem(flooded.out.at, flooded.out.length, "\n ", 2));
        buffer_free(&flooded.out);
        fault_bench_free(bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_gains_a_member_whatever_the_pieces),
        cmocka_unit_test(what_cannot_gain_one_gains_white_space),
        cmocka_unit_test(lines_and_events_come_whole_whatever_the_pieces),
        cmocka_unit_test(records_leave_no_empty_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
