/* command_list: `panne list`. */
#include <stdio.h>
#include <unistd.h>

#include "bundled.h"
#include "command.h"
#include "observe/columns.h"
#include "run_scenario.h"

/* At its own speed: where nothing ends, that is said. */
static void add_length(struct scenario *scenario, const struct options *options,
                       struct buffer *line)
{
    struct buffer text = { 0 };
    struct timeline timeline;

    if (!run_scenario_lay(scenario, options, &timeline, &text))
        buffer_clear(&text);
    else if (timeline.lasts == NEVER)
        buffer_add_string(&text, "-");
    else
        buffer_add_duration(&text, timeline.lasts / SECOND * SECOND);
    columns_pad(line, buffer_text(&text), 9, true);
    buffer_free(&text);
}

static bool add_line(const struct bundled *bundled, const struct options *options, size_t width,
                     struct buffer *out)
{
    struct problems *problems = problems_new();
    struct scenario *scenario = scenario_load_file(bundled->path, NULL, problems);

    if (scenario) {
        columns_pad(out, text_from(bundled->name), width + 2, true);
        add_length(scenario, options, out);
        columns_add(out, scenario->title, 200, true);
        buffer_add_byte(out, '\n');
    } else {
        problems_print(problems, stderr);
    }
    problems_free(problems);
    scenario_free(scenario);
    return scenario != NULL;
}

/* A group begins: an empty line, and what it is. */
static void add_group(const char *group, struct buffer *out)
{
    buffer_format(out, "\nIn %s/, one idea each; panne-recipes(7) has a page for each of them:\n",
                  group);
}

int command_list(const struct options *options)
{
    struct arena arena = { 0 };
    struct buffer out = { 0 };
    size_t count, width = 0;
    const struct bundled *items = bundled_list(&arena, &count);
    int status = EXIT_PASSED, printed;

    for (size_t i = 0; i < count; i++)
        if (columns_of(text_from(items[i].name)) > width)
            width = columns_of(text_from(items[i].name));
    for (size_t i = 0; i < count; i++) {
        if (items[i].group && (i == 0 || !items[i - 1].group))
            add_group(items[i].group, &out);
        if (!add_line(&items[i], options, width, &out))
            status = EXIT_USAGE;
    }
    printed = command_print(&out);
    buffer_free(&out);
    arena_clear(&arena);
    return printed != EXIT_PASSED ? printed : status;
}
