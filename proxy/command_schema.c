/* command_schema: `panne schema`. */
#include "command.h"
#include "scenario/schema.h"

int command_schema(const struct options *options)
{
    struct buffer out = { 0 };
    int status;

    (void)options;
    scenario_schema(&out);
    status = command_print(&out);
    buffer_free(&out);
    return status;
}
