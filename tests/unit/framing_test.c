/* What a head says of its body and its connection, and the limits of heads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "base/buffer.h"
#include "http_kit.h"

#define R " HTTP/1.1\r\nHost: h\r\n"
#define E "\r\n"
#define ANSWER "HTTP/1.1 200 OK\r\n"

struct claim {
    const char *name;
    const char *method; /* NULL: a request; else what the answer answers */
    const char *bytes;
    enum framing framing;
    uint64_t length;
    bool keep_alive, bodiless, upgrade, expects;
};

static const struct claim claims[] = {
    { "a request without framing has no body", NULL, "POST /" R E, FRAMING_NONE,
      .keep_alive = true },
    { "length 0", NULL, "GET /" R "Content-Length: 0\r\n" E, FRAMING_LENGTH, .keep_alive = true },
    { "the largest length", NULL, "PUT /" R "Content-Length: 9223372036854775807\r\n" E,
      FRAMING_LENGTH, INT64_MAX, .keep_alive = true },
    { "leading zeros", NULL, "PUT /" R "Content-Length: 007\r\n" E, FRAMING_LENGTH, 7,
      .keep_alive = true },
    { "chunked", NULL, "PUT /" R "Transfer-Encoding: Chunked\r\n" E, FRAMING_CHUNKED,
      .keep_alive = true },
    { "close", NULL, "GET /" R "Connection: foo, Close\r\n" E, FRAMING_NONE },
    { "close beats keep-alive", NULL, "GET /" R "Connection: keep-alive\r\nConnection: close\r\n" E,
      FRAMING_NONE },
    { "1.0 closes", NULL, "GET / HTTP/1.0\r\n" E, FRAMING_NONE },
    { "1.0 keeps alive on demand", NULL, "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n" E,
      FRAMING_NONE, .keep_alive = true },
    { "expectation", NULL, "PUT /" R "Expect: 100-Continue\r\nContent-Length: 1\r\n" E,
      FRAMING_LENGTH, 1, .keep_alive = true, .expects = true },
    { "no expectation in 1.0", NULL, "PUT / HTTP/1.0\r\nExpect: 100-continue\r\n" E, FRAMING_NONE },
    { "upgrade", NULL, "GET /" R "Connection: upgrade\r\nUpgrade: websocket\r\n" E, FRAMING_NONE,
      .keep_alive = true, .upgrade = true },
    { "Upgrade that Connection does not name", NULL, "GET /" R "Upgrade: websocket\r\n" E,
      FRAMING_NONE, .keep_alive = true },
    { "Connection that names no Upgrade", NULL, "GET /" R "Connection: upgrade\r\n" E, FRAMING_NONE,
      .keep_alive = true },
    { "h2c is no upgrade", NULL, "GET /" R "Connection: upgrade\r\nUpgrade: h2c\r\n" E,
      FRAMING_NONE, .keep_alive = true },
    { "no upgrade in 1.0", NULL,
      "GET / HTTP/1.0\r\nConnection: upgrade, keep-alive\r\nUpgrade: websocket\r\n" E, FRAMING_NONE,
      .keep_alive = true },

    { "an answer without framing ends with the connection", "GET", ANSWER E, FRAMING_CLOSE },
    { "an answer's length", "GET", ANSWER "Content-Length: 3\r\n" E, FRAMING_LENGTH, 3,
      .keep_alive = true },
    { "a chunked answer", "GET", ANSWER "Transfer-Encoding: chunked\r\n" E, FRAMING_CHUNKED,
      .keep_alive = true },
    { "an answer to HEAD", "HEAD", ANSWER "Content-Length: 3\r\n" E, FRAMING_NONE, 3,
      .keep_alive = true, .bodiless = true },
    { "a chunked answer to HEAD", "HEAD", ANSWER "Transfer-Encoding: chunked\r\n" E, FRAMING_NONE,
      .keep_alive = true, .bodiless = true },
    { "methods have their letters", "head", ANSWER "Content-Length: 3\r\n" E, FRAMING_LENGTH, 3,
      .keep_alive = true },
    { "304", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n" E, FRAMING_NONE, 3,
      .keep_alive = true, .bodiless = true },
    { "204", "GET", "HTTP/1.1 204 No Content\r\n" E, FRAMING_NONE, .keep_alive = true,
      .bodiless = true },
    { "103", "GET", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n" E, FRAMING_NONE,
      .keep_alive = true, .bodiless = true },
    { "101", "GET", "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n" E,
      FRAMING_TUNNEL, .upgrade = true },
    { "CONNECT opens a tunnel", "CONNECT", ANSWER "Transfer-Encoding: chunked\r\n" E,
      FRAMING_TUNNEL },
    { "CONNECT refused", "CONNECT", "HTTP/1.1 403 No\r\nContent-Length: 3\r\n" E, FRAMING_LENGTH, 3,
      .keep_alive = true },
    { "a 1.0 answer", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n" E, FRAMING_LENGTH, 3 },
};

static void check_claim(struct kit *kit, const struct claim *claim)
{
    enum head_kind kind = claim->method ? HEAD_RESPONSE : HEAD_REQUEST;
    struct head_read read =
        kit_read_head(kit, kind, text_from(claim->method), text_from(claim->bytes));
    const struct head *head = &read.head;

    if (read.result != READ_DONE)
        fail_msg("%s: %u %s", claim->name, read.status, read.complaint);
    if (head->framing != claim->framing || head->content_length != claim->length)
        fail_msg("%s: framing %d, length %llu", claim->name, (int)head->framing,
                 (unsigned long long)head->content_length);
    if (head->keep_alive != claim->keep_alive || head->bodiless != claim->bodiless ||
        head->upgrade != claim->upgrade || head->expects_continue != claim->expects)
        fail_msg("%s: keep alive %d, bodiless %d, upgrade %d, expects %d", claim->name,
                 head->keep_alive, head->bodiless, head->upgrade, head->expects_continue);
}

static void heads_say_how_the_message_ends(void **state)
{
    for (size_t i = 0; i < COUNT_OF(claims); i++)
        check_claim(*state, &claims[i]);
}

static void a_head_is_taken_apart_in_order(void **state)
{
    struct head head =
        kit_head(*state, HEAD_REQUEST,
                 "GET /a?b=c HTTP/1.0\r\nhOsT: \t h:1 \t\r\nX:y\r\nX: \r\nx:  1 2 \r\n\r\n");

    assert_true(text_is(head.method, "GET"));
    assert_true(text_is(head.target, "/a?b=c"));
    assert_int_equal(head.major, 1);
    assert_int_equal(head.minor, 0);
    assert_int_equal(head.count, 4);
    assert_true(text_is(head.fields[0].name, "hOsT"));
    assert_true(text_is(head.fields[0].value, "h:1"));
    assert_true(text_is(head.fields[1].value, "y"));
    assert_true(text_is(head.fields[2].value, ""));
    assert_true(text_is(head.fields[3].name, "x"));
    assert_true(text_is(head.fields[3].value, "1 2"));
}

static void a_status_line_is_taken_apart(void **state)
{
    struct head head = kit_head(*state, HEAD_RESPONSE, "HTTP/1.1 404 Not Found\r\n\r\n");

    assert_int_equal(head.status, 404);
    assert_true(text_is(head.reason, "Not Found"));
    head = kit_head(*state, HEAD_RESPONSE, "HTTP/1.1 404\r\n\r\n");
    assert_true(text_is_empty(head.reason));
}

static void identical_lengths_leave_one_field(void **state)
{
    struct head head =
        kit_head(*state, HEAD_RESPONSE,
                 ANSWER "A: 1\r\nContent-Length: 5\r\nContent-Length: 5\r\nB: 2\r\n\r\n");

    assert_int_equal(head.count, 3);
    assert_int_equal(head.content_length, 5);
    assert_true(text_is(head.fields[2].name, "B"));
}

/* A request of `size` bytes, by a field of that length; from 100 bytes on. */
static struct text sized(struct buffer *buffer, size_t size)
{
    buffer_clear(buffer);
    buffer_add_string(buffer, "GET /" R "A: ");
    while (buffer->length < size - 4)
        buffer_add_byte(buffer, 'a');
    buffer_add_string(buffer, "\r\n\r\n");
    return buffer_text(buffer);
}

static void a_head_may_have_32_KiB_and_no_more(void **state)
{
    struct kit *kit = *state;
    struct buffer buffer = { 0 };
    struct head_read read = kit_read_head(kit, HEAD_REQUEST, BYTES(""), sized(&buffer, 32768));

    assert_int_equal(read.result, READ_DONE);
    for (size_t step = 1; step < 40000; step = step * 3 + 1000) {
        read = kit_read_head_in_steps(kit, HEAD_REQUEST, BYTES(""), sized(&buffer, 32769), step);
        assert_int_equal(read.result, READ_WRONG);
        assert_int_equal(read.status, 431);
    }
    read = kit_read_head(kit, HEAD_REQUEST, BYTES(""), text_of(buffer.at, 32767));
    assert_int_equal(read.result, READ_MORE);
    read = kit_read_head(kit, HEAD_REQUEST, BYTES(""), text_of(buffer.at, 32768));
    assert_int_equal(read.status, 431);
    buffer_free(&buffer);
}

static void a_head_of_an_answer_that_is_too_large_is_502(void **state)
{
    struct kit *kit = *state;
    struct buffer buffer = { 0 };

    buffer_add_string(&buffer, ANSWER "A: ");
    while (buffer.length < 32768)
        buffer_add_byte(&buffer, 'a');
    assert_int_equal(kit_read_head(kit, HEAD_RESPONSE, BYTES("GET"), buffer_text(&buffer)).status,
                     502);
    buffer_free(&buffer);
}

static struct head_read read_with_target(struct kit *kit, size_t length, bool whole)
{
    struct buffer buffer = { 0 };
    struct head_read read;

    buffer_add_string(&buffer, "GET ");
    while (buffer.length < 4 + length)
        buffer_add_byte(&buffer, '/');
    if (whole)
        buffer_add_string(&buffer, R "\r\n");
    read = kit_read_head(kit, HEAD_REQUEST, BYTES(""), buffer_text(&buffer));
    buffer_free(&buffer);
    return read;
}

static void a_target_may_have_16_KiB_and_no_more(void **state)
{
    assert_int_equal(read_with_target(*state, 16384, true).result, READ_DONE);
    assert_int_equal(read_with_target(*state, 16385, true).status, 414);
    assert_int_equal(read_with_target(*state, 16384, false).result, READ_MORE);
    assert_int_equal(read_with_target(*state, 16385, false).status, 414);
    assert_int_equal(read_with_target(*state, 40000, false).status, 414);
}

static struct head_read read_with_fields(struct kit *kit, size_t count)
{
    struct buffer buffer = { 0 };
    struct head_read read;

    buffer_add_string(&buffer, "GET /" R);
    for (size_t i = 1; i < count; i++)
        buffer_format(&buffer, "F%zu: v\r\n", i);
    buffer_add_string(&buffer, "\r\n");
    read = kit_read_head(kit, HEAD_REQUEST, BYTES(""), buffer_text(&buffer));
    buffer_free(&buffer);
    return read;
}

static void a_head_may_have_100_fields_and_no_more(void **state)
{
    struct kit *kit = *state;

    assert_int_equal(read_with_fields(kit, 100).head.count, 100);
    assert_int_equal(read_with_fields(kit, 101).status, 431);
    kit->limits.field_count = 100000;
    assert_int_equal(read_with_fields(kit, 256).head.count, 256);
    assert_int_equal(read_with_fields(kit, 257).status, 431);
    kit->limits.field_count = 100;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_say_how_the_message_ends),
        cmocka_unit_test(a_head_is_taken_apart_in_order),
        cmocka_unit_test(a_status_line_is_taken_apart),
        cmocka_unit_test(identical_lengths_leave_one_field),
        cmocka_unit_test(a_head_may_have_32_KiB_and_no_more),
        cmocka_unit_test(a_head_of_an_answer_that_is_too_large_is_502),
        cmocka_unit_test(a_target_may_have_16_KiB_and_no_more),
        cmocka_unit_test(a_head_may_have_100_fields_and_no_more),
    };

    return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
