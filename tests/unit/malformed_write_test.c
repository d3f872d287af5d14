/* malformed_write_test: what the writer makes of messages that are to be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/buffer.h"
#include "http_kit.h"

#define HEAD_LENGTH "HTTP/1.1 200 OK\r\nA: b c\r\nContent-Length: 3\r\n\r\n"
#define HEAD_CHUNKS "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

struct claim {
    const char *name;
    enum malformed kind;
    uint64_t size;
    const char *head; /* of an answer to GET */
    const char *body; /* as kit_put has it */
    const char *written;
    uint64_t touched;
    bool broken;
};

static const struct claim claims[] = {
    { "a length too long", MALFORMED_LENGTH_LONG, 100, HEAD_LENGTH, "abc$",
      "HTTP/1.1 200 OK\r\nA: b c\r\nContent-Length: 103\r\n\r\nabc#", 21, true },
    { "a length too short", MALFORMED_LENGTH_SHORT, 2, HEAD_LENGTH, "abc$",
      "HTTP/1.1 200 OK\r\nA: b c\r\nContent-Length: 1\r\n\r\nabc$", 19, false },
    { "a length cannot be shorter than nothing", MALFORMED_LENGTH_SHORT, 9, HEAD_LENGTH, "abc$",
      "HTTP/1.1 200 OK\r\nA: b c\r\nContent-Length: 0\r\n\r\nabc$", 19, false },
    { "nothing cannot be shorter", MALFORMED_LENGTH_SHORT, 9,
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "$",
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, false },
    { "no length to be wrong", MALFORMED_LENGTH_LONG, 9, HEAD_CHUNKS, "abc$",
      HEAD_CHUNKS "3\r\nabc\r\n0\r\n\r\n", 0, false },
    { "a length with no body to it", MALFORMED_LENGTH_LONG, 9,
      "HTTP/1.1 304 OK\r\nContent-Length: 3\r\n\r\n", "$",
      "HTTP/1.1 304 OK\r\nContent-Length: 3\r\n\r\n", 0, false },
    { "a body that breaks off stays so", MALFORMED_LENGTH_SHORT, 1, HEAD_LENGTH, "ab#",
      "HTTP/1.1 200 OK\r\nA: b c\r\nContent-Length: 2\r\n\r\nab#", 19, true },
    { "a body that ends early stays so", MALFORMED_LENGTH_LONG, 1, HEAD_LENGTH, "ab$",
      "HTTP/1.1 200 OK\r\nA: b c\r\nContent-Length: 4\r\n\r\nab#", 19, true },
    { "a chunk's size", MALFORMED_CHUNK_SIZE, 0, HEAD_CHUNKS, "ab^c$",
      HEAD_CHUNKS "xyz\r\nab\r\n^1\r\nc\r\n0\r\n\r\n$", 5, false },
    { "the last chunk's size where there is no other", MALFORMED_CHUNK_SIZE, 0, HEAD_CHUNKS, "$",
      HEAD_CHUNKS "xyz\r\n\r\n$", 5, false },
    { "the last chunk's size before a trailer", MALFORMED_CHUNK_SIZE, 0, HEAD_CHUNKS, "<B: c\r\n>$",
      HEAD_CHUNKS "xyz\r\nB: c\r\n\r\n$", 5, false },
    { "no chunk, no size", MALFORMED_CHUNK_SIZE, 0, HEAD_LENGTH, "abc$", HEAD_LENGTH "abc", 0,
      false },
    { "no last chunk", MALFORMED_LAST_CHUNK, 0, HEAD_CHUNKS, "abc$", HEAD_CHUNKS "3\r\nabc\r\n#", 5,
      true },
    { "no last chunk, no trailer", MALFORMED_LAST_CHUNK, 0, HEAD_CHUNKS, "abc<B: c\r\n>$",
      HEAD_CHUNKS "3\r\nabc\r\n#", 5, true },
    { "a length needs no last chunk", MALFORMED_LAST_CHUNK, 0, HEAD_LENGTH, "abc$",
      HEAD_LENGTH "abc", 0, false },
    { "nothing at all", MALFORMED_EMPTY, 0, HEAD_LENGTH, "abc$", "#", 46, true },
    { "garbage before", MALFORMED_GARBAGE_BEFORE, 12, HEAD_LENGTH, "abc$",
      "~garbage?~ga" HEAD_LENGTH "abc$", 12, false },
    { "garbage behind", MALFORMED_GARBAGE_AFTER, 3, HEAD_LENGTH, "abc$", HEAD_LENGTH "abc~ga", 3,
      false },
    { "garbage behind chunks", MALFORMED_GARBAGE_AFTER, 1, HEAD_CHUNKS, "$",
      HEAD_CHUNKS "0\r\n\r\n~", 1, false },
    { "garbage behind a head alone", MALFORMED_GARBAGE_AFTER, 1, "HTTP/1.1 204 X\r\n\r\n", "$",
      "HTTP/1.1 204 X\r\n\r\n~", 1, false },
    { "nothing is behind the end of a connection", MALFORMED_GARBAGE_AFTER, 1,
      "HTTP/1.1 200 OK\r\n\r\n", "a$", "HTTP/1.1 200 OK\r\n\r\na$", 0, false },
    { "a version", MALFORMED_VERSION, 0, HEAD_LENGTH, "abc$",
      "HTTP/4.2 200 OK\r\nA: b c\r\nContent-Length: 3\r\n\r\nabc", 2, false },
    { "two lengths", MALFORMED_DUPLICATE_LENGTH, 7, HEAD_LENGTH, "abc$",
      "HTTP/1.1 200 OK\r\nA: b c\r\nContent-Length: 3\r\nContent-Length: 10\r\n\r\nabc$", 20,
      false },
    { "no length, no two", MALFORMED_DUPLICATE_LENGTH, 7, HEAD_CHUNKS, "$", HEAD_CHUNKS "0\r\n\r\n",
      0, false },
    { "a folded field", MALFORMED_FOLDED, 0, HEAD_LENGTH, "abc$",
      "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 3\r\n\r\nabc", 2, false },
    { "a folded field is added where none can be folded", MALFORMED_FOLDED, 0,
      "HTTP/1.1 204 Not a field\r\nA: b\r\nC: \r\n\r\n", "$",
      "HTTP/1.1 204 Not a field\r\nA: b\r\nC: \r\nX-Folded: one\r\n two\r\n\r\n", 21, false },
    { "bare LFs", MALFORMED_BARE_LF, 0, HEAD_CHUNKS, "a$",
      "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\r\na\r\n0\r\n\r\n", 3, false },
    { "a long head", MALFORMED_OVERSIZED_HEAD, 5, "HTTP/1.1 204 X\r\nA: b\r\n\r\n", "$",
      "HTTP/1.1 204 X\r\nA: b\r\nX-Oversized: xxxxx\r\n\r\n", 20, false },
};

