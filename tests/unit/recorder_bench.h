/* recorder_bench: a folder for logs, what stands in them, and what is said on stderr meanwhile. */
#ifndef PANNE_TESTS_RECORDER_BENCH_H
#define PANNE_TESTS_RECORDER_BENCH_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buffer.h"
#include "observe/recorder.h"

struct recorder_bench {
    char folder[64];
    char path[96]; /* of the log, in the folder */
    int stderr_before, stderr_file;
};

int recorder_bench_set_up(void **state);
int recorder_bench_tear_down(void **state);

/* Lines that have been said since the set-up, without what is there now being forgotten. */
size_t recorder_bench_said(struct recorder_bench *bench);
/* At the bench's path, times from 0, for the default ring with 0. Fails the test if it cannot. */
struct recorder *recorder_bench_open(struct recorder_bench *bench, size_t ring_bytes);
/* A trouble event with `detail`. */
void recorder_bench_put(struct recorder_port *port, const char *detail, usec now);
/* Until `count` lines are written or failed; fails the test after some seconds. */
void recorder_bench_await(struct recorder *recorder, uint64_t written, uint64_t failed);

/* All lines of a file, each parsed; a test that finds a line that is no JSON fails. */
json_t *recorder_bench_lines(const char *path);
json_t *recorder_bench_parse(struct text log);
const char *recorder_bench_text(const json_t *lines, size_t index, const char *key);
int64_t recorder_bench_number(const json_t *lines, size_t index, const char *key);

#endif
