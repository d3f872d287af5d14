/* The second opinion: http-parser reads what our check lets through, and sees where a head says
 * something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "http/h1.h"
#include "http_kit.h"

/* A head whose texts lie in the bytes that it was read from. */
struct sample {
    struct text bytes;
    struct head head;
};

static struct sample sample(struct kit *kit, enum head_kind kind, const char *string)
{
    struct sample sample = { .head = kit_head(kit, kind, string) };
    const char *start = kind == HEAD_REQUEST ? sample.head.method.at : sample.head.reason.at - 13;

    sample.bytes = text_of(start, strlen(string));
    assert_memory_equal(start, string, strlen(string));
    return sample;
}

static const char post[] = "POST /a?b HTTP/1.1\r\nHost: h\r\nA:  b \r\nContent-Length: 5\r\n\r\n";
static const char chunked[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX:\r\n\r\n";

static const char websocket[] = "GET / HTTP/1.1\r\nHost: h\r\n"
                                "Connection: keep-alive, upgrade\r\nUpgrade: websocket\r\n\r\n";

static void the_parser_reads_what_we_read(void **state)
{
    static const char *const requests[] = {
        post,
        "GET / HTTP/1.0\r\n\r\n",
        "BREW / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \tchunked \r\n\r\n",
        "get /%7c|{} HTTP/1.1\r\nHost: h\r\n\r\n",
        "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n",
        "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET http://h:80?q HTTP/1.1\r\nHost: h\r\n\r\n",
        websocket,
    };
    static const char *const answers[] = {
        chunked,
        "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n",
        "HTTP/1.0 304 Not\tModified \xff\r\nContent-Length: 3\r\n\r\n",
        "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    };

    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        struct sample it = sample(*state, HEAD_REQUEST, requests[i]);

        if (!h1_agrees(it.bytes, &it.head))
            fail_msg("%s", requests[i]);
    }
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        struct sample it = sample(*state, HEAD_RESPONSE, answers[i]);

        if (!h1_agrees(it.bytes, &it.head))
            fail_msg("%s", answers[i]);
    }
}

static void change_target(struct head *head)
{
    head->target.length--;
}

static void change_version(struct head *head)
{
    head->minor = 0;
}

static void change_name(struct head *head)
{
    head->fields[1].name.length++;
}

static void change_value(struct head *head)
{
    head->fields[1].value.length--;
}

static void move_value(struct head *head)
{
    head->fields[1].value.at--;
}

static void lose_field(struct head *head)
{
    head->count--;
}

static void invent_field(struct head *head)
{
    head->fields[head->count++] = head->fields[0];
}

static void change_length(struct head *head)
{
    head->content_length++;
}

static void each_difference_in_a_request_is_seen(void **state)
{
    static void (*const changes[])(struct head *) = { change_target, change_version, change_name,
                                                      change_value,  move_value,     lose_field,
                                                      invent_field,  change_length };

    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        struct sample it = sample(*state, HEAD_REQUEST, post);

        changes[i](&it.head);
        if (h1_agrees(it.bytes, &it.head))
            fail_msg("change %zu is not seen", i);
    }
}

static void each_difference_in_an_answer_is_seen(void **state)
{
    struct sample it = sample(*state, HEAD_RESPONSE, chunked);

    it.head.status = 201;
    assert_false(h1_agrees(it.bytes, &it.head));
    it = sample(*state, HEAD_RESPONSE, chunked);
    it.head.reason.length = 1;
    assert_false(h1_agrees(it.bytes, &it.head));
    it = sample(*state, HEAD_RESPONSE, chunked);
    it.head.first[HEAD_TRANSFER_ENCODING] = 0;
    assert_false(h1_agrees(it.bytes, &it.head));
}

static void bytes_that_are_no_whole_head_disagree(void **state)
{
    struct sample it = sample(*state, HEAD_REQUEST, post);

    for (size_t length = 0; length < it.bytes.length; length++)
        assert_false(h1_agrees(text_of(it.bytes.at, length), &it.head));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parser_reads_what_we_read),
        cmocka_unit_test(each_difference_in_a_request_is_seen),
        cmocka_unit_test(each_difference_in_an_answer_is_seen),
        cmocka_unit_test(bytes_that_are_no_whole_head_disagree),
    };

    return cmocka_run_group_tests(tests, kit_set_up, kit_tear_down);
}
