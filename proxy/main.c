/* main: from the arguments to the command. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/problems.h"
#include "base/say.h"
#include "command.h"

static int print_version(void)
{
    struct buffer out = { 0 };
    int status;

    buffer_add_string(&out, "panne " PANNE_VERSION "\n");
    status = command_print(&out);
    buffer_free(&out);
    return status;
}

/* Of one command, or of all. */
static int print_help(const struct command *command)
{
    struct buffer out = { 0 };
    int status;

    if (command)
        command_help(command, &out);
    else
        command_help_all(&out);
    status = command_print(&out);
    buffer_free(&out);
    return status;
}

static const struct command *find_command(const char *name)
{
    const struct command *command = command_find(text_from(name));
    const char *meant;

    if (command)
        return command;
    meant = problem_suggestion(text_from(name), command_name_at, NULL);
    if (meant)
        say("there is no command %s; did you mean %s? (panne --help)", name, meant);
    else
        say("there is no command %s (panne --help)", name);
    return NULL;
}

static int check_words(const struct command *command, const struct options *options)
{
    if (options->child && !command->takes_child)
        say("%s runs no COMMAND (panne %s --help)", command->name, command->name);
    else if (options->words.count < command->least)
        say("%s wants %s (panne %s --help)", command->name, command->arguments, command->name);
    else if (options->words.count > command->most)
        say("%s does not take %s (panne %s --help)", command->name,
            options->words.items[command->most].at, command->name);
    else
        return EXIT_PASSED;
    return EXIT_USAGE;
}

static int perform(const struct command *command, char **arguments)
{
    struct options *options = memory_take(sizeof *options);
    struct buffer complaint = { 0 };
    int status = EXIT_USAGE;

    if (!option_parse(options, command->bit, arguments, &complaint))
        say("%s (panne %s --help)", complaint.at, command->name);
    else if (options->help)
        status = print_help(command);
    else if (options->version)
        status = print_version();
    else
        status = check_words(command, options);
    if (complaint.length == 0 && status == EXIT_PASSED && !options->help && !options->version)
        status = command->run(options);
    buffer_free(&complaint);
    option_clear(options);
    free(options);
    return status;
}

int main(int count, char **arguments)
{
    const char *first = count > 1 ? arguments[1] : NULL;
    const struct command *command;

    /* A peer that has gone is an error of its write, not of the process. */
    signal(SIGPIPE, SIG_IGN);
    if (!first) {
        say("a command is missing: run, check, show, list, report, explain, faults, ca, origin "
            "(panne "
            "--help)");
        return EXIT_USAGE;
    }
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0)
        return print_version();
    if (strcmp(first, "help") == 0 || strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
        if (count < 3)
            return print_help(NULL);
        first = arguments[2];
        command = find_command(first);
        return command ? print_help(command) : EXIT_USAGE;
    }
    command = find_command(first);
    return command ? perform(command, arguments + 1) : EXIT_USAGE;
}