static const char *written(struct kit *kit, const struct claim *claim,
                           struct malformation *malformation, bool *broken)
{
    struct head head = kit_head(kit, HEAD_RESPONSE, claim->head);
    struct writer writer = { .malformation = malformation, .trailers = true };
    struct queue in;

    queue_init(&in, &kit->pool, &kit->budget);
    writer_head(&writer, &head, text_of(NULL, 0), head.framing, head.content_length,
                text_of(NULL, 0), &kit->out, 0);
    assert_true(writer.trailers);
    kit_put(kit, &in, claim->body);
    writer_body(&writer, &in, &kit->out, 0);
    assert_true(writer.ended && queue_is_empty(&in));
    *broken = writer.broken;
    return kit_told(kit, &kit->out);
}

static void messages_are_wrong_as_asked(void **state)
{
    for (size_t i = 0; i < COUNT_OF(claims); i++) {
        const struct claim *claim = &claims[i];
        struct malformation malformation = { .kind = claim->kind, .size = claim->size };
        bool broken;
        const char *told = written(*state, claim, &malformation, &broken);

        if (strcmp(told, claim->written) != 0)
            fail_msg("%s: %s", claim->name, told);
        if (malformation.touched != claim->touched)
            fail_msg("%s: touched %d", claim->name, (int)malformation.touched);
        if (broken != claim->broken)
            fail_msg("%s: broken %d", claim->name, broken);
    }
}

static void sizes_do_not_overflow(void **state)
{
    struct kit *kit = *state;
    struct head head = { .kind = HEAD_RESPONSE, .status = 200 };
    struct malformation malformation = { .kind = MALFORMED_LENGTH_LONG, .size = 5 };
    struct writer writer = { .malformation = &malformation };

    writer_head(&writer, &head, text_of(NULL, 0), FRAMING_LENGTH, UINT64_MAX - 1, text_of(NULL, 0),
                &kit->out, 0);
    assert_string_equal(kit_told(kit, &kit->out),
                        "HTTP/1.1 200 \r\nContent-Length: 18446744073709551615\r\n\r\n");
    malformation.touched = 0;
    writer_head(&writer, &head, text_of(NULL, 0), FRAMING_LENGTH, UINT64_MAX, text_of(NULL, 0),
                &kit->out, 0);
    assert_int_equal(malformation.touched, 0);
    (void)kit_told(kit, &kit->out);
}

static void heads_of_a_megabyte_are_whole(void **state)
{
    struct kit *kit = *state;
    struct head head = { .kind = HEAD_RESPONSE, .status = 204, .bodiless = true };
    struct malformation malformation = { .kind = MALFORMED_OVERSIZED_HEAD, .size = 1024 * 1024u };
    struct writer writer = { .malformation = &malformation };
    const char *told;

    writer_head(&writer, &head, text_of(NULL, 0), FRAMING_NONE, 0, text_of(NULL, 0), &kit->out, 0);
    told = kit_told(kit, &kit->out);
    assert_int_equal(strspn(strchr(told, ':') + 2, "x"), 1024 * 1024);
    assert_int_equal(malformation.touched, 1024 * 1024 + strlen("X-Oversized: \r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_wrong_as_asked),
        cmocka_unit_test(sizes_do_not_overflow),
        cmocka_unit_test(heads_of_a_megabyte_are_whole),
    };

    return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
