/* log_read: claims about lines, cut at every byte, and about events written and read back. */
#include "observe/log_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/attributes.h"

/* A file with these bytes, already unlinked; opened by its descriptor's name. */
static struct log_reader *reader_of(struct text bytes)
{
    char path[] = "/tmp/panne-log-XXXXXX";
    struct buffer complaint = { 0 };
    struct log_reader *reader;
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.at, bytes.length), (ssize_t)bytes.length);
    close(fd);
    reader = log_reader_open(path, &complaint);
    assert_non_null(reader);
    unlink(path);
    return reader;
}

static struct event_request some_request(void)
{
    return (struct event_request){ .exchange = 17,
                                   .client = text_from("10.0.0.1"),
                                   .phase = text_from("down"),
                                   .decided = 1234567,
                                   .timeline = 7654321,
                                   .ordinal = UINT32_MAX,
                                   .path = text_from("/a\"b\\\xc3\xa9"),
                                   .injected = NEVER,
                                   .lasted = 1001,
                                   .reused = true };
}

static void what_is_written_is_read(void **state)
{
    const struct event_request request = some_request();
    const struct event_fault fault = {
        .exchange = 17, .draw = 0.1234567890123456789, .share = 1.0 / 3, .asked = NEVER
    };
    struct buffer out = { 0 }, complaint = { 0 };
    struct log_reader *reader;
    struct log_line line;

    (void)state;
    event_write(EVENT_request, &request, 4, -5, &out);
    buffer_add_string(&out, "\n  \n");
    event_write(EVENT_fault, &fault, 5, 0, &out); /* without an end of line */
    reader = reader_of(buffer_text(&out));
    assert_int_equal(log_read(reader, &line, &complaint), LOG_LINE);
    assert_int_equal(line.kind, EVENT_request);
    assert_int_equal(line.number, 1);
    assert_int_equal(line.sequence, 4);
    assert_int_equal(line.time, -5);
    assert_int_equal(line.event.request.exchange, 17);
    assert_int_equal(line.event.request.decided, 1234567);
    assert_int_equal(line.event.request.timeline, 7654321);
    assert_int_equal(line.event.request.ordinal, UINT32_MAX);
    assert_int_equal(line.event.request.lasted, 1001);
    assert_true(line.event.request.injected == NEVER);
    assert_true(line.event.request.reused);
    assert_true(text_is(line.event.request.path, "/a\"b\\\xc3\xa9"));
    assert_true(text_is_empty(line.event.request.service));
    assert_int_equal(log_read(reader, &line, &complaint), LOG_LINE);
    assert_int_equal(line.number, 3);
    assert_true(line.event.fault.draw >= fault.draw && line.event.fault.draw <= fault.draw);
    assert_true(line.event.fault.share >= fault.share && line.event.fault.share <= fault.share);
    assert_int_equal(log_read(reader, &line, &complaint), LOG_END);
    log_reader_close(reader);
    buffer_free(&out);
}

static void cut_anywhere_it_is_cut_and_nothing_worse(void **state)
{
    const struct event_request request = some_request();
    struct buffer out = { 0 }, complaint = { 0 };
    struct log_line line;

    (void)state;
    event_write(EVENT_request, &request, 4, -5, &out);
    for (size_t length = 0; length < out.length; length++) {
        struct log_reader *reader = reader_of(text_of(out.at, length));

        assert_int_equal(log_read(reader, &line, &complaint), length == 0 ? LOG_END : LOG_CUT);
        log_reader_close(reader);
    }
    buffer_free(&out);
}

static void what_is_wrong_is_said_with_its_line(void **state)
{
    static const struct {
        const char *text, *said;
    } rows[] = {
        { "[]\n", "line 1: no object with an \"event\"" },
        { "{\"event\":\"end\",\"seq\":0,\"seq\":1}\n", "line 1: not JSON: duplicate" },
        { "\n\nnot\n", "line 3: not JSON: " },
        { "{\"event\":\"end\",\"seq\":1.5}\n", "line 1: \"seq\" wants a whole number" },
        { "{\"event\":\"end\",\"time\":\"x\"}\n", "line 1: \"time\" wants a number of seconds" },
        { "{\"event\":\"end\",\"time\":1e300}\n", "line 1: \"time\" wants a number of seconds" },
        { "{\"event\":\"request\",\"lasted_ms\":[]}\n",
          "line 1: \"lasted_ms\" wants a number of milliseconds" },
        { "{\"event\":\"request\",\"reused\":1}\n", "line 1: \"reused\" wants true or false" },
        { "{\"event\":\"request\",\"path\":null}\n", "line 1: \"path\" wants a text" },
        { "{\"event\":\"fault\",\"draw\":\"\"}\n", "line 1: \"draw\" wants a number" },
        { "{\"event\":\"end\",\"why\":\"\xff\"}\n", "line 1: not JSON: " },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct log_reader *reader = reader_of(text_from(rows[i].text));
        struct buffer complaint = { 0 };
        struct log_line line;

        assert_int_equal(log_read(reader, &line, &complaint), LOG_BROKEN);
        assert_memory_equal(complaint.at, rows[i].said, strlen(rows[i].said));
        log_reader_close(reader);
        buffer_free(&complaint);
    }
}

