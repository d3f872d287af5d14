/* command_faults: `panne faults`. */
#include <string.h>

#include "base/say.h"
#include "command.h"
#include "faults/fault.h"
#include "faults/manual.h"

static void add_all(struct buffer *out)
{
    const char *family = "";
    size_t width = 0;

    for (size_t i = 0; fault_at(i); i++)
        if (strlen(fault_at(i)->name) > width)
            width = strlen(fault_at(i)->name);
    for (size_t i = 0; fault_at(i); i++) {
        const struct fault_kind *kind = fault_at(i);

        if (strcmp(family, kind->family) != 0)
            buffer_format(out, "%s%s:\n", i > 0 ? "\n" : "", kind->family);
        family = kind->family;
        buffer_format(out, "%-*s  %s\n", (int)width, kind->name, kind->summary);
    }
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
    meant = fault_meant(name);
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
