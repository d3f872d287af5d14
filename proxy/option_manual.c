/* option_manual: the table as the manual prints it, in mdoc. */
#include "option.h"

#include "base/mdoc.h"
#include "option_print.h"

/* `Fl l , -listen Ar URL`. */
static void add_names(const struct option_row *row, struct buffer *out)
{
    buffer_add_string(out, ".It Fl ");
    if (row->letter)
        buffer_format(out, "%c , Fl ", row->letter);
    buffer_format(out, "-%s", row->field.name);
    if (row->argument) {
        buffer_add_string(out, " Ar ");
        buffer_add_string(out, row->argument);
    }
    buffer_add_byte(out, '\n');
}

static void add_row(const struct option_row *row, struct buffer *out)
{
    struct buffer words = { 0 };

    add_names(row, out);
    buffer_add_string(&words, row->field.help);
    if (words.length > 0 && words.at[0] >= 'a' && words.at[0] <= 'z')
        words.at[0] = (char)(words.at[0] - 'a' + 'A');
    buffer_add_byte(&words, '.');
    mdoc_add_running(out, buffer_text(&words), MDOC_OPTIONS);
    buffer_clear(&words);
    if (row->field.fallback)
        buffer_format(&words, "Default: %s.", row->field.fallback);
    else if (row->otherwise)
        buffer_format(&words, "Without it: %s.", row->otherwise);
    if (words.length > 0)
        mdoc_add_running(out, buffer_text(&words), MDOC_OPTIONS);
    buffer_free(&words);
}

void option_manual(unsigned command, struct buffer *out)
{
    static const struct option_print style = {
        .before = ".Ss ",
        .after = "\n.Bl -tag -width Ds\n",
        .end = ".El\n",
        .add_row = add_row,
    };

    option_print(&style, command, out);
}
