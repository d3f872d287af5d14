/* command_schema: `panne schema`: that of scenarios, or that of reports. */
#include "base/say.h"
#include "command.h"
#include "report/report.h"
#include "scenario/schema.h"

static bool add_schema(const struct options *options, struct buffer *out)
{
    struct text what = options->words.count > 0 ? options->words.items[0] : text_from("scenario");

    if (text_is(what, "scenario")) {
        scenario_schema(out);
    } else if (text_is(what, "report")) {
        report_schema(out);
    } else {
        say("there is no schema of %s: scenario, report", what.at);
        return false;
    }
    return true;
}

int command_schema(const struct options *options)
{
    struct buffer out = { 0 };
    int status = EXIT_USAGE;

    if (add_schema(options, &out))
        status = command_print(&out);
    buffer_free(&out);
    return status;
}
