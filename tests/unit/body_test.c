/* Bodies: what a reader makes of their bytes, wherever they are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/buffer.h"
#include "http_kit.h"

struct claim {
    const char *name;
    enum framing framing;
    uint64_t length;
    struct text bytes;
    const char *told; /* as kit_told has it */
    size_t left;      /* bytes that are not the message's */
};

#define CHUNKED FRAMING_CHUNKED, 0

static const struct claim claims[] = {
    { "no body", FRAMING_NONE, 0, TEXT("GET /"), "$", 5 },
    { "a length of 0", FRAMING_LENGTH, 0, TEXT("GET /"), "$", 5 },
    { "a length", FRAMING_LENGTH, 5, TEXT("abcdeGET /"), "abcde$", 5 },
    { "chunks", CHUNKED, TEXT("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET"), "abcde$", 3 },
    { "no chunk but the last", CHUNKED, TEXT("0\r\n\r\n"), "$", 0 },
    { "several zeros", CHUNKED, TEXT("000\r\n\r\n"), "$", 0 },
    { "hex in both cases", CHUNKED, TEXT("a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n"),
      "01234567890123456789a$", 0 },
    { "sixteen digits", CHUNKED, TEXT("0000000000000001\r\na\r\n0\r\n\r\n"), "a$", 0 },
    { "extensions are read over", CHUNKED, TEXT("1;a=b;c=\"d e\"\r\nx\r\n0 \t;z\r\n\r\n"), "x$",
      0 },
    { "trailers", CHUNKED, TEXT("0\r\nA: b\r\nc:  d \r\n\r\nGET"), "<A: b\r\nc:  d \r\n>$", 3 },
    { "forbidden trailers go", CHUNKED,
      TEXT("0\r\nHost: h\r\nA: b\r\ncontent-length: 5\r\nTransfer-Encoding: chunked\r\n"
           "Connection: x\r\nSet-Cookie: y\r\nTrailer: z\r\nETag: e\r\nTE: trailers\r\n\r\n"),
      "<A: b\r\nETag: e\r\n>$", 0 },
    { "nothing but forbidden trailers", CHUNKED, TEXT("0\r\nHost: h\r\n\r\n"), "$", 0 },

    { "a chunk that is longer than its size", CHUNKED, TEXT("1\r\nabc\r\n"), "a#", 0 },
    { "two bytes after chunk data", CHUNKED, TEXT("1\r\naXX0\r\n\r\n"), "a#", 0 },
    { "bare LF behind chunk data", CHUNKED, TEXT("1\r\na\n0\r\n\r\n"), "a#", 0 },
    { "CR without LF behind chunk data", CHUNKED, TEXT("1\r\na\rX"), "a#", 0 },
    { "no size", CHUNKED, TEXT("\r\n"), "#", 0 },
    { "an extension and no size", CHUNKED, TEXT(";a\r\n"), "#", 0 },
    { "a size that is no number", CHUNKED, TEXT("1g\r\n"), "#", 0 },
    { "a size with 0x", CHUNKED, TEXT("0x1\r\na"), "#", 0 },
    { "a negative size", CHUNKED, TEXT("-1\r\n"), "#", 0 },
    { "a space before a size", CHUNKED, TEXT(" 1\r\na\r\n"), "#", 0 },
    { "a space behind a size", CHUNKED, TEXT("1 \r\na\r\n"), "#", 0 },
    { "seventeen digits", CHUNKED, TEXT("00000000000000001\r\na\r\n"), "#", 0 },
    { "bare LF behind a size", CHUNKED, TEXT("1\na\r\n"), "#", 0 },
    { "bare CR behind a size", CHUNKED, TEXT("1\rXa\r\n"), "#", 0 },
    { "bare LF in an extension", CHUNKED, TEXT("1;a\na\r\n"), "#", 0 },
    { "bare CR in an extension", CHUNKED, TEXT("1;a\rb\r\na\r\n"), "#", 0 },
    { "NUL in an extension", CHUNKED, TEXT("1;\0\r\na\r\n"), "#", 0 },
    { "bare LF in a trailer", CHUNKED, TEXT("0\r\nA: b\n\r\n"), "#", 0 },
    { "bare LF as the end", CHUNKED, TEXT("0\r\n\n"), "#", 0 },
    { "a trailer without colon", CHUNKED, TEXT("0\r\nAb\r\n"), "#", 0 },
    { "a folded trailer", CHUNKED, TEXT("0\r\nA: b\r\n c\r\n"), "#", 0 },
    { "a space before a trailer's colon", CHUNKED, TEXT("0\r\nA : b\r\n"), "#", 0 },
    { "NUL in a trailer", CHUNKED, TEXT("0\r\nA: \0\r\n"), "#", 0 },
    { "CR in a trailer", CHUNKED, TEXT("0\r\nA: b\rc\r\n"), "#", 0 },
    { "a request where a trailer should be", CHUNKED, TEXT("0\r\nGET / HTTP/1.1\r\n"), "#", 0 },
};

