/* command_check: `panne check`. */
#include <stdio.h>
#include <unistd.h>

#include "base/say.h"
#include "bundled.h"
#include "command.h"
#include "scenario/scenario.h"

/* True if there is nothing wrong. */
static bool check(struct text name, struct buffer *out)
{
    struct problems *problems = problems_new();
    struct buffer complaint = { 0 };
    struct scenario *scenario = NULL;
    struct arena arena = { 0 };
    const char *path = bundled_find(name, &arena, &complaint);

    if (path)
        scenario = scenario_load_file(path, problems);
    else
        say("%s", complaint.at);
    problems_print(problems, stderr);
    if (scenario)
        buffer_format(out, "%s: ok\n", path);
    scenario_free(scenario);
    problems_free(problems);
    buffer_free(&complaint);
    arena_clear(&arena);
    return scenario != NULL;
}

int command_check(const struct options *options)
{
    struct buffer out = { 0 };
    int status = EXIT_PASSED, printed = EXIT_PASSED;

    for (size_t i = 0; i < options->words.count; i++)
        if (!check(options->words.items[i], &out))
            status = EXIT_USAGE;
    if (!options->quiet)
        printed = command_print(&out);
    buffer_free(&out);
    return printed != EXIT_PASSED ? printed : status;
}
