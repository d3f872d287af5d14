/* recorder_test: what is put stands in the log, in order, once, numbered; and what does not is
 * counted. */
#include "observe/recorder.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "recorder_bench.h"

static void without_a_log_nothing_is_recorded(void **state)
{
    struct recorder_options options = { 0 };
    struct recorder *recorder = recorder_new(&options, NULL);
    struct recorder_port *port = recorder_port(recorder);
    struct event_end end = { 0 };

    (void)state;
    assert_false(recorder_port_is_on(port));
    recorder_bench_put(port, "nowhere", 1);
    recorder_reopen(recorder, 1);
    assert_int_equal(recorder_finish(recorder, &end, 2).written, 0);
    recorder_free(recorder);
    recorder_free(NULL);
}

static void lines_are_numbered_and_timed_from_the_start(void **state)
{
    struct recorder_bench *bench = *state;
    struct recorder_options options = { .log = bench->path, .start = 5 * SECOND };
    struct recorder *recorder = recorder_new(&options, NULL);
    struct recorder_port *port = recorder_port(recorder);
    struct event_end end = { .why = TEXT("over"), .lost = 99 };
    struct recorder_state last;
    struct stat status;
    json_t *lines;

    assert_true(recorder_port_is_on(port));
    recorder_bench_put(port, "one", 5 * SECOND + 1);
    recorder_bench_put(port, "two", 6 * SECOND);
    last = recorder_finish(recorder, &end, 7 * SECOND);
    assert_int_equal(last.written, 3);
    assert_int_equal(last.lost + last.failed, 0);
    assert_int_equal(end.lost, 0);
    assert_int_equal(recorder_finish(recorder, &end, 8 * SECOND).written, 3);
    recorder_free(recorder);

    lines = recorder_bench_lines(bench->path);
    assert_int_equal(json_array_size(lines), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(recorder_bench_number(lines, i, "seq"), i);
    assert_string_equal(recorder_bench_text(lines, 0, "detail"), "one");
    assert_string_equal(recorder_bench_text(lines, 2, "event"), "end");
    assert_int_equal(recorder_bench_number(lines, 2, "lost"), 0);
    assert_true(json_real_value(json_object_get(json_array_get(lines, 0), "time")) == 0.000001);
    assert_true(json_real_value(json_object_get(json_array_get(lines, 2), "time")) == 2);
    json_decref(lines);
    assert_int_equal(stat(bench->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(recorder_bench_said(bench), 0);
}

static void a_line_is_there_soon_without_any_more_ado(void **state)
{
    struct recorder_bench *bench = *state;
    struct recorder *recorder = recorder_bench_open(bench, 0);
    struct recorder_port *port = recorder_port(recorder);

    for (uint64_t i = 1; i <= 3; i++) {
        json_t *lines;

        recorder_bench_put(port, "soon", 1);
        recorder_bench_await(recorder, i, 0);
        lines = recorder_bench_lines(bench->path);
        assert_int_equal(json_array_size(lines), i);
        json_decref(lines);
    }
    recorder_free(recorder);
}

static void a_log_that_cannot_be_opened_is_a_complaint(void **state)
{
    static const char *const paths[] = { "/tmp", "/nowhere/at/all", "" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct recorder_options options = { .log = paths[i] };
        struct buffer complaint = { 0 };

        assert_null(recorder_new(&options, &complaint));
        assert_true(complaint.length > 0);
        assert_non_null(strstr(complaint.at, paths[i]));
        buffer_free(&complaint);
    }
}

static void an_old_log_is_overwritten(void **state)
{
    struct recorder_bench *bench = *state;
    json_t *lines;

    for (int i = 0; i < 2; i++) {
        struct recorder *recorder = recorder_bench_open(bench, 0);

        recorder_bench_put(recorder_port(recorder), i ? "new" : "old", 1);
        recorder_free(recorder);
    }
    lines = recorder_bench_lines(bench->path);
    assert_int_equal(json_array_size(lines), 1);
    assert_string_equal(recorder_bench_text(lines, 0, "detail"), "new");
    json_decref(lines);
}

static void dash_is_stdout_and_stays_open(void **state)
{
    struct recorder_bench *bench = *state;
    struct recorder_options options = { .log = "-" };
    int before, file = open(bench->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct recorder *recorder;
    json_t *lines;

    fflush(stdout);
    before = dup(STDOUT_FILENO);
    dup2(file, STDOUT_FILENO);
    recorder = recorder_new(&options, NULL);
    recorder_bench_put(recorder_port(recorder), "here", 1);
    recorder_reopen(recorder, 1);
    recorder_finish(recorder, NULL, 0);
    recorder_free(recorder);
    file = fcntl(STDOUT_FILENO, F_GETFD) < 0 ? -1 : file;
    dup2(before, STDOUT_FILENO);
    close(before);
    assert_true(file >= 0);
    close(file);
    lines = recorder_bench_lines(bench->path);
    assert_int_equal(json_array_size(lines), 1);
    json_decref(lines);
}

static void a_closed_stdout_is_a_complaint(void **state)
{
    struct recorder_options options = { .log = "-" };
    struct buffer complaint = { 0 };
    struct recorder *recorder;
    int before;

    (void)state;
    fflush(stdout);
    before = dup(STDOUT_FILENO);
    close(STDOUT_FILENO);
    recorder = recorder_new(&options, &complaint);
    dup2(before, STDOUT_FILENO);
    close(before);
    assert_null(recorder);
    assert_non_null(strstr(complaint.at, "stdout"));
    buffer_free(&complaint);
}

static void reopening_follows_the_path(void **state)
{
    struct recorder_bench *bench = *state;
    struct recorder *recorder = recorder_bench_open(bench, 0);
    struct recorder_port *port = recorder_port(recorder);
    char moved[128];
    json_t *lines;

    snprintf(moved, sizeof moved, "%s.1", bench->path);
    recorder_bench_put(port, "before", 1);
    recorder_bench_await(recorder, 1, 0);
    assert_int_equal(rename(bench->path, moved), 0);
    /* What is still on its way goes where it belongs. */
    recorder_bench_put(port, "just before", 2);
    recorder_reopen(recorder, 3);
    recorder_bench_put(port, "after", 3);
    assert_int_equal(recorder_finish(recorder, NULL, 0).written, 3);
    recorder_free(recorder);
    lines = recorder_bench_lines(moved);
    assert_string_equal(recorder_bench_text(lines, 0, "detail"), "before");
    assert_string_equal(recorder_bench_text(lines, 1, "detail"), "just before");
    assert_int_equal(json_array_size(lines), 2);
    json_decref(lines);
    lines = recorder_bench_lines(bench->path);
    assert_string_equal(recorder_bench_text(lines, 0, "detail"), "after");
    assert_int_equal(recorder_bench_number(lines, 0, "seq"), 2);
    json_decref(lines);
}

static void reopening_in_vain_goes_on_with_the_old_log(void **state)
{
    struct recorder_bench *bench = *state;
    struct recorder *recorder = recorder_bench_open(bench, 0);
    struct recorder_port *port = recorder_port(recorder);
    char moved[128];
    json_t *lines;

    snprintf(moved, sizeof moved, "%s.1", bench->path);
    assert_int_equal(rename(bench->path, moved), 0);
    assert_int_equal(mkdir(bench->path, 0700), 0);
    recorder_reopen(recorder, 1);
    while (recorder_bench_said(bench) == 0)
        usleep(1000);
    recorder_bench_put(port, "still here", 1);
    assert_int_equal(recorder_finish(recorder, NULL, 0).written, 1);
    recorder_free(recorder);
    assert_int_equal(rmdir(bench->path), 0);
    lines = recorder_bench_lines(moved);
    assert_int_equal(json_array_size(lines), 1);
    json_decref(lines);
}

/* The signals that the threads other than this one block, or 0 if there is no other. */
static unsigned long long blocked_by_others(void)
{
    unsigned long long blocked = 0;
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;

    while ((task = readdir(tasks)) != NULL) {
        char path[300], line[256];
        FILE *status;

        if (task->d_name[0] == '.' || strtol(task->d_name, NULL, 10) == getpid())
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%s/status", task->d_name);
        status = fopen(path, "re");
        while (status && fgets(line, sizeof line, status)) {
            if (strncmp(line, "SigBlk:", 7) == 0)
                blocked = strtoull(line + 7, NULL, 16);
        }
        if (status)
            fclose(status);
    }
    closedir(tasks);
    return blocked;
}

static void the_thread_leaves_signals_to_others(void **state)
{
    static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1, SIGCHLD };
    struct recorder *recorder = recorder_bench_open(*state, 0);
    unsigned long long blocked = blocked_by_others();
    sigset_t own;

    for (size_t i = 0; i < COUNT_OF(signals); i++)
        assert_true(blocked & 1ULL << (signals[i] - 1));
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &own), 0);
    assert_false(sigismember(&own, SIGTERM));
    recorder_free(recorder);
}

enum { MANY = 50000 };

static void *put_many(void *argument)
{
    struct recorder_port *port = argument;

    for (int i = 0; i < MANY; i++) {
        struct event_request request = { .exchange = (uint64_t)i, .path = TEXT("/a/path") };

        recorder_put(port, EVENT_request, &request, i);
        if (i % 2000 == 0)
            usleep(1000);
    }
    return NULL;
}

static void many_events_of_several_threads_all_arrive(void **state)
{
    struct recorder_bench *bench = *state;
    struct recorder *recorder = recorder_bench_open(bench, 32 << 20);
    struct recorder_state last;
    pthread_t threads[3];
    int64_t next = 0;
    json_t *lines;

    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_create(&threads[i], NULL, put_many, recorder_port(recorder));
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        pthread_join(threads[i], NULL);
    last = recorder_finish(recorder, NULL, 0);
    recorder_free(recorder);
    assert_int_equal(last.written, MANY * COUNT_OF(threads));
    assert_int_equal(last.lost + last.failed, 0);
    lines = recorder_bench_lines(bench->path);
    assert_int_equal(json_array_size(lines), last.written);
    for (size_t i = 0; i < last.written; i++) {
        assert_int_equal(recorder_bench_number(lines, i, "seq"), i);
        next += recorder_bench_number(lines, i, "exchange");
    }
    assert_int_equal(next, (int64_t)MANY * (MANY - 1) / 2 * (int64_t)COUNT_OF(threads));
    json_decref(lines);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, recorder_bench_set_up, recorder_bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_log_nothing_is_recorded),
        TEST(lines_are_numbered_and_timed_from_the_start),
        TEST(a_line_is_there_soon_without_any_more_ado),
        TEST(a_log_that_cannot_be_opened_is_a_complaint),
        TEST(an_old_log_is_overwritten),
        TEST(dash_is_stdout_and_stays_open),
        TEST(a_closed_stdout_is_a_complaint),
        TEST(reopening_follows_the_path),
        TEST(reopening_in_vain_goes_on_with_the_old_log),
        TEST(the_thread_leaves_signals_to_others),
        TEST(many_events_of_several_threads_all_arrive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
