/* command_faults: `panne faults`. */
#include "base/problems.h"
#include "base/say.h"
#include "command.h"
#include "faults/fault.h"
#include "faults/manual.h"

static void add_all(struct buffer *out)
{
    for (size_t i = 0; fault_at(i); i++)
        buffer_format(out, "%-10s %-9s %s\n", fault_at(i)->name, fault_at(i)->family,
                      fault_at(i)->summary);
    buffer_add_string(out, "\nOf each, `panne faults KIND` tells more.\n");
}

static bool add_one(struct text name, struct buffer *out)
{
    const struct fault_kind *kind = fault_find(name);
    const char *meant;

    if (kind) {
        fault_describe(kind, out);
        return true;
    }
    meant = problem_suggestion(name, fault_name_at, NULL);
    if (meant)
        say("there is no fault %s; did you mean %s? (panne faults lists them)", name.at, meant);
    else
        say("there is no fault %s (panne faults lists them)", name.at);
    return false;
}

int command_faults(const struct options *options)
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
