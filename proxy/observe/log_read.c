/* log_read: lines of bounded length, and what JSON makes of those that are not in our own spelling.
 */
#include "observe/log_read.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json_tree.h"
#include "observe/log_scan.h"

#define STEP ((size_t)256 << 10)

struct log_reader {
    int fd;
    bool ended; /* the file has been read */
    char *at;   /* what has been read of it, but not used */
    size_t start, length, room;
    uint64_t number; /* of the line that was read last */
    /* Texts of that line are lent from what has been read, from the scanner, or from the object. */
    struct log_scanner *scanner;
    struct json_tree *object;
};

struct log_reader *log_reader_open(const char *path, struct buffer *complaint)
{
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    struct log_reader *reader;

    if (fd < 0) {
        buffer_format(complaint, "%s cannot be read: %s", path, strerror(errno));
        return NULL;
    }
    reader = memory_take(sizeof *reader);
    reader->fd = fd;
    reader->scanner = log_scanner_new();
    reader->room = STEP;
    reader->at = memory_take(reader->room);
    return reader;
}

void log_reader_close(struct log_reader *reader)
{
    if (!reader)
        return;
    json_tree_free(reader->object);
    log_scanner_free(reader->scanner);
    close(reader->fd);
    free(reader->at);
    free(reader);
}

/* Room for a step behind what is there, which moves to the front. */
static void make_room(struct log_reader *reader)
{
    if (reader->start > 0)
        memmove(reader->at, reader->at + reader->start, reader->length);
    reader->start = 0;
    if (reader->room - reader->length < STEP) {
        reader->room = 2 * reader->room + STEP;
        reader->at = memory_grow(reader->at, reader->room);
    }
}

static bool fill(struct log_reader *reader, struct buffer *complaint)
{
    ssize_t count;

    make_room(reader);
    do
        count = read(reader->fd, reader->at + reader->length, STEP);
    while (count < 0 && errno == EINTR);
    if (count < 0) {
        buffer_format(complaint, "it cannot be read: %s", strerror(errno));
        return false;
    }
    reader->ended = count == 0;
    reader->length += (size_t)count;
    return true;
}

/* A line without its end; LOG_CUT: the file's last, which has none. */
static enum log_found next_line(struct log_reader *reader, struct text *line,
                                struct buffer *complaint)
{
    size_t seen = 0;

    for (;;) {
        const char *from = reader->at + reader->start;
        const char *end =
            seen < reader->length ? memchr(from + seen, '\n', reader->length - seen) : NULL;

        if (end || reader->ended) {
            size_t length = end ? (size_t)(end - from) : reader->length;

            *line = text_of(from, length);
            reader->start += length + (end != NULL);
            reader->length -= length + (end != NULL);
            return end ? LOG_LINE : length > 0 ? LOG_CUT : LOG_END;
        }
        seen = reader->length;
        if (seen > LOG_LINE_MOST) {
            buffer_add_string(complaint, "longer than any line of a log");
            return LOG_BROKEN;
        }
        if (!fill(reader, complaint))
            return LOG_BROKEN;
    }
}

static bool is_number(const struct json_member *value)
{
    return value->kind == JSON_IS_WHOLE || value->kind == JSON_IS_REAL;
}

/* Seconds or milliseconds in microseconds. No time is longer than what a double counts exactly. */
static bool read_time(const struct json_member *value, usec unit, usec *time)
{
    double amount = value->number * (double)unit;

    if (!is_number(value) || fabs(amount) > 0x1p53)
        return false;
    *time = (usec)llround(amount);
    return true;
}

static bool read_hash(struct text digits, uint64_t *hash)
{
    uint64_t value = 0;

    for (size_t i = 0; i < digits.length; i++) {
        const char *digit = strchr("0123456789abcdef", digits.at[i]);

        if (!digit || !*digit)
            return false;
        value = value << 4 | (uint64_t)(digit - "0123456789abcdef");
    }
    *hash = value;
    return digits.length == 16;
}

static bool read_value(const struct event_field *field, const struct json_member *value, void *at)
{
    switch (field->type) {
    case EVENT_TEXT:
        *(struct text *)at = value->text;
        return value->kind == JSON_IS_TEXT;
    case EVENT_COUNT:
        *(uint64_t *)at = (uint64_t)value->whole;
        return value->kind == JSON_IS_WHOLE && value->whole >= 0;
    case EVENT_DURATION:
        return read_time(value, MSEC, at);
    case EVENT_MOMENT:
        return read_time(value, SECOND, at);
    case EVENT_FLAG:
        *(bool *)at = value->flag;
        return value->kind == JSON_IS_FLAG;
    case EVENT_REAL:
        *(double *)at = value->number;
        return is_number(value);
    case EVENT_HASH:
        return value->kind == JSON_IS_TEXT && read_hash(value->text, at);
    }
    return false;
}