static void check_in_steps(struct kit *kit, enum head_kind kind, const struct claim *claim,
                           size_t step)
{
    bool wrong = strchr(claim->told, '#') != NULL;
    struct reader reader = { 0 };
    enum read_result result;
    size_t used;

    reader_start(&reader, kind, &kit->limits);
    reader_body(&reader, claim->framing, claim->length);
    result = kit_take(kit, &reader, claim->bytes, step, &used);
    if (result != (wrong ? READ_WRONG : READ_DONE))
        fail_msg("%s, in steps of %zu: result %d", claim->name, step, (int)result);
    assert_string_equal(kit_told(kit, &kit->out), claim->told);
    if (wrong) {
        assert_int_equal(reader.status, kind == HEAD_REQUEST ? 400 : 502);
        assert_non_null(reader.complaint);
        assert_int_equal(reader_end(&reader, &kit->out, 0), READ_WRONG);
    } else {
        assert_int_equal(used, claim->bytes.length - claim->left);
        assert_true(reader_is_done(&reader));
        assert_int_equal(kit_take(kit, &reader, BYTES("x"), 1, &used), READ_DONE);
        assert_int_equal(used, 0);
    }
    assert_string_equal(kit_told(kit, &kit->out), "");
    reader_clear(&reader);
}

/* Cut off at `cut`: more is wanted, or it was wrong before; the connection's end then cuts the
 * body. */
static void check_cut(struct kit *kit, const struct claim *claim, size_t cut)
{
    struct reader reader = { 0 };
    enum read_result result;
    const char *told;

    reader_start(&reader, HEAD_REQUEST, &kit->limits);
    reader_body(&reader, claim->framing, claim->length);
    result = kit_take(kit, &reader, text_of(claim->bytes.at, cut), SIZE_MAX, NULL);
    if (result != READ_DONE)
        assert_int_equal(reader_end(&reader, &kit->out, 0), READ_WRONG);
    told = kit_told(kit, &kit->out);
    if (told[strlen(told) - 1] != (result == READ_DONE ? '$' : '#'))
        fail_msg("%s, cut at %zu: %s", claim->name, cut, told);
    if (result == READ_DONE)
        assert_true(cut >= claim->bytes.length - claim->left);
    reader_clear(&reader);
}

static void bodies_are_read_alike_however_they_are_cut(void **state)
{
    struct kit *kit = *state;

    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        for (size_t step = 1; step <= claims[i].bytes.length; step++) {
            check_in_steps(kit, HEAD_REQUEST, &claims[i], step);
            check_in_steps(kit, HEAD_RESPONSE, &claims[i], step);
        }
        for (size_t cut = 0; cut < claims[i].bytes.length; cut++)
            check_cut(kit, &claims[i], cut);
        arena_clear(&kit->arena);
    }
}

static struct reader reader_at(struct kit *kit, enum framing framing, uint64_t length)
{
    struct reader reader = { 0 };

    reader_start(&reader, HEAD_RESPONSE, &kit->limits);
    reader_body(&reader, framing, length);
    return reader;
}

