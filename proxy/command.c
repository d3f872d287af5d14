/* command: the table of commands, and what they share about terminals. */
#include "command.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/say.h"

static const struct command commands[] = {
    { .name = "run",
      .bit = FOR_RUN,
      .arguments = "SCENARIO [options] [-- COMMAND [ARG...]]",
      .summary = "replay a scenario on real traffic",
      .least = 1,
      .most = 1,
      .takes_child = true,
      .run = command_run },
    { .name = "check",
      .bit = FOR_CHECK,
      .arguments = "SCENARIO... [options]",
      .summary = "validate scenarios: every problem with its place",
      .least = 1,
      .most = SIZE_MAX,
      .run = command_check },
    { .name = "show",
      .bit = FOR_SHOW,
      .arguments = "SCENARIO [options]",
      .summary = "draw a scenario's timeline",
      .least = 1,
      .most = 1,
      .run = command_show },
    { .name = "list",
      .bit = FOR_LIST,
      .arguments = "[options]",
      .summary = "the bundled scenarios",
      .run = command_list },
    { .name = "report",
      .bit = FOR_REPORT,
      .arguments = "LOG [options]",
      .summary = "judge a recorded run, and write reports of it",
      .least = 1,
      .most = 1,
      .run = command_report },
    { .name = "explain",
      .bit = FOR_EXPLAIN,
      .arguments = "LOG [options]",
      .summary = "ask again for every decision of a recorded run",
      .least = 1,
      .most = 1,
      .run = command_explain },
    { .name = "faults",
      .bit = FOR_FAULTS,
      .arguments = "[KIND]",
      .summary = "the catalogue of faults",
      .most = 1,
      .run = command_faults },
    { .name = "checks",
      .bit = FOR_CHECKS,
      .arguments = "[CHECK]",
      .summary = "what can be expected of a client",
      .most = 1,
      .run = command_checks },
    { .name = "schema",
      .bit = FOR_SCHEMA,
      .arguments = "[scenario|report]",
      .summary = "the scenario language, or the JSON report, as a JSON Schema",
      .most = 1,
      .run = command_schema },
    { .name = "ca",
      .bit = FOR_CA,
      .arguments = "init|show|export|env [options]",
      .summary = "the local certificate authority",
      .least = 1,
      .most = 1,
      .run = command_ca },
    { .name = "origin",
      .bit = FOR_ORIGIN,
      .arguments = "[options]",
      .summary = "a small origin for demonstrations and tests",
      .run = command_origin },
    { .name = "manual",
      .bit = FOR_MANUAL,
      .arguments = "options|faults|checks|events|env|origin [COMMAND]",
      .summary = "parts of the manual pages",
      .least = 1,
      .most = 2,
      .hidden = true,
      .run = command_manual },
};

const struct command *command_at(size_t index)
{
    return index < COUNT_OF(commands) ? &commands[index] : NULL;
}

const struct command *command_find(struct text name)
{
    for (size_t i = 0; command_at(i); i++)
        if (text_is(name, command_at(i)->name))
            return command_at(i);
    return NULL;
}

const char *command_name_at(const void *list, size_t index)
{
    (void)list;
    return command_at(index) ? command_at(index)->name : NULL;
}

void command_help_all(struct buffer *out)
{
    buffer_add_string(out, "usage: panne COMMAND [options]\n\n"
                           "Replays real outages on HTTP and HTTPS traffic.\n\n");
    for (size_t i = 0; command_at(i); i++)
        if (!command_at(i)->hidden)
            buffer_format(out, "  %-8s %s\n", command_at(i)->name, command_at(i)->summary);
    buffer_add_string(out, "\nOf each, `panne COMMAND --help` tells more.\n"
                           "To begin with: panne run tesla-2021 --upstream embedded\n");
}

void command_help(const struct command *command, struct buffer *out)
{
    buffer_format(out, "usage: panne %s %s\n\n%s\n", command->name, command->arguments,
                  command->summary);
    option_help(command->bit, out);
}

int command_print(struct buffer *out)
{
    size_t written = 0;

    while (written < out->length) {
        ssize_t part = write(STDOUT_FILENO, out->at + written, out->length - written);

        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0) {
            say_errno("stdout cannot be written");
            return EXIT_BROKEN;
        }
        written += (size_t)part;
    }
    buffer_clear(out);
    return EXIT_PASSED;
}

bool command_has_color(const struct options *options, int fd)
{
    const char *forbidden = getenv("NO_COLOR"), *terminal = getenv("TERM");

    if (options->color != WHEN_AUTO)
        return options->color == WHEN_ALWAYS;
    return isatty(fd) && (!forbidden || !*forbidden) && terminal && strcmp(terminal, "dumb") != 0;
}

bool command_has_unicode(void)
{
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    const char *terminal = getenv("TERM");

    if (terminal && strcmp(terminal, "dumb") == 0)
        return false;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *value = getenv(names[i]);

        if (value && *value)
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

unsigned command_columns(int fd)
{
    const char *given = getenv("COLUMNS");
    struct winsize size = { 0 };
    uint64_t columns;

    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    if (text_to_u64(text_from(given), &columns) && columns > 0 && columns <= 1000)
        return (unsigned)columns;
    return 80;
}
