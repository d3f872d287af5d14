/* log_ways: the same log read in two ways, which must not differ: as it is, and by the JSON library
 * alone. A space in front of a line makes it one that nobody but the library reads, and changes
 * nothing for JSON. */
#ifndef PANNE_TESTS_LOG_WAYS_H
#define PANNE_TESTS_LOG_WAYS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "observe/log_read.h"

struct log_way {
    struct log_reader *reader;
    struct log_line line;
    enum log_found found;
    struct buffer complaint;
};

static inline void log_way_open(struct log_way *way, struct text log)
{
    int fd = memfd_create("log", MFD_CLOEXEC);
    char path[64];

    *way = (struct log_way){ 0 };
    if (fd < 0 || write(fd, log.at, log.length) != (ssize_t)log.length)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    way->reader = log_reader_open(path, &way->complaint);
    if (!way->reader)
        abort();
    close(fd);
}

static inline void log_way_next(struct log_way *way)
{
    buffer_clear(&way->complaint);
    way->found = log_read(way->reader, &way->line, &way->complaint);
}

static inline void log_way_close(struct log_way *way)
{
    log_reader_close(way->reader);
    buffer_free(&way->complaint);
}

static inline bool log_field_is_same(const struct event_field *field, const void *a, const void *b)
{
    switch (field->type) {
    case EVENT_TEXT:
        return text_equal(*(const struct text *)a, *(const struct text *)b);
    case EVENT_FLAG:
        return *(const bool *)a == *(const bool *)b;
    case EVENT_COUNT:
    case EVENT_HASH:
    case EVENT_DURATION:
    case EVENT_MOMENT:
    case EVENT_REAL:
        break;
    }
    return memcmp(a, b, sizeof(uint64_t)) == 0;
}

/* NULL, or the name of the first field that is not the same. */
static inline const char *log_event_differs(enum event_kind kind, const void *a, const void *b)
{
    const struct event_description *description = event_describe(kind);

    for (size_t i = 0; description && i < description->count; i++) {
        const struct event_field *field = &description->fields[i];

        if (!log_field_is_same(field, (const char *)a + field->offset,
                               (const char *)b + field->offset))
            return field->name;
    }
    return NULL;
}

static inline const char *log_way_differs(const struct log_way *a, const struct log_way *b)
{
    if (a->found != b->found)
        return "what is found";
    if (!text_equal(buffer_text(&a->complaint), buffer_text(&b->complaint)))
        return "the complaint";
    if (a->line.number != b->line.number || a->line.kind != b->line.kind ||
        a->line.sequence != b->line.sequence || a->line.time != b->line.time)
        return "number, kind, seq or time";
    return a->found == LOG_LINE ? log_event_differs(a->line.kind, &a->line.event, &b->line.event)
                                : NULL;
}

static inline struct buffer log_spaced(struct text log)
{
    struct buffer spaced = { 0 };

    while (log.length > 0) {
        size_t length = text_find(log, '\n');

        length += length < log.length;
        buffer_add_byte(&spaced, ' ');
        buffer_add(&spaced, log.at, length);
        log = text_from_offset(log, length);
    }
    return spaced;
}

/* NULL, or what is not the same. `lines`: how many were read as events, unless it is NULL. */
static inline const char *log_ways_differ(struct text log, size_t *lines)
{
    struct buffer spaced = log_spaced(log);
    struct log_way ours, theirs;
    const char *what;
    size_t count = 0;

    log_way_open(&ours, log);
    log_way_open(&theirs, buffer_text(&spaced));
    do {
        log_way_next(&ours);
        log_way_next(&theirs);
        what = log_way_differs(&ours, &theirs);
        count += ours.found == LOG_LINE;
    } while (!what && ours.found != LOG_END && ours.found != LOG_CUT);
    if (lines)
        *lines = count;
    if (what)
        fprintf(stderr, "line %llu differs: %s\n", (unsigned long long)ours.line.number, what);
    log_way_close(&ours);
    log_way_close(&theirs);
    buffer_free(&spaced);
    return what;
}

#endif
