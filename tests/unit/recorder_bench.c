/* recorder_bench: folders, files and descriptors for the recorder's tests. */
#include "recorder_bench.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

int recorder_bench_set_up(void **state)
{
    struct recorder_bench *bench = calloc(1, sizeof *bench);
    char path[96];

    if (!bench)
        return -1;
    snprintf(bench->folder, sizeof bench->folder, "/tmp/panne-recorder-XXXXXX");
    if (!mkdtemp(bench->folder))
        return -1;
    snprintf(bench->path, sizeof bench->path, "%s/log", bench->folder);
    snprintf(path, sizeof path, "%s/stderr", bench->folder);
    fflush(stderr);
    bench->stderr_before = dup(STDERR_FILENO);
    bench->stderr_file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    *state = bench;
    return bench->stderr_file < 0 || dup2(bench->stderr_file, STDERR_FILENO) < 0;
}

int recorder_bench_tear_down(void **state)
{
    static const char *const names[] = { "log", "log.1", "stderr" };
    struct recorder_bench *bench = *state;
    char path[96];

    fflush(stderr);
    dup2(bench->stderr_before, STDERR_FILENO);
    close(bench->stderr_before);
    close(bench->stderr_file);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", bench->folder, names[i]);
        unlink(path);
    }
    rmdir(bench->folder);
    free(bench);
    return 0;
}

static struct buffer read_all(int fd)
{
    struct buffer all = { 0 };
    char piece[4096];
    ssize_t length;

    for (off_t at = 0; (length = pread(fd, piece, sizeof piece, at)) > 0; at += length)
        buffer_add(&all, piece, (size_t)length);
    return all;
}

size_t recorder_bench_said(struct recorder_bench *bench)
{
    struct buffer all = read_all(bench->stderr_file);
    size_t lines = 0;

    for (size_t i = 0; i < all.length; i++)
        lines += all.at[i] == '\n';
    buffer_free(&all);
    return lines;
}

struct recorder *recorder_bench_open(struct recorder_bench *bench, size_t ring_bytes)
{
    struct recorder_options options = { .log = bench->path, .ring_bytes = ring_bytes };
    struct buffer complaint = { 0 };
    struct recorder *recorder = recorder_new(&options, &complaint);

    if (!recorder)
        fail_msg("%s", complaint.at);
    buffer_free(&complaint);
    return recorder;
}

void recorder_bench_put(struct recorder_port *port, const char *detail, usec now)
{
    struct event_trouble trouble = { .what = TEXT("test"), .detail = text_from(detail) };

    recorder_put(port, EVENT_trouble, &trouble, now);
}

void recorder_bench_await(struct recorder *recorder, uint64_t written, uint64_t failed)
{
    const struct timespec pause = { .tv_nsec = 5000000 };

    for (int tries = 0; tries < 2000; tries++) {
        struct recorder_state state = recorder_state(recorder);

        if (state.written >= written && state.failed >= failed)
            return;
        nanosleep(&pause, NULL);
    }
    fail_msg("waited in vain for the log");
}

json_t *recorder_bench_parse(struct text log)
{
    json_t *lines = json_array();
    json_error_t error;

    while (!text_is_empty(log)) {
        size_t length = text_find(log, '\n');
        json_t *line = json_loadb(log.at, length, JSON_REJECT_DUPLICATES, &error);

        if (!line || length == log.length)
            fail_msg("not a line of JSON: %.*s", (int)length, log.at);
        json_array_append_new(lines, line);
        log = text_from_offset(log, length + 1);
    }
    return lines;
}

json_t *recorder_bench_lines(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct buffer all;
    json_t *lines;

    assert_true(fd >= 0);
    all = read_all(fd);
    close(fd);
    lines = recorder_bench_parse(buffer_text(&all));
    buffer_free(&all);
    return lines;
}

const char *recorder_bench_text(const json_t *lines, size_t index, const char *key)
{
    return json_string_value(json_object_get(json_array_get(lines, index), key));
}

int64_t recorder_bench_number(const json_t *lines, size_t index, const char *key)
{
    return json_integer_value(json_object_get(json_array_get(lines, index), key));
}