static const char *wish(enum event_type type)
{
    static const char *const wishes[] = {
        [EVENT_TEXT] = "a text",
        [EVENT_COUNT] = "a whole number",
        [EVENT_DURATION] = "a number of milliseconds",
        [EVENT_MOMENT] = "a number of seconds",
        [EVENT_FLAG] = "true or false",
        [EVENT_REAL] = "a number",
        [EVENT_HASH] = "16 hex digits",
    };

    return wishes[type];
}

static bool read_field(const struct json_tree *object, const struct event_field *field, void *at,
                       struct buffer *complaint)
{
    const struct json_member value = json_tree_member(object, field->name);

    if (value.kind == JSON_NOTHING) {
        event_leave_out(field, at);
        return true;
    }
    if (read_value(field, &value, at))
        return true;
    buffer_format(complaint, "\"%s\" wants %s", field->name, wish(field->type));
    return false;
}

static bool read_fields(const struct json_tree *object, const struct event_description *description,
                        void *event, struct buffer *complaint)
{
    for (size_t i = 0; i < description->count; i++) {
        const struct event_field *field = &description->fields[i];

        if (!read_field(object, field, (char *)event + field->offset, complaint))
            return false;
    }
    return true;
}

static enum event_kind find_kind(struct text name)
{
    for (enum event_kind kind = 0; kind < EVENT_KINDS; kind++)
        if (text_is(name, event_describe(kind)->name))
            return kind;
    return EVENT_KINDS;
}

static enum log_found read_object(const struct json_tree *object, struct log_line *line,
                                  struct buffer *complaint)
{
    static const struct event_field sequence = { .name = "seq", .type = EVENT_COUNT };
    static const struct event_field time = { .name = "time", .type = EVENT_MOMENT };
    const struct json_member name = json_tree_member(object, "event");

    if (name.kind != JSON_IS_TEXT) {
        buffer_add_string(complaint, "no object with an \"event\"");
        return LOG_BROKEN;
    }
    line->kind = find_kind(name.text);
    if (!read_field(object, &sequence, &line->sequence, complaint) ||
        !read_field(object, &time, &line->time, complaint))
        return LOG_BROKEN;
    if (line->kind == EVENT_KINDS)
        return LOG_STRANGE;
    return read_fields(object, event_describe(line->kind), &line->event, complaint) ? LOG_LINE
                                                                                    : LOG_BROKEN;
}

static enum log_found take_line(struct log_reader *reader, struct text *text, struct buffer *why)
{
    enum log_found found;

    do {
        found = next_line(reader, text, why);
        reader->number += found != LOG_END;
    } while (found == LOG_LINE && text_is_empty(text_trim(*text)));
    return found;
}

/* A file that ends without a newline may still end with a whole line: somebody's editor. */
static enum log_found read_text(struct log_reader *reader, struct text text, bool cut,
                                struct log_line *line, struct buffer *why)
{
    struct buffer wrong = { 0 };

    if (log_scan(reader->scanner, text, line))
        return LOG_LINE;
    memset(line, 0, sizeof *line);
    reader->object = json_tree_read_strictly(text, &wrong);
    if (!reader->object && !cut)
        buffer_format(why, "not JSON: %s", wrong.at);
    buffer_free(&wrong);
    if (!reader->object)
        return cut ? LOG_CUT : LOG_BROKEN;
    return read_object(reader->object, line, why);
}

enum log_found log_read(struct log_reader *reader, struct log_line *line, struct buffer *complaint)
{
    struct buffer why = { 0 };
    struct text text;
    enum log_found found;

    json_tree_free(reader->object);
    reader->object = NULL;
    memset(line, 0, sizeof *line);
    found = take_line(reader, &text, &why);
    if (found == LOG_LINE || found == LOG_CUT)
        found = read_text(reader, text, found == LOG_CUT, line, &why);
    line->number = reader->number;
    if (found == LOG_BROKEN) {
        buffer_mask_controls(&why);
        buffer_format(complaint, "line %llu: %s", (unsigned long long)reader->number, why.at);
    }
    buffer_free(&why);
    return found;
}
