/* option_print: chapters in order, and in each its rows. */
#include "option_print.h"

void option_print(const struct option_print *style, unsigned command, struct buffer *out)
{
    for (enum option_group group = 0; group < OPTION_GROUPS; group++) {
        bool titled = false;

        for (size_t i = 0; option_at(i); i++) {
            const struct option_row *row = option_at(i);

            if (row->group != group || !(row->commands & command))
                continue;
            if (!titled)
                buffer_format(out, "%s%s%s", style->before, option_group_title(group),
                              style->after);
            titled = true;
            style->add_row(row, out);
        }
        if (titled)
            buffer_add_string(out, style->end);
    }
}
