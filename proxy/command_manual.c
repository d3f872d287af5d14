/* command_manual: `panne manual`: what the manual pages take from the program's own tables. */
#include "base/say.h"
#include "command.h"
#include "environment.h"
#include "faults/manual.h"
#include "observe/event.h"
#include "origin/embedded.h"
#include "report/report.h"
#include "verdict/check_manual.h"

static bool add_options(const struct options *options, struct buffer *out)
{
    struct text name = options->words.count > 1 ? options->words.items[1] : text_from("run");
    const struct command *command = command_find(name);

    if (!command) {
        say("there is no command %s", name.at);
        return false;
    }
    option_manual(command->bit, out);
    return true;
}

static bool add_part(const struct options *options, struct buffer *out)
{
    struct text what = options->words.items[0];

    if (text_is(what, "options"))
        return add_options(options, out);
    if (text_is(what, "faults")) {
        fault_manual(out);
    } else if (text_is(what, "checks")) {
        check_manual(out);
    } else if (text_is(what, "events")) {
        event_manual(out);
    } else if (text_is(what, "reports")) {
        report_manual(out);
    } else if (text_is(what, "env")) {
        environment_manual(out);
    } else if (text_is(what, "origin")) {
        embedded_describe(out);
    } else {
        say("the manual has no part %s: options, faults, checks, events, reports, env, "
            "origin",
            what.at);
        return false;
    }
    return true;
}

int command_manual(const struct options *options)
{
    struct buffer out = { 0 };
    int status = EXIT_USAGE;

    if (add_part(options, &out))
        status = command_print(&out);
    buffer_free(&out);
    return status;
}
