/* witness_test: a witness is told what a reader of the log reads, in that order, and nothing else.
 */
#include "observe/witness.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "observe/log_read.h"
#include "recorder_bench.h"

/* What was told, as lines. */
struct memory {
    struct buffer lines;
    uint64_t count, ends;
    bool inside;
    pthread_t thread;
};

static void remember(void *user, enum event_kind kind, const void *event, usec time)
{
    struct memory *memory = user;

    assert_false(memory->inside);
    memory->inside = true;
    event_write(kind, event, memory->count++, time, &memory->lines);
    buffer_add_byte(&memory->lines, '\n');
    memory->ends += kind == EVENT_end;
    memory->thread = pthread_self();
    memory->inside = false;
}

/* Written anew from what log_read makes of the lines. */
static struct buffer read_back(const char *path)
{
    struct buffer lines = { 0 }, complaint = { 0 };
    struct log_reader *reader = log_reader_open(path, &complaint);
    struct log_line line;
    uint64_t count = 0;
    enum log_found found;

    assert_non_null(reader);
    while ((found = log_read(reader, &line, &complaint)) == LOG_LINE) {
        event_write(line.kind, &line.event, count++, line.time, &lines);
        buffer_add_byte(&lines, '\n');
    }
    assert_int_equal(found, LOG_END);
    log_reader_close(reader);
    buffer_free(&complaint);
    return lines;
}

static struct event_request strange_request(struct text path)
{
    return (struct event_request){
        .exchange = 3,
        .client = TEXT("127.0.0.1"),
        .method = TEXT("GET"),
        .host = TEXT("caf\xc3\xa9.test"),
        .path = path,
        .agent = TEXT("\xff\xfe\xe2\x82"),
        .detail = TEXT("\"\t\\\x7f"),
        .matched = TEXT("12345678\x80"),
        .print = 0x123456789abcdef0,
        .attempt = 2,
        .injected = NEVER,
        .measured = NEVER,
        .first_byte = NEVER,
        .client_ended = NEVER,
        .retry_after = 1500 * MSEC,
        .lasted = 1234567891,
    };
}

static void put_some(struct recorder_port *port)
{
    char *much = memory_take(100000);
    struct event_run run = { .text = TEXT("panne: 1\n\xc3("), .until = NEVER, .speed = 0.1 };
    struct event_phase phase = { .name = TEXT("dark"), .lasts = NEVER, .why = TEXT("start") };
    struct event_fault fault = { .rule = TEXT("dark.1"), .draw = 1.0 / 3, .asked = NEVER };
    struct event_request request = strange_request(text_of("/plain", 6));

    memset(much, 'x', 100000);
    for (size_t i = 0; i < 3; i++)
        much[32766 + i] = "\xe2\x82\xac"[i]; /* where the log cuts */
    recorder_put(port, EVENT_run, &run, 11);
    recorder_put(port, EVENT_phase, &phase, 11);
    recorder_put(port, EVENT_fault, &fault, 12);
    recorder_put(port, EVENT_request, &request, 13);
    request = strange_request(text_of(much, 100000));
    recorder_put(port, EVENT_request, &request, 14);
    free(much);
}

static struct recorder *open_with(const char *log, struct memory *memory, size_t ring_bytes)
{
    struct witness witness = { remember, memory };
    struct recorder_options options = {
        .log = log, .start = 10, .ring_bytes = ring_bytes, .witness = &witness
    };
    struct recorder *recorder = recorder_new(&options, NULL);

    assert_non_null(recorder);
    return recorder;
}

static void a_witness_sees_what_a_reader_of_the_log_reads(void **state)
{
    struct recorder_bench *bench = *state;
    struct memory memory = { 0 };
    struct recorder *recorder = open_with(bench->path, &memory, 0);
    struct recorder_port *port = recorder_port(recorder);
    struct event_end end = { .why = TEXT("over \xf0"), .requests = 2, .lost = 5 };
    struct recorder_state last;
    struct buffer read;

    put_some(port);
    assert_true(recorder_port_has_log(port));
    last = recorder_finish(recorder, &end, 20);
    read = read_back(bench->path);
    assert_int_equal(last.written, 6);
    assert_int_equal(memory.count, 6);
    assert_string_equal(memory.lines.at, read.at);
    assert_true(read.length > 0 && strstr(read.at, "\xef\xbf\xbd"));
    assert_false(pthread_equal(memory.thread, pthread_self()));
    recorder_free(recorder);
    buffer_free(&memory.lines);
    buffer_free(&read);
}

static void without_a_log_it_is_told_at_once(void **state)
{
    struct memory memory = { 0 };
    struct recorder *recorder = open_with(NULL, &memory, 0);
    struct recorder_port *port = recorder_port(recorder);
    struct event_end end = { .why = TEXT("over"), .lost = 5 };

    (void)state;
    assert_true(recorder_port_is_on(port));
    assert_false(recorder_port_has_log(port));
    assert_false(recorder_port_has_log(NULL));
    recorder_bench_put(port, "one", 11);
    assert_string_equal(memory.lines.at,
                        "{\"event\":\"trouble\",\"seq\":0,\"time\":0.000001,\"what\":\"test\","
                        "\"detail\":\"one\",\"connection\":0,\"exchange\":0}\n");
    assert_true(pthread_equal(memory.thread, pthread_self()));
    recorder_reopen(recorder, 15);
    assert_int_equal(recorder_finish(recorder, &end, 20).written, 0);
    assert_int_equal(end.lost, 0);
    recorder_finish(recorder, &end, 21);
    assert_int_equal(memory.count, 2);
    assert_int_equal(memory.ends, 1);
    recorder_free(recorder);
    buffer_free(&memory.lines);
}

static void what_is_lost_is_not_told(void **state)
{
    struct recorder_bench *bench = *state;
    struct memory memory = { 0 };
    struct recorder *recorder = open_with(bench->path, &memory, 4096);
    struct recorder_port *port = recorder_port(recorder);
    struct event_end end = { 0 };
    struct recorder_state last;
    struct buffer read;

    for (usec i = 0; i < 100000; i++)
        recorder_bench_put(port, "much too much for so small a ring", 10 + i);
    last = recorder_finish(recorder, &end, 200000);
    read = read_back(bench->path);
    assert_true(last.lost > 0);
    assert_int_equal(memory.count, last.written);
    assert_int_equal(memory.count + last.lost, 100001);
    assert_string_equal(memory.lines.at, read.at);
    recorder_free(recorder);
    buffer_free(&memory.lines);
    buffer_free(&read);
}

static void *put_many(void *port)
{
    for (usec i = 0; i < 20000; i++)
        recorder_bench_put(port, "one of many", i);
    return NULL;
}

static void threads_take_turns(void **state)
{
    struct memory memory = { 0 };
    struct recorder *recorder = open_with(NULL, &memory, 0);
    pthread_t threads[4];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_create(&threads[i], NULL, put_many, recorder_port(recorder));
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(memory.count, 80000);
    recorder_free(recorder);
    buffer_free(&memory.lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_witness_sees_what_a_reader_of_the_log_reads,
                                        recorder_bench_set_up, recorder_bench_tear_down),
        cmocka_unit_test_setup_teardown(without_a_log_it_is_told_at_once, recorder_bench_set_up,
                                        recorder_bench_tear_down),
        cmocka_unit_test_setup_teardown(what_is_lost_is_not_told, recorder_bench_set_up,
                                        recorder_bench_tear_down),
        cmocka_unit_test(threads_take_turns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
