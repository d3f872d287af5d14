/* recorder: the parts of a log put together: its file, the thread that writes, the ways in. */
#include "observe/recorder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "observe/bell.h"
#include "observe/log_file.h"
#include "observe/log_writer.h"
#include "observe/port.h"

struct recorder {
    size_t ring_bytes;
    struct conclusion conclusion;
    struct stand *stand;            /* NULL: no witness */
    struct recorder_port *straight; /* to the stand, for all; NULL: there is a log, or no witness */
    struct log_file *file;          /* NULL: no log, and then nothing else below either */
    struct bell *bell;
    struct log_writer *writer;
    bool finished;
};

struct recorder *recorder_new(const struct recorder_options *options, struct buffer *complaint)
{
    struct recorder *recorder = memory_take(sizeof *recorder);

    recorder->ring_bytes = options->ring_bytes;
    recorder->conclusion = options->conclusion;
    recorder->finished = !options->log && !options->witness;
    if (options->witness)
        recorder->stand = stand_new(options->witness, options->start);
    if (!options->log && options->witness)
        recorder->straight = port_new_straight(recorder->stand);
    if (!options->log)
        return recorder;
    recorder->file = log_file_open(options->log, complaint);
    if (!recorder->file)
        goto failed;
    recorder->bell = bell_new();
    if (recorder->bell)
        recorder->writer =
            log_writer_new(recorder->file, recorder->bell, recorder->stand, options->start);
    if (!recorder->writer) {
        buffer_format(complaint, "the log's thread cannot be started: %s", strerror(errno));
        goto failed;
    }
    return recorder;
failed:
    recorder_free(recorder);
    return NULL;
}

struct recorder_port *recorder_port(struct recorder *recorder)
{
    struct recorder_port *port;

    if (!recorder->writer)
        return recorder->straight;
    port = port_new(recorder->ring_bytes, recorder->bell);
    log_writer_add(recorder->writer, port);
    return port;
}

bool recorder_port_has_log(const struct recorder_port *port)
{
    return port && port_keeps(port);
}

void recorder_put(struct recorder_port *port, enum event_kind kind, const void *event, usec now)
{
    if (port)
        port_put(port, kind, event, now);
}

void recorder_reopen(struct recorder *recorder, usec now)
{
    if (recorder->writer && !recorder->finished)
        log_writer_reopen(recorder->writer, now);
}

struct recorder_state recorder_state(const struct recorder *recorder)
{
    if (!recorder->writer)
        return (struct recorder_state){ 0 };
    return (struct recorder_state){
        .written = log_file_written(recorder->file),
        .lost = log_writer_lost(recorder->writer),
        .failed = log_file_failed(recorder->file),
    };
}

/* Nothing can be lost. */
static void finish_without_log(struct recorder *recorder, struct event_end *end, usec now)
{
    end->lost = 0;
    if (recorder->conclusion.conclude)
        recorder->conclusion.conclude(recorder->conclusion.user, end);
    stand_tell(recorder->stand, EVENT_end, end, now);
}

struct recorder_state recorder_finish(struct recorder *recorder, struct event_end *end, usec now)
{
    if (recorder->writer && !recorder->finished)
        log_writer_finish(recorder->writer, end, now, &recorder->conclusion);
    else if (end && !recorder->finished)
        finish_without_log(recorder, end, now);
    recorder->finished = true;
    return recorder_state(recorder);
}

void recorder_free(struct recorder *recorder)
{
    if (!recorder)
        return;
    recorder_finish(recorder, NULL, 0);
    log_writer_free(recorder->writer);
    port_free(recorder->straight);
    stand_free(recorder->stand);
    bell_free(recorder->bell);
    log_file_free(recorder->file);
    free(recorder);
}