static void the_end_of_the_connection_may_be_the_end_of_a_body(void **state)
{
    struct kit *kit = *state;
    struct reader reader = reader_at(kit, FRAMING_CLOSE, 0);

    assert_int_equal(kit_take(kit, &reader, BYTES("ab\r\n\0"), 2, NULL), READ_MORE);
    assert_int_equal(reader_end(&reader, &kit->out, 0), READ_DONE);
    assert_string_equal(kit_told(kit, &kit->out), "ab\r\n");
    assert_int_equal(reader.body_bytes, 5);
}

static void a_tunnel_is_labelled_as_one(void **state)
{
    struct kit *kit = *state;
    struct reader reader = reader_at(kit, FRAMING_TUNNEL, 0);

    assert_int_equal(kit_take(kit, &reader, BYTES("abc"), 3, NULL), READ_MORE);
    assert_int_equal(queue_front(&kit->out)->part, PART_TUNNEL);
    assert_int_equal(reader_end(&reader, &kit->out, 0), READ_DONE);
    assert_string_equal(kit_told(kit, &kit->out), "abc$");
}

static void the_end_inside_a_head_is_wrong(void **state)
{
    struct kit *kit = *state;
    struct reader reader = { 0 };

    reader_start(&reader, HEAD_REQUEST, &kit->limits);
    assert_int_equal(reader_end(&reader, NULL, 0), READ_WRONG);
    assert_int_equal(reader.status, 400);
    reader_start(&reader, HEAD_RESPONSE, &kit->limits);
    assert_int_equal(reader_end(&reader, NULL, 0), READ_WRONG);
    assert_int_equal(reader.status, 502);
}

static void a_message_without_a_body_is_done_at_once_and_ends_once(void **state)
{
    struct kit *kit = *state;
    struct reader reader = reader_at(kit, FRAMING_NONE, 0);

    assert_true(reader_is_done(&reader));
    assert_int_equal(kit_take(kit, &reader, BYTES(""), 1, NULL), READ_DONE);
    assert_int_equal(reader_end(&reader, &kit->out, 0), READ_DONE);
    assert_string_equal(kit_told(kit, &kit->out), "$");
}

static void a_tunnel_behind_a_message_has_an_end_of_its_own(void **state)
{
    struct kit *kit = *state;
    struct reader reader = reader_at(kit, FRAMING_NONE, 0);

    assert_int_equal(kit_take(kit, &reader, BYTES(""), 1, NULL), READ_DONE);
    reader_body(&reader, FRAMING_TUNNEL, 0);
    assert_int_equal(kit_take(kit, &reader, BYTES("ab"), 9, NULL), READ_MORE);
    assert_int_equal(reader_end(&reader, &kit->out, 0), READ_DONE);
    assert_string_equal(kit_told(kit, &kit->out), "$ab$");
}

static void bytes_that_pass_as_a_pipe_count(void **state)
{
    struct kit *kit = *state;
    struct reader reader = reader_at(kit, FRAMING_LENGTH, 5);

    assert_int_equal(kit_take(kit, &reader, BYTES("a"), 1, NULL), READ_MORE);
    assert_int_equal(reader_splice_room(&reader), 4);
    assert_int_equal(reader_spliced(&reader, 3, &kit->out, 0), READ_MORE);
    assert_int_equal(reader_spliced(&reader, 1, &kit->out, 0), READ_DONE);
    assert_int_equal(reader.body_bytes, 5);
    assert_string_equal(kit_told(kit, &kit->out), "a$");

    reader = reader_at(kit, FRAMING_CLOSE, 0);
    assert_true(reader_splice_room(&reader) == SIZE_MAX);
    assert_int_equal(reader_spliced(&reader, 1000, &kit->out, 0), READ_MORE);
    reader = reader_at(kit, FRAMING_TUNNEL, 0);
    assert_true(reader_splice_room(&reader) == SIZE_MAX);
    reader = reader_at(kit, FRAMING_CHUNKED, 0);
    assert_int_equal(kit_take(kit, &reader, BYTES("5\r\nab"), 9, NULL), READ_MORE);
    assert_int_equal(reader_splice_room(&reader), 0);
    kit_told(kit, &kit->out);
}

