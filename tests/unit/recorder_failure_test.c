/* recorder_failure_test: full disks, closed pipes and slow readers cost lines, which are counted;
 * the lines that stand are whole. */
#include "observe/recorder.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "recorder_bench.h"

static void a_full_disk_is_said_once_and_counted(void **state)
{
    struct recorder_bench *bench = *state;
    struct recorder_options options = { .log = "/dev/full" };
    struct recorder *recorder = recorder_new(&options, NULL);
    struct recorder_port *port = recorder_port(recorder);
    struct event_end end = { 0 };
    struct recorder_state last;

    recorder_bench_put(port, "one", 1);
    recorder_bench_await(recorder, 0, 1);
    recorder_bench_put(port, "two", 2);
    recorder_bench_put(port, "three", 3);
    recorder_bench_await(recorder, 0, 3);
    last = recorder_finish(recorder, &end, 4);
    recorder_free(recorder);
    assert_int_equal(last.written, 0);
    assert_int_equal(last.failed, 4);
    assert_int_equal(end.lost, 3);
    assert_int_equal(recorder_bench_said(bench), 1);
}

/* A reader of the log as a named pipe. */
static int open_pipe(struct recorder_bench *bench)
{
    int fd;

    assert_int_equal(mkfifo(bench->path, 0600), 0);
    fd = open(bench->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void a_closed_pipe_is_an_error_and_no_signal(void **state)
{
    struct recorder_bench *bench = *state;
    int reader = open_pipe(bench);
    struct recorder *recorder = recorder_bench_open(bench, 0);
    struct recorder_port *port = recorder_port(recorder);
    struct recorder_state last;

    recorder_bench_put(port, "read", 1);
    recorder_bench_await(recorder, 1, 0);
    close(reader);
    recorder_bench_put(port, "not read", 2);
    recorder_bench_await(recorder, 1, 1);
    recorder_bench_put(port, "not read either", 3);
    last = recorder_finish(recorder, NULL, 0);
    recorder_free(recorder);
    assert_int_equal(last.written, 1);
    assert_int_equal(last.failed, 2);
    assert_int_equal(recorder_bench_said(bench), 1);
}

struct reading {
    int fd;
    struct buffer log;
};

static void *read_log(void *argument)
{
    struct reading *reading = argument;
    char piece[4096];
    ssize_t length;

    fcntl(reading->fd, F_SETFL, 0);
    while ((length = read(reading->fd, piece, sizeof piece)) > 0)
        buffer_add(&reading->log, piece, (size_t)length);
    return NULL;
}

/* A recorder whose thread is stuck in a pipe that nobody reads: an event of a mebibyte is on its
 * way. What is put now is taken out at once when somebody reads. */
static struct recorder *open_stuck(struct recorder_bench *bench, struct reading *reading,
                                   struct recorder_port **port, size_t ring_bytes)
{
    size_t length = 1 << 20;
    char *scenario = malloc(length);
    struct event_run run = { .text = text_of(scenario, length) };
    struct recorder *recorder;
    char first;

    memset(scenario, 's', length);
    *reading = (struct reading){ .fd = open_pipe(bench) };
    recorder = recorder_bench_open(bench, ring_bytes);
    *port = recorder_port(recorder);
    recorder_put(*port, EVENT_run, &run, 0);
    free(scenario);
    while (read(reading->fd, &first, 1) != 1)
        usleep(1000);
    buffer_add(&reading->log, &first, 1);
    return recorder;
}

static struct recorder_state finish_stuck(struct recorder *recorder, struct reading *reading,
                                          struct event_end *end, json_t **lines)
{
    struct recorder_state last;
    pthread_t thread;

    pthread_create(&thread, NULL, read_log, reading);
    last = recorder_finish(recorder, end, 1000);
    recorder_free(recorder);
    pthread_join(thread, NULL);
    close(reading->fd);
    *lines = recorder_bench_parse(buffer_text(&reading->log));
    buffer_free(&reading->log);
    return last;
}

static void a_long_scenario_stands_whole_in_the_log(void **state)
{
    struct recorder_port *port;
    struct reading reading;
    struct recorder *recorder = open_stuck(*state, &reading, &port, 4096);
    json_t *lines;

    assert_int_equal(finish_stuck(recorder, &reading, NULL, &lines).written, 1);
    assert_int_equal(strlen(recorder_bench_text(lines, 0, "text")), 1 << 20);
    json_decref(lines);
}

static void ports_are_merged_by_time(void **state)
{
    static const char *const wanted[] = { "a10", "b20", "c20", "b20 again", "a30", "c40", "a50" };
    struct recorder_port *a, *b, *c;
    struct reading reading;
    struct recorder *recorder = open_stuck(*state, &reading, &a, 0);
    json_t *lines;

    b = recorder_port(recorder);
    c = recorder_port(recorder);
    recorder_bench_put(c, "c20", 20);
    recorder_bench_put(c, "c40", 40);
    recorder_bench_put(a, "a10", 10);
    recorder_bench_put(a, "a30", 30);
    recorder_bench_put(b, "b20", 20);
    recorder_bench_put(a, "a50", 50);
    recorder_bench_put(b, "b20 again", 21);
    finish_stuck(recorder, &reading, NULL, &lines);
    assert_int_equal(json_array_size(lines), 1 + COUNT_OF(wanted));
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        assert_string_equal(recorder_bench_text(lines, i + 1, "detail"), wanted[i]);
    json_decref(lines);
}

static void what_finds_no_room_is_counted_and_leaves_a_gap(void **state)
{
    enum { PUT = 1000 };
    struct recorder_port *port;
    struct reading reading;
    struct recorder *recorder = open_stuck(*state, &reading, &port, 8192);
    struct event_end end = { 0 };
    struct recorder_state last;
    json_t *lines;

    for (int i = 0; i < PUT; i++)
        recorder_bench_put(port, "one of many", i);
    assert_in_range(recorder_state(recorder).lost, 1, PUT - 1);
    last = finish_stuck(recorder, &reading, &end, &lines);
    assert_int_equal(last.written + last.lost, PUT + 2);
    assert_int_equal(end.lost, last.lost);
    assert_int_equal(json_array_size(lines), last.written);
    assert_int_equal(recorder_bench_number(lines, last.written - 1, "lost"), last.lost);
    assert_int_equal(recorder_bench_number(lines, last.written - 1, "seq"), PUT + 1);
    assert_int_equal(recorder_bench_said(*state), 1);
    json_decref(lines);
}

static void a_record_that_is_never_taken_is_freed(void **state)
{
    struct recorder_bench *bench = *state;
    struct recorder *recorder = recorder_bench_open(bench, 4096);
    char *text = calloc(1, 8000);
    struct event_trouble trouble = { .detail = text_of(text, 8000) };

    for (int i = 0; i < 20; i++)
        recorder_put(recorder_port(recorder), EVENT_trouble, &trouble, i);
    recorder_free(recorder);
    free(text);
}

/* Files may not grow beyond `bytes`: a disk that is full there. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes == RLIM_INFINITY ? limit.rlim_max : bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_cut_line_is_completed_when_there_is_room_again(void **state)
{
    struct recorder_bench *bench = *state;
    struct recorder *recorder = recorder_bench_open(bench, 0);
    struct recorder_port *port = recorder_port(recorder);
    struct recorder_state last;
    json_t *lines;

    signal(SIGXFSZ, SIG_IGN);
    limit_files(150); /* in the second line */
    recorder_bench_put(port, "one", 1);
    recorder_bench_await(recorder, 1, 0);
    recorder_bench_put(port, "two", 2);
    while (recorder_bench_said(bench) == 0)
        usleep(1000);
    recorder_bench_put(port, "three", 3);
    recorder_bench_await(recorder, 1, 1);
    limit_files(RLIM_INFINITY);
    recorder_bench_put(port, "four", 4);
    last = recorder_finish(recorder, NULL, 0);
    recorder_free(recorder);
    assert_int_equal(last.written, 3);
    assert_int_equal(last.failed, 1);
    assert_int_equal(recorder_bench_said(bench), 1);
    lines = recorder_bench_lines(bench->path);
    assert_int_equal(json_array_size(lines), 3);
    assert_string_equal(recorder_bench_text(lines, 1, "detail"), "two");
    assert_string_equal(recorder_bench_text(lines, 2, "detail"), "four");
    assert_int_equal(recorder_bench_number(lines, 2, "seq"), 3);
    json_decref(lines);
}

static void a_line_that_stays_cut_is_counted(void **state)
{
    struct recorder_bench *bench = *state;
    struct recorder *recorder = recorder_bench_open(bench, 0);
    struct recorder_port *port = recorder_port(recorder);
    struct event_end end = { 0 };
    struct recorder_state last;

    signal(SIGXFSZ, SIG_IGN);
    limit_files(150);
    for (int i = 0; i < 10; i++)
        recorder_bench_put(port, "some", i);
    last = recorder_finish(recorder, &end, 20);
    limit_files(RLIM_INFINITY);
    recorder_free(recorder);
    assert_int_equal(last.written, 1);
    assert_int_equal(last.failed, 10);
    assert_int_equal(recorder_bench_said(bench), 1);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, recorder_bench_set_up, recorder_bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_full_disk_is_said_once_and_counted),
        TEST(a_closed_pipe_is_an_error_and_no_signal),
        TEST(a_long_scenario_stands_whole_in_the_log),
        TEST(ports_are_merged_by_time),
        TEST(what_finds_no_room_is_counted_and_leaves_a_gap),
        TEST(a_record_that_is_never_taken_is_freed),
        TEST(a_cut_line_is_completed_when_there_is_room_again),
        TEST(a_line_that_stays_cut_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
