/* command_explain: `panne explain`. */
#include <inttypes.h>

#include "base/say.h"
#include "command.h"
#include "explain.h"
#include "observe/columns.h"

/* To the end of the log. False: it cannot be understood. */
static bool read_log(struct log_reader *reader, struct explain *explain, struct buffer *complaint)
{
    struct log_line line;

    for (;;) {
        switch (log_read(reader, &line, complaint)) {
        case LOG_LINE:
            if (!explain_take(explain, &line, complaint))
                return false;
            break;
        case LOG_STRANGE:
            explain_pass(explain, &line);
            break;
        case LOG_END:
        case LOG_CUT:
            return true;
        case LOG_BROKEN:
            return false;
        }
    }
}

static void add_count(struct buffer *out, uint64_t count, const char *one, const char *many)
{
    columns_add_count(out, count);
    buffer_format(out, " %s", count == 1 ? one : many);
}

static void sum_up(const struct explained *explained, struct buffer *out)
{
    add_count(out, explained->decisions, "decision", "decisions");
    if (explained->different > 0) {
        buffer_add_string(out, ", ");
        add_count(out, explained->different, "difference", "differences");
    } else {
        buffer_add_string(out, explained->decisions > 0 ? ", all the same" : "");
    }
    buffer_add_byte(out, '\n');
    if (explained->doubtful > 0) {
        add_count(out, explained->doubtful, "more", "more");
        buffer_add_string(out, " could not be compared, for what is missing\n");
    }
    if (explained->earlier > 0) {
        add_count(out, explained->earlier, "more", "more");
        buffer_add_string(out, " came from a scenario that an earlier part of the log has\n");
    }
    if (!explained->whole)
        buffer_add_string(out, "the log is not whole\n");
}

static int judge(const struct explained *explained)
{
    if (explained->different > 0)
        return EXIT_FAILED;
    if (!explained->whole || explained->doubtful > 0 || explained->earlier > 0)
        return EXIT_INCONCLUSIVE;
    return EXIT_PASSED;
}

/* Numbers are not places: what is intercepted behind a CONNECT leaves no line for that. */
static void say_missing(uint64_t request, uint64_t nearest)
{
    if (nearest != 0)
        say("there is no exchange %" PRIu64 " in the log that can be explained; the nearest is "
            "%" PRIu64,
            request, nearest);
    else
        say("there is no exchange %" PRIu64 " in the log that can be explained", request);
}

static int conclude(const struct explained *explained, const char *path, uint64_t request)
{
    struct buffer out = { 0 };
    int printed;

    if (!explained->begun) {
        say("%s: no line of a log in it", path);
        return EXIT_BROKEN;
    }
    if (explained->words.length > 0) {
        buffer_add_text(&out, buffer_text(&explained->words));
        buffer_add_byte(&out, '\n');
    }
    buffer_add_text(&out, buffer_text(&explained->list));
    sum_up(explained, &out);
    printed = command_print(&out);
    buffer_free(&out);
    if (printed != EXIT_PASSED)
        return printed;
    if (request != 0 && !explained->told) {
        say_missing(request, explained->nearest);
        return EXIT_USAGE;
    }
    return judge(explained);
}

int command_explain(const struct options *options)
{
    const char *path = options->words.items[0].at;
    struct buffer complaint = { 0 };
    struct log_reader *reader = log_reader_open(path, &complaint);
    struct explain *explain = explain_new(options->request);
    int status = EXIT_BROKEN;

    if (!reader)
        say("%s", complaint.at);
    else if (!read_log(reader, explain, &complaint))
        say("%s: %s", path, complaint.at);
    else
        status = conclude(explain_finish(explain), path, options->request);
    log_reader_close(reader);
    explain_free(explain);
    buffer_free(&complaint);
    return status;
}