static void a_chunk_line_may_have_4_KiB_and_no_more(void **state)
{
    struct kit *kit = *state;

    for (size_t length = 4096; length <= 4097; length++) {
        struct reader reader = reader_at(kit, FRAMING_CHUNKED, 0);
        struct buffer line = { 0 };

        buffer_add_string(&line, "1;");
        while (line.length < length - 2)
            buffer_add_byte(&line, 'x');
        buffer_add_string(&line, "\r\n");
        assert_int_equal(kit_take(kit, &reader, buffer_text(&line), 1000, NULL),
                         length == 4096 ? READ_MORE : READ_WRONG);
        buffer_free(&line);
        kit_told(kit, &kit->out);
    }
}

/* A request's trailer section of so many fields, each of so many bytes. */
static unsigned status_of_trailers(struct kit *kit, size_t count, size_t size, const char *name)
{
    struct reader reader = { 0 };
    struct buffer section = { 0 };

    buffer_add_string(&section, "0\r\n");
    for (size_t i = 0; i < count; i++) {
        size_t start = section.length;

        buffer_format(&section, "%s: ", name);
        while (section.length - start < size - 2)
            buffer_add_byte(&section, 'v');
        buffer_add_string(&section, "\r\n");
    }
    buffer_add_string(&section, "\r\n");
    reader_start(&reader, HEAD_REQUEST, &kit->limits);
    reader_body(&reader, FRAMING_CHUNKED, 0);
    (void)kit_take(kit, &reader, buffer_text(&section), 777, NULL);
    buffer_free(&section);
    reader_clear(&reader);
    return reader.status;
}

static void trailer_sections_have_the_limits_of_heads(void **state)
{
    struct kit *kit = *state;

    assert_int_equal(status_of_trailers(kit, 100, 20, "A"), 0);
    assert_int_equal(status_of_trailers(kit, 101, 20, "A"), 431);
    assert_int_equal(status_of_trailers(kit, 101, 20, "Host"), 431);
    assert_int_equal(status_of_trailers(kit, 1, 32766, "A"), 0);
    assert_int_equal(status_of_trailers(kit, 1, 32767, "A"), 431);
    assert_int_equal(status_of_trailers(kit, 10, 4000, "Host"), 431);
    kit_told(kit, &kit->out);
}

static void a_trailer_section_is_one_chunk(void **state)
{
    struct kit *kit = *state;
    struct chunk *chunk;

    assert_int_equal(status_of_trailers(kit, 3, 10000, "A"), 0);
    chunk = queue_take(&kit->out);
    assert_int_equal(chunk->part, PART_TRAILER);
    assert_int_equal(chunk->length, 30000);
    chunk_free(&kit->pool, chunk);
    assert_string_equal(kit_told(kit, &kit->out), "$");
}

static void an_unfinished_trailer_section_is_freed(void **state)
{
    struct kit *kit = *state;
    struct reader reader = reader_at(kit, FRAMING_CHUNKED, 0);

    assert_int_equal(kit_take(kit, &reader, BYTES("0\r\nA: b\r\nC"), 99, NULL), READ_MORE);
    reader_clear(&reader);
    reader_clear(&reader);
    kit_told(kit, &kit->out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_read_alike_however_they_are_cut),
        cmocka_unit_test(the_end_of_the_connection_may_be_the_end_of_a_body),
        cmocka_unit_test(a_tunnel_is_labelled_as_one),
        cmocka_unit_test(the_end_inside_a_head_is_wrong),
        cmocka_unit_test(a_message_without_a_body_is_done_at_once_and_ends_once),
        cmocka_unit_test(a_tunnel_behind_a_message_has_an_end_of_its_own),
        cmocka_unit_test(bytes_that_pass_as_a_pipe_count),
        cmocka_unit_test(a_chunk_line_may_have_4_KiB_and_no_more),
        cmocka_unit_test(trailer_sections_have_the_limits_of_heads),
        cmocka_unit_test(a_trailer_section_is_one_chunk),
        cmocka_unit_test(an_unfinished_trailer_section_is_freed),
    };

    return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
