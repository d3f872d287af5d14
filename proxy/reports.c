/* reports: which reports go where. */
#include "reports.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/problems.h"
#include "base/say.h"
#include "command.h"
#include "report/report.h"
#include "reports_github.h"

struct asked {
    const struct report_format *format;
    const char *path; /* NULL: stdout */
    int fd;
    bool adds;   /* to what is in the file */
    void *state; /* of a format made of events */
    struct buffer out;
    bool begun, failed;
};

struct reports {
    const struct options *options;
    struct text log; /* where it lies; empty: there is none */
    struct asked *asked;
    size_t count;
    struct judge_stream stream;
};

/* More than that of a report that is written while a log is read goes out at once. */
#define FLUSH_FROM ((size_t)1 << 20)

static bool write_all(int fd, struct text text)
{
    while (text.length > 0) {
        ssize_t count = write(fd, text.at, text.length);

        if (count < 0 && errno != EINTR)
            return false;
        if (count > 0)
            text = text_from_offset(text, (size_t)count);
    }
    return true;
}

/* What was in the file goes when the first of the new is there. */
static void flush(struct asked *asked)
{
    bool written = true;

    if (asked->path && !asked->begun && !asked->adds)
        written = ftruncate(asked->fd, 0) == 0 || errno == EINVAL; /* a pipe, a device */
    asked->begun = true;
    if (asked->path)
        written = written && write_all(asked->fd, buffer_text(&asked->out));
    else
        written = command_print(&asked->out) == EXIT_PASSED;
    if (!written && !asked->failed && asked->path)
        say("%s cannot be written: %s", asked->path, strerror(errno));
    asked->failed |= !written;
    buffer_clear(&asked->out);
}

static void tell(void *user, enum event_kind kind, const void *event, usec time)
{
    struct reports *reports = user;

    for (size_t i = 0; i < reports->count; i++) {
        struct asked *asked = &reports->asked[i];

        if (asked->format->stream)
            asked->format->stream(asked->state, kind, event, time, &asked->out);
        if (asked->out.length >= FLUSH_FROM)
            flush(asked);
    }
}

static bool complain_of_format(struct text name, struct buffer *complaint)
{
    const char *meant = problem_suggestion(name, report_name_at, NULL);

    buffer_add_string(complaint, "--report knows no format ");
    buffer_add_json(complaint, name);
    if (meant)
        buffer_format(complaint, "; did you mean %s?", meant);
    return false;
}

/* FORMAT or FORMAT:FILE. */
static bool read_one(struct asked *asked, struct text word, bool live, struct buffer *complaint)
{
    size_t colon = text_find(word, ':');
    struct text name = text_of(word.at, colon);

    asked->fd = -1;
    asked->format = report_find(name);
    if (!asked->format)
        return complain_of_format(name, complaint);
    if (colon < word.length && strcmp(word.at + colon + 1, "-") != 0)
        asked->path = word.at + colon + 1;
    if (asked->path && !*asked->path) {
        buffer_format(complaint, "--report %s: wants a file behind the colon", word.at);
        return false;
    }
    if (live && asked->format->stream) {
        buffer_format(complaint,
                      "--report %s: it is made of a log's lines: panne report LOG --report %s",
                      word.at, word.at);
        return false;
    }
    if (asked->format->stream)
        asked->state = memory_take(asked->format->stream_size);
    return true;
}

static bool read_all(struct reports *reports, bool live, struct buffer *complaint)
{
    const struct field_texts *words = &reports->options->reports;
    size_t to_stdout = 0;

    for (size_t i = 0; i < words->count; i++) {
        reports->count++;
        if (!read_one(&reports->asked[i], words->items[i], live, complaint))
            return false;
        to_stdout += reports->asked[i].path == NULL;
    }
    if (to_stdout > 1) {
        buffer_add_string(complaint, "only one --report can go to stdout");
        return false;
    }
    return true;
}

struct reports *reports_new(const struct options *options, bool live, struct buffer *complaint)
{
    struct reports *reports = memory_take(sizeof *reports);

    reports->options = options;
    reports->log = live ? options->log : options->words.items[0];
    reports->asked = memory_take((options->reports.count + 1) * sizeof *reports->asked);
    reports->stream = (struct judge_stream){ reports, tell };
    if (read_all(reports, live, complaint))
        return reports;
    reports_free(reports);
    return NULL;
}

void reports_free(struct reports *reports)
{
    if (!reports)
        return;
    for (size_t i = 0; i < reports->count; i++) {
        struct asked *asked = &reports->asked[i];

        if (asked->fd >= 0)
            close(asked->fd);
        free(asked->state);
        buffer_free(&asked->out);
    }
    free(reports->asked);
    free(reports);
}

bool reports_open(struct reports *reports, struct buffer *complaint)
{
    for (size_t i = 0; i < reports->count; i++) {
        struct asked *asked = &reports->asked[i];

        if (!asked->path)
            continue;
        asked->adds = reports_github_is_summary(asked->path);
        asked->fd =
            open(asked->path, O_WRONLY | O_CREAT | O_CLOEXEC | (asked->adds ? O_APPEND : 0), 0644);
        if (asked->fd < 0) {
            buffer_format(complaint, "--report: %s cannot be written: %s", asked->path,
                          strerror(errno));
            return false;
        }
    }
    return true;
}

const struct judge_stream *reports_stream(struct reports *reports)
{
    for (size_t i = 0; i < reports->count; i++)
        if (reports->asked[i].format->stream)
            return &reports->stream;
    return NULL;
}

bool reports_has_stdout(const struct reports *reports)
{
    for (size_t i = 0; i < reports->count; i++)
        if (!reports->asked[i].path)
            return true;
    return false;
}

static bool write_one(struct asked *asked, const struct judgment *judgment,
                      const struct report_options *options)
{
    if (asked->format->stream_end)
        asked->format->stream_end(asked->state, &asked->out);
    if (asked->format->write)
        asked->format->write(judgment, options, &asked->out);
    flush(asked);
    return !asked->failed;
}

/* What a step of a workflow gets unasked, unless it was asked for. */
static void tell_github(const struct reports *reports, const struct judgment *judgment)
{
    bool annotated = false, summed_up = false;

    for (size_t i = 0; i < reports->count; i++) {
        annotated |= text_is(text_from(reports->asked[i].format->name), "github");
        summed_up |= reports->asked[i].adds;
    }
    if (!annotated)
        reports_github_annotate(judgment);
    if (!summed_up)
        reports_github_sum_up(judgment);
}

bool reports_write(struct reports *reports, const struct judgment *judgment)
{
    bool whole = true;

    for (size_t i = 0; i < reports->count; i++) {
        const struct report_options options = {
            .color = !reports->asked[i].path && command_has_color(reports->options, 1),
            .unicode = command_has_unicode(),
            .columns = reports->asked[i].path ? 80 : command_columns(1),
            .log = reports->log,
        };

        whole &= write_one(&reports->asked[i], judgment, &options);
    }
    tell_github(reports, judgment);
    return whole;
}
