/* log_writer: when the thread works and rests, and in what order lines come out. */
#include "observe/log_writer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/say.h"

enum {
    BATCH_BYTES = 256 << 10, /* as much as one write gets */
    REST_MSEC = 20,          /* lines are seen that late, and putters never have to wake it */
};

struct link {
    struct link *next;
    struct recorder_port *port;
};

struct log_writer {
    struct log_file *file;
    struct bell *bell;
    struct stand *stand;
    usec start;
    pthread_t thread;
    _Atomic(struct link *) ports;   /* the newest first; none is taken off */
    atomic_int_least64_t reopen_at; /* 0: nobody has asked */
    atomic_bool finishing;

    struct event_end *end; /* set before `finishing` */
    usec end_time;
    const struct conclusion *conclusion; /* likewise */

    /* The thread's own. */
    uint64_t sequence, lost;
    struct buffer lines;
};

union event_any {
#define X(name, help, fields) struct event_##name name;
    EVENTS(X)
#undef X
};

/* The port whose oldest event is the oldest of all; the older port for the same moment. */
static struct recorder_port *find_oldest(struct log_writer *writer, struct port_record *record)
{
    struct recorder_port *oldest = NULL;
    struct port_record candidate;

    for (struct link *link = atomic_load(&writer->ports); link; link = link->next) {
        if (!port_front(link->port, &candidate) || (oldest && candidate.time > record->time))
            continue;
        oldest = link->port;
        *record = candidate;
    }
    return oldest;
}

uint64_t log_writer_lost(const struct log_writer *writer)
{
    uint64_t lost = 0;

    for (struct link *link = atomic_load(&writer->ports); link; link = link->next)
        lost += port_lost(link->port);
    return lost;
}

/* A lost event leaves a gap in the numbers. */
static void count_lost(struct log_writer *writer)
{
    uint64_t lost = log_writer_lost(writer);

    if (lost > 0 && writer->lost == 0)
        say("the log cannot keep up; lines are missing");
    writer->sequence += lost - writer->lost;
    writer->lost = lost;
}

static void write_line(struct log_writer *writer, enum event_kind kind, const void *event,
                       usec time)
{
    event_write(kind, event, writer->sequence++, time - writer->start, &writer->lines);
    buffer_add_byte(&writer->lines, '\n');
    if (writer->stand)
        stand_tell_logged(writer->stand, kind, event, time);
}

enum batch { BATCH_EMPTY, BATCH_ALL, BATCH_FULL };

/* Only events before `end`. */
static enum batch write_batch(struct log_writer *writer, usec end)
{
    struct recorder_port *port;
    struct port_record record;
    union event_any event;
    size_t count = 0;
    bool full;

    count_lost(writer);
    while (writer->lines.length < BATCH_BYTES && (port = find_oldest(writer, &record)) != NULL &&
           record.time < end) {
        if (event_unpack(record.kind, record.packed, &event)) {
            write_line(writer, record.kind, &event, record.time);
            count++;
        }
        port_drop(port);
    }
    full = writer->lines.length >= BATCH_BYTES;
    if (count > 0)
        log_file_put(writer->file, buffer_text(&writer->lines), count);
    buffer_clear(&writer->lines);
    if (count == 0)
        return BATCH_EMPTY;
    return full ? BATCH_FULL : BATCH_ALL;
}

static void write_end(struct log_writer *writer)
{
    if (writer->end) {
        writer->end->lost = writer->lost + log_file_failed(writer->file);
        if (writer->conclusion && writer->conclusion->conclude)
            writer->conclusion->conclude(writer->conclusion->user, writer->end);
        write_line(writer, EVENT_end, writer->end, writer->end_time);
        log_file_put(writer->file, buffer_text(&writer->lines), 1);
    }
    log_file_close(writer->file);
}

static bool has_work(struct log_writer *writer)
{
    struct port_record record;

    return atomic_load(&writer->reopen_at) != 0 || atomic_load(&writer->finishing) ||
           find_oldest(writer, &record);
}

static void sleep_until_rung(struct log_writer *writer)
{
    bell_announce_sleep(writer->bell);
    if (has_work(writer))
        bell_stay_awake(writer->bell);
    else
        bell_sleep(writer->bell);
}

static void reopen(struct log_writer *writer, usec at)
{
    while (write_batch(writer, at) == BATCH_FULL) {
    }
    log_file_reopen(writer->file);
}

static void *run(void *argument)
{
    struct log_writer *writer = argument;

    for (;;) {
        /* Asked first: what was put before it was said has to be found. */
        bool finishing = atomic_load(&writer->finishing);
        usec reopen_at = atomic_exchange(&writer->reopen_at, 0);
        enum batch batch;

        if (reopen_at != 0)
            reopen(writer, reopen_at);
        batch = write_batch(writer, NEVER);
        if (batch == BATCH_EMPTY && finishing)
            break;
        if (batch == BATCH_EMPTY)
            sleep_until_rung(writer);
        else if (batch == BATCH_ALL && !finishing)
            bell_rest(writer->bell, REST_MSEC);
    }
    write_end(writer);
    return NULL;
}

struct log_writer *log_writer_new(struct log_file *file, struct bell *bell, struct stand *stand,
                                  usec start)
{
    struct log_writer *writer = memory_take(sizeof *writer);
    sigset_t all, before;
    int error;

    writer->file = file;
    writer->bell = bell;
    writer->stand = stand;
    writer->start = start;
    atomic_init(&writer->ports, NULL);
    atomic_init(&writer->reopen_at, 0);
    atomic_init(&writer->finishing, false);
    /* Signals are for the threads that wait for them; and a closed pipe shall be an error here. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&writer->thread, NULL, run, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        free(writer);
        errno = error;
        return NULL;
    }
    return writer;
}

void log_writer_add(struct log_writer *writer, struct recorder_port *port)
{
    struct link *link = memory_take(sizeof *link);

    link->port = port;
    link->next = atomic_load(&writer->ports);
    while (!atomic_compare_exchange_weak(&writer->ports, &link->next, link)) {
    }
}

void log_writer_reopen(struct log_writer *writer, usec now)
{
    atomic_store(&writer->reopen_at, usec_max(now, 1));
    bell_ring_loudly(writer->bell);
}

void log_writer_finish(struct log_writer *writer, struct event_end *end, usec now,
                       const struct conclusion *conclusion)
{
    writer->end = end;
    writer->conclusion = conclusion;
    writer->end_time = now;
    atomic_store(&writer->finishing, true);
    bell_ring_loudly(writer->bell);
    pthread_join(writer->thread, NULL);
}

void log_writer_free(struct log_writer *writer)
{
    struct link *next;

    if (!writer)
        return;
    for (struct link *link = atomic_load(&writer->ports); link; link = next) {
        next = link->next;
        port_free(link->port);
        free(link);
    }
    buffer_free(&writer->lines);
    free(writer);
}
