/* Messages as they are written: heads with framing of our own, bodies with the bytes around them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/buffer.h"
#include "http_kit.h"

#define H " HTTP/1.1\r\nHost: h\r\n"

static const struct text none = { NULL, 0 };

struct head_claim {
    const char *name;
    const char *method; /* NULL: a request; else what the answer answers */
    const char *head;
    const char *target, *connection;
    enum framing framing;
    uint64_t length;
    const char *written;
};

static const struct head_claim heads[] = {
    { "order, letters and values stay", NULL, "GET /" H "b: 2\r\nA: \xff, x\r\nb: 1\r\n\r\n", NULL,
      NULL, FRAMING_NONE, 0, "GET /" H "b: 2\r\nA: \xff, x\r\nb: 1\r\n\r\n" },
    { "blanks around values go", NULL, "GET /" H "A:b\r\nC:\t d \r\nE: \r\nF: g\r\n\r\n", NULL,
      NULL, FRAMING_NONE, 0, "GET /" H "A: b\r\nC: d\r\nE: \r\nF: g\r\n\r\n" },
    { "the target is replaced", NULL, "GET http://h/a" H "\r\n", "/a", NULL, FRAMING_NONE, 0,
      "GET /a" H "\r\n" },
    { "a target that is a query gets its slash", NULL, "GET http://h?a" H "\r\n", "?a", NULL,
      FRAMING_NONE, 0, "GET /?a" H "\r\n" },
    { "the version is our own", NULL, "GET / HTTP/1.0\r\nHost: h\r\n\r\n", NULL, "close",
      FRAMING_NONE, 0, "GET /" H "Connection: close\r\n\r\n" },
    { "Connection is replaced", NULL, "GET /" H "Connection: x\r\nA: b\r\n\r\n", NULL, "keep-alive",
      FRAMING_NONE, 0, "GET /" H "A: b\r\nConnection: keep-alive\r\n\r\n" },
    { "a length that is the same stays in place", NULL,
      "PUT /" H "content-length: 3\r\nA: b\r\n\r\n", NULL, NULL, FRAMING_LENGTH, 3,
      "PUT /" H "content-length: 3\r\nA: b\r\n\r\n" },
    { "a length said twice is written once", NULL,
      "PUT /" H "Content-Length: 3\r\nA: b\r\nContent-Length: 3\r\n\r\n", NULL, NULL,
      FRAMING_LENGTH, 3, "PUT /" H "Content-Length: 3\r\nA: b\r\n\r\n" },
    { "another length replaces it", NULL, "PUT /" H "Content-Length: 3\r\nA: b\r\n\r\n", NULL, NULL,
      FRAMING_LENGTH, 18446744073709551615u,
      "PUT /" H "A: b\r\nContent-Length: 18446744073709551615\r\n\r\n" },
    { "chunked replaces a length", NULL, "PUT /" H "Content-Length: 3\r\n\r\n", NULL, NULL,
      FRAMING_CHUNKED, 0, "PUT /" H "Transfer-Encoding: chunked\r\n\r\n" },
    { "a length replaces chunked", NULL, "PUT /" H "Transfer-Encoding: chunked\r\n\r\n", NULL, NULL,
      FRAMING_LENGTH, 0, "PUT /" H "Content-Length: 0\r\n\r\n" },
    { "a POST without body says so", NULL, "POST /" H "\r\n", NULL, NULL, FRAMING_NONE, 0,
      "POST /" H "Content-Length: 0\r\n\r\n" },
    { "a POST that says so is let alone", NULL, "POST /" H "Content-Length: 0\r\n\r\n", NULL, NULL,
      FRAMING_NONE, 0, "POST /" H "Content-Length: 0\r\n\r\n" },
    { "a body that is taken away is not promised", NULL, "POST /" H "Content-Length: 3\r\n\r\n",
      NULL, NULL, FRAMING_NONE, 0, "POST /" H "Content-Length: 0\r\n\r\n" },
    { "a DELETE says nothing", NULL, "DELETE /" H "\r\n", NULL, NULL, FRAMING_NONE, 0,
      "DELETE /" H "\r\n" },

    { "a plain answer", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", NULL, NULL,
      FRAMING_LENGTH, 3, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" },
    { "an answer without reason gets its space", "GET", "HTTP/1.0 204\r\n\r\n", NULL, NULL,
      FRAMING_NONE, 0, "HTTP/1.1 204 \r\n\r\n" },
    { "to the end of the connection", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", NULL,
      "close", FRAMING_CLOSE, 0, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" },
    { "a tunnel has no framing", "GET", "HTTP/1.1 101 X\r\nUpgrade: y\r\n\r\n", NULL, "upgrade",
      FRAMING_TUNNEL, 0, "HTTP/1.1 101 X\r\nUpgrade: y\r\nConnection: upgrade\r\n\r\n" },
    { "an answer to HEAD keeps its length", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
      NULL, NULL, FRAMING_NONE, 0, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" },
    { "an answer to HEAD that has none gets none", "HEAD", "HTTP/1.1 200 OK\r\n\r\n", NULL, NULL,
      FRAMING_NONE, 0, "HTTP/1.1 200 OK\r\n\r\n" },
    { "an answer to HEAD tells of chunks", "HEAD",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", NULL, NULL, FRAMING_NONE, 0,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" },
    { "304 keeps its length", "GET", "HTTP/1.1 304 X\r\nContent-Length: 3\r\n\r\n", NULL, NULL,
      FRAMING_NONE, 0, "HTTP/1.1 304 X\r\nContent-Length: 3\r\n\r\n" },
    { "204 has no length", "GET", "HTTP/1.1 204 X\r\nContent-Length: 3\r\n\r\n", NULL, NULL,
      FRAMING_NONE, 0, "HTTP/1.1 204 X\r\n\r\n" },
    { "103 has no length", "GET", "HTTP/1.1 103 X\r\nContent-Length: 3\r\n\r\n", NULL, NULL,
      FRAMING_NONE, 0, "HTTP/1.1 103 X\r\n\r\n" },
    { "an answer that could have a body says that it has none", "GET", "HTTP/1.1 200 OK\r\n\r\n",
      NULL, NULL, FRAMING_NONE, 0, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
};

static void heads_are_written_with_our_framing(void **state)
{
    struct kit *kit = *state;

    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        const struct head_claim *claim = &heads[i];
        struct head_read read = kit_read_head(kit, claim->method ? HEAD_RESPONSE : HEAD_REQUEST,
                                              text_from(claim->method), text_from(claim->head));
        struct writer writer = { 0 };
        const char *told;

        if (read.result != READ_DONE)
            fail_msg("%s: %s", claim->name, read.complaint);
        writer_head(&writer, &read.head, text_from(claim->target), claim->framing, claim->length,
                    text_from(claim->connection), &kit->out, 0);
        told = kit_told(kit, &kit->out);
        if (strcmp(told, claim->written) != 0)
            fail_msg("%s: %s", claim->name, told);
    }
}

static const char *written(struct kit *kit, const struct head *head)
{
    struct writer writer = { 0 };

    writer_head(&writer, head, none, head->framing, head->content_length, none, &kit->out, 0);
    return kit_told(kit, &kit->out);
}

static void what_was_changed_is_written_as_changed(void **state)
{
    struct kit *kit = *state;
    struct head head =
        kit_head(kit, HEAD_REQUEST, "GET /" H "A: one\r\nB: two\r\nC: three\r\nD: four\r\n\r\n");

    head.fields[1].value = BYTES("1");
    head.fields[2].value.length = 2;
    head.fields[3].removed = true;
    head_add(&head, &kit->arena, BYTES("E"), BYTES("5"));
    head.fields[4].name = BYTES("d");
    assert_string_equal(written(kit, &head), "GET /" H "A: 1\r\nB: tw\r\nd: four\r\nE: 5\r\n\r\n");
}

static void long_heads_are_written_whole(void **state)
{
    struct kit *kit = *state;
    struct buffer value = { 0 }, wanted = { 0 };
    struct head head = { .kind = HEAD_RESPONSE, .status = 204, .bodiless = true };

    buffer_add_string(&wanted, "HTTP/1.1 204 \r\n");
    for (size_t size = 1; size < 60000; size *= 3) {
        while (value.length < size)
            buffer_add_byte(&value, 'v');
        head_add(&head, &kit->arena, BYTES("N"), arena_copy(&kit->arena, buffer_text(&value)));
        buffer_format(&wanted, "N: %s\r\n", value.at);
    }
    buffer_add_string(&wanted, "\r\n");
    assert_string_equal(written(kit, &head), wanted.at);
    buffer_free(&value);
    buffer_free(&wanted);
}

static void a_made_up_answer_says_how_long_its_body_would_be(void **state)
{
    struct kit *kit = *state;
    struct head head = { .kind = HEAD_RESPONSE, .status = 503, .content_length = 17 };

    assert_string_equal(written(kit, &head), "HTTP/1.1 503 \r\nContent-Length: 17\r\n\r\n");
    head.bodiless = true;
    assert_string_equal(written(kit, &head), "HTTP/1.1 503 \r\n\r\n");
}

struct body_claim {
    const char *name;
    enum framing framing;
    uint64_t length;
    const char *in, *out; /* as kit_told has it */
    bool ended, broken, trailers;
};

static const struct body_claim bodies[] = {
    { "a length", FRAMING_LENGTH, 3, "abc$", "abc", .ended = true },
    { "a length of 0", FRAMING_LENGTH, 0, "$", "", .ended = true },
    { "not all yet", FRAMING_LENGTH, 3, "ab", "ab" },
    { "too few", FRAMING_LENGTH, 3, "ab$", "ab#", .ended = true, .broken = true },
    { "too many", FRAMING_LENGTH, 3, "abcd$", "abc", .ended = true, .broken = true },
    { "too many, later", FRAMING_LENGTH, 3, "abc^de$", "abc^", .ended = true, .broken = true },
    { "boundaries stay", FRAMING_LENGTH, 3, "a^bc$", "a^bc", .ended = true },
    { "what follows the end is thrown away", FRAMING_LENGTH, 3, "abc$def", "abc", .ended = true },
    { "cut", FRAMING_LENGTH, 3, "ab#", "ab#", .ended = true, .broken = true },
    { "cut behind the last byte", FRAMING_LENGTH, 3, "abc#", "abc#", .ended = true,
      .broken = true },
    { "reset", FRAMING_LENGTH, 3, "ab@", "ab@", .ended = true, .broken = true },
    { "a chunk", FRAMING_CHUNKED, 0, "abc$", "3\r\nabc\r\n0\r\n\r\n", .ended = true },
    { "sizes are hexadecimal", FRAMING_CHUNKED, 0, "0123456789abcdefXYZ$",
      "13\r\n0123456789abcdefXYZ\r\n0\r\n\r\n", .ended = true },
    { "no chunk", FRAMING_CHUNKED, 0, "$", "0\r\n\r\n", .ended = true },
    { "a boundary parts chunks", FRAMING_CHUNKED, 0, "ab^c$", "2\r\nab\r\n^1\r\nc\r\n0\r\n\r\n",
      .ended = true },
    { "a cut body has no end", FRAMING_CHUNKED, 0, "abc#", "3\r\nabc\r\n#", .ended = true,
      .broken = true },
    { "a reset body has no end", FRAMING_CHUNKED, 0, "abc@", "3\r\nabc\r\n@", .ended = true,
      .broken = true },
    { "trailers", FRAMING_CHUNKED, 0, "a<B: c\r\n>$", "1\r\na\r\n0\r\nB: c\r\n\r\n", .ended = true,
      .trailers = true },
    { "trailers alone", FRAMING_CHUNKED, 0, "<B: c\r\n>$", "0\r\nB: c\r\n\r\n", .ended = true,
      .trailers = true },
    { "trailers that nobody wants", FRAMING_CHUNKED, 0, "a<B: c\r\n>$", "1\r\na\r\n0\r\n\r\n",
      .ended = true },
    { "trailers that cannot be said", FRAMING_LENGTH, 1, "a<B: c\r\n>$", "a", .ended = true,
      .trailers = true },
    { "bytes behind trailers", FRAMING_CHUNKED, 0, "<B: c\r\n>a$", "0\r\nB: c\r\n\r\n",
      .ended = true, .broken = true, .trailers = true },
    { "to the end of the connection", FRAMING_CLOSE, 0, "abc$", "abc$", .ended = true },
    { "cut, to the end of the connection", FRAMING_CLOSE, 0, "abc#", "abc#", .ended = true,
      .broken = true },
    { "a tunnel", FRAMING_TUNNEL, 0, "abc$", "abc$", .ended = true },
    { "no body", FRAMING_NONE, 0, "$", "", .ended = true },
    { "a body that is not to be", FRAMING_NONE, 0, "abc$", "", .ended = true },
};

static void put_step(struct kit *kit, struct queue *in, const char **told, size_t step)
{
    char piece[128];
    size_t length = strnlen(*told, step);

    /* A trailer section comes whole. */
    if (**told == '<')
        length = (size_t)(strchr(*told, '>') - *told) + 1;
    else if (memchr(*told, '<', length))
        length = (size_t)(strchr(*told, '<') - *told);
    assert_true(length < sizeof(piece));
    memcpy(piece, *told, length);
    piece[length] = '\0';
    kit_put(kit, in, piece);
    *told += length;
}

static void check_body(struct kit *kit, const struct body_claim *claim, size_t step)
{
    struct writer writer = { .framing = claim->framing,
                             .left = claim->length,
                             .trailers = claim->trailers };
    const char *told = claim->in;
    struct queue in;

    queue_init(&in, &kit->pool, &kit->budget);
    while (*told) {
        put_step(kit, &in, &told, step);
        writer_body(&writer, &in, &kit->out, 0);
        assert_true(queue_is_empty(&in));
    }
    if (step > strlen(claim->in) || claim->framing != FRAMING_CHUNKED) {
        const char *out = kit_told(kit, &kit->out);

        if (strcmp(out, claim->out) != 0)
            fail_msg("%s, in steps of %zu: %s", claim->name, step, out);
    }
    if (writer.ended != claim->ended || writer.broken != claim->broken)
        fail_msg("%s: ended %d, broken %d", claim->name, writer.ended, writer.broken);
    kit_told(kit, &kit->out);
}

static void bodies_are_written_with_our_framing(void **state)
{
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        for (size_t step = 1; step <= 64; step++)
            check_body(*state, &bodies[i], step);
    }
}

static void put_pipe(struct kit *kit, struct queue *queue, size_t length)
{
    struct chunk *chunk = chunk_new(&kit->pool, CHUNK_PIPE);

    chunk->pipe = pipe_take(&kit->pool);
    assert_non_null(chunk->pipe);
    chunk->length = length;
    chunk->part = PART_BODY;
    queue_put(queue, chunk, 0);
}

static void pipes_are_framed_like_bytes(void **state)
{
    struct kit *kit = *state;
    struct writer writer = { .framing = FRAMING_CHUNKED };
    struct queue in;

    queue_init(&in, &kit->pool, &kit->budget);
    kit_put(kit, &in, "ab");
    put_pipe(kit, &in, 254);
    kit_put(kit, &in, "$");
    writer_body(&writer, &in, &kit->out, 0);
    assert_string_equal(kit_told(kit, &kit->out), "100\r\nab(254)\r\n0\r\n\r\n");
    assert_int_equal(writer.body_bytes, 256);

    writer = (struct writer){ .framing = FRAMING_LENGTH, .left = 10 };
    put_pipe(kit, &in, 10);
    kit_put(kit, &in, "$");
    writer_body(&writer, &in, &kit->out, 0);
    assert_string_equal(kit_told(kit, &kit->out), "(10)");
    assert_false(writer.broken);
}

static void a_pipe_with_too_much_cuts_the_message(void **state)
{
    struct kit *kit = *state;
    struct writer writer = { .framing = FRAMING_LENGTH, .left = 10 };
    struct queue in;

    queue_init(&in, &kit->pool, &kit->budget);
    put_pipe(kit, &in, 11);
    kit_put(kit, &in, "$");
    writer_body(&writer, &in, &kit->out, 0);
    assert_string_equal(kit_told(kit, &kit->out), "#");
    assert_true(writer.broken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_written_with_our_framing),
        cmocka_unit_test(what_was_changed_is_written_as_changed),
        cmocka_unit_test(long_heads_are_written_whole),
        cmocka_unit_test(a_made_up_answer_says_how_long_its_body_would_be),
        cmocka_unit_test(bodies_are_written_with_our_framing),
        cmocka_unit_test(pipes_are_framed_like_bytes),
        cmocka_unit_test(a_pipe_with_too_much_cuts_the_message),
    };

    return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
