/* command_show: `panne show`. */
#include <unistd.h>

#include "base/say.h"
#include "command.h"
#include "run_scenario.h"
#include "scenario/show.h"

int command_show(const struct options *options)
{
    struct scenario *scenario = run_scenario_open(options->words.items[0], options, NULL);
    struct buffer out = { 0 }, complaint = { 0 };
    struct timeline timeline;
    int status = EXIT_USAGE;

    if (!scenario)
        return EXIT_USAGE;
    if (run_scenario_lay(scenario, options, &timeline, &complaint)) {
        show_scenario(scenario, &timeline, command_columns(STDOUT_FILENO),
                      command_has_color(options, STDOUT_FILENO), command_has_unicode(), &out);
        status = command_print(&out);
    } else {
        say("%s", complaint.at);
    }
    buffer_free(&out);
    buffer_free(&complaint);
    scenario_free(scenario);
    return status;
}