static void an_event_of_tomorrow_is_strange_and_has_its_number(void **state)
{
    struct log_reader *reader =
        reader_of(text_from("{\"event\":\"tomorrow\",\"seq\":7,\"x\":{}}\n"));
    struct buffer complaint = { 0 };
    struct log_line line;

    (void)state;
    assert_int_equal(log_read(reader, &line, &complaint), LOG_STRANGE);
    assert_int_equal(line.sequence, 7);
    log_reader_close(reader);
}

/* A line is as long as the limit lets it, or longer. */
static void long_lines_have_a_bound(void **state)
{
    static const struct {
        size_t length;
        enum log_found found;
    } rows[] = { { LOG_LINE_MOST - 1, LOG_LINE }, { LOG_LINE_MOST + (1 << 20), LOG_BROKEN } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer bytes = { 0 }, complaint = { 0 };
        struct log_reader *reader;
        struct log_line line;

        buffer_add_string(&bytes, "{\"event\":\"end\",\"why\":\"");
        while (bytes.length < rows[i].length - 3)
            buffer_add_byte(&bytes, 'x');
        buffer_add_string(&bytes, "\"}\n");
        reader = reader_of(buffer_text(&bytes));
        assert_int_equal(log_read(reader, &line, &complaint), rows[i].found);
        log_reader_close(reader);
        buffer_free(&complaint);
        buffer_free(&bytes);
    }
}

/* Bytes that go in and out of the file behind what has been read of it. */
static void a_file_may_change_while_it_is_read(void **state)
{
    static const struct {
        off_t length; /* that it gets when its first line has been read; 0: three times its own */
        enum log_found found;
    } rows[] = { { 0, LOG_END }, { (1 << 20) + 5, LOG_CUT }, { 1, LOG_CUT } };
    static const struct text text = TEXT("{\"event\":\"end\",\"seq\":0,\"time\":0.000000}\n");
    struct buffer bytes = { 0 };

    (void)state;
    while (bytes.length < 2 << 20)
        buffer_add_text(&bytes, text);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char path[] = "/tmp/panne-log-XXXXXX";
        struct buffer complaint = { 0 };
        struct log_reader *reader;
        enum log_found found;
        struct log_line line;
        int fd = mkstemp(path);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, bytes.at, bytes.length), (ssize_t)bytes.length);
        reader = log_reader_open(path, &complaint);
        unlink(path);
        assert_int_equal(log_read(reader, &line, &complaint), LOG_LINE);
        for (int times = 0; rows[i].length == 0 && times < 2; times++)
            assert_int_equal(write(fd, bytes.at, bytes.length), (ssize_t)bytes.length);
        assert_int_equal(rows[i].length > 0 ? ftruncate(fd, rows[i].length) : 0, 0);
        do
            found = log_read(reader, &line, &complaint);
        while (found == LOG_LINE);
        assert_int_equal(found, rows[i].found);
        assert_true(rows[i].length > 0 || line.number == 3 * bytes.length / text.length);
        log_reader_close(reader);
        close(fd);
    }
    buffer_free(&bytes);
}

static void a_file_that_is_not_there(void **state)
{
    struct buffer complaint = { 0 };

    (void)state;
    assert_null(log_reader_open("/nowhere/log", &complaint));
    assert_string_equal(complaint.at, "/nowhere/log cannot be read: No such file or directory");
    buffer_free(&complaint);
}

static void a_folder_is_no_log(void **state)
{
    struct buffer complaint = { 0 };
    struct log_reader *reader = log_reader_open("/", &complaint);
    struct log_line line;

    (void)state;
    assert_int_equal(log_read(reader, &line, &complaint), LOG_BROKEN);
    assert_non_null(strstr(complaint.at, "it cannot be read: Is a directory"));
    log_reader_close(reader);
    buffer_free(&complaint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(cut_anywhere_it_is_cut_and_nothing_worse),
        cmocka_unit_test(what_is_wrong_is_said_with_its_line),
        cmocka_unit_test(an_event_of_tomorrow_is_strange_and_has_its_number),
        cmocka_unit_test(long_lines_have_a_bound),
        cmocka_unit_test(a_file_may_change_while_it_is_read),
        cmocka_unit_test(a_file_that_is_not_there),
        cmocka_unit_test(a_folder_is_no_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
