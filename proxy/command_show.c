/* command_show: `panne show`. */
#include <unistd.h>

#include "base/say.h"
#include "command.h"
#include "run_scenario.h"
#include "scenario/show.h"

#define NARROWEST 60u

static bool has_color(const struct options *options)
{
    if (options->plain && options->color == WHEN_AUTO)
        return false;
    return command_has_color(options, STDOUT_FILENO);
}

int command_show(const struct options *options)
{
    struct scenario *scenario = run_scenario_open(options->words.items[0], options, NULL);
    struct buffer out = { 0 }, complaint = { 0 };
    unsigned width = command_columns(STDOUT_FILENO);
    struct timeline timeline;
    int status = EXIT_USAGE;

    if (!scenario)
        return EXIT_USAGE;
    if (run_scenario_lay(scenario, options, &timeline, &complaint)) {
        show_scenario(scenario, &timeline, width < NARROWEST ? NARROWEST : width,
                      has_color(options), !options->plain && command_has_unicode(), &out);
        status = command_print(&out);
    } else {
        say("%s", complaint.at);
    }
    buffer_free(&out);
    buffer_free(&complaint);
    scenario_free(scenario);
    return status;
}
