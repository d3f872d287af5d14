/* command_check: `panne check`. */
#include "command.h"
#include "run_scenario.h"

/* True if there is nothing wrong. */
static bool check(struct text name, const struct options *options, struct buffer *out)
{
    struct buffer path = { 0 };
    struct scenario *scenario = run_scenario_open(name, options, &path);
    bool good = scenario != NULL;

    if (good)
        buffer_format(out, "%s: ok\n", path.at);
    scenario_free(scenario);
    buffer_free(&path);
    return good;
}

int command_check(const struct options *options)
{
    struct buffer out = { 0 };
    int status = EXIT_PASSED, printed = EXIT_PASSED;

    for (size_t i = 0; i < options->words.count; i++)
        if (!check(options->words.items[i], options, &out))
            status = EXIT_USAGE;
    if (!options->quiet)
        printed = command_print(&out);
    buffer_free(&out);
    return printed != EXIT_PASSED ? printed : status;
}
