/* command_checks: `panne checks`. */
#include <string.h>

#include "base/problems.h"
#include "base/prose.h"
#include "base/say.h"
#include "command.h"
#include "verdict/check_manual.h"

/* The name, and beside it what is asked, in as many lines as that takes. */
static void add_line(struct buffer *out, const struct check *check, size_t width)
{
    struct buffer words = { 0 };

    prose_add_running(&words, text_from(check->asks), width + 2);
    memcpy(words.at, check->name, strlen(check->name));
    buffer_add_text(out, buffer_text(&words));
    buffer_free(&words);
}

static void add_group(struct buffer *out, enum check_group group, size_t width)
{
    bool titled = false;

    for (size_t i = 0; check_at(i); i++) {
        if (check_at(i)->group != group)
            continue;
        if (!titled)
            buffer_format(out, "%s%s:\n", out->length > 0 ? "\n" : "", check_group_name(group));
        titled = true;
        add_line(out, check_at(i), width);
    }
}

static void add_all(struct buffer *out)
{
    size_t width = 0;

    for (size_t i = 0; check_at(i); i++)
        if (strlen(check_at(i)->name) > width)
            width = strlen(check_at(i)->name);
    for (enum check_group group = 0; group < GROUP_COUNT; group++)
        add_group(out, group, width);
    buffer_add_string(out, "\nOf each, `panne checks CHECK` tells more.\n");
}

static bool add_one(struct text name, struct buffer *out)
{
    const struct check *check = check_find(name);
    const char *meant;

    if (check) {
        check_describe(check, out);
        return true;
    }
    meant = problem_suggestion(name, check_name_at, NULL);
    if (meant)
        say("there is no check %s; did you mean %s? (panne checks lists them)", name.at, meant);
    else
        say("there is no check %s (panne checks lists them)", name.at);
    return false;
}

int command_checks(const struct options *options)
{
    struct buffer out = { 0 };
    int status = EXIT_USAGE;

    if (options->words.count == 0)
        add_all(&out);
    if (options->words.count == 0 || add_one(options->words.items[0], &out))
        status = command_print(&out);
    buffer_free(&out);
    return status;
}
