/* option_help: the table as `--help` prints it. */
#include "option.h"

#include "option_print.h"

enum { WIDTH = 80, COLUMN = 30 };

static void add_spaces(struct buffer *out, size_t count)
{
    while (count-- > 0)
        buffer_add_byte(out, ' ');
}

/* Words in lines from COLUMN to WIDTH; the first line's beginning stands there already. */
static void add_words(struct buffer *out, struct text words, size_t *column)
{
    struct text word;

    while (text_next_item(&words, ' ', &word)) {
        if (*column > COLUMN && *column + 1 + word.length > WIDTH) {
            buffer_add_byte(out, '\n');
            add_spaces(out, COLUMN);
            *column = COLUMN;
        } else if (*column > COLUMN) {
            buffer_add_byte(out, ' ');
            ++*column;
        }
        buffer_add_text(out, word);
        *column += word.length;
    }
}

static void add_default(const struct option_row *row, struct buffer *out)
{
    if (row->field.fallback)
        buffer_format(out, " (%s)", row->field.fallback);
    else if (row->otherwise)
        buffer_format(out, " (else %s)", row->otherwise);
}

static void add_row(const struct option_row *row, struct buffer *out)
{
    size_t start = out->length, column;
    struct buffer help = { 0 };

    if (row->letter)
        buffer_format(out, "  -%c, --%s", row->letter, row->field.name);
    else
        buffer_format(out, "      --%s", row->field.name);
    if (row->argument)
        buffer_format(out, " %s", row->argument);
    column = out->length - start;
    if (column + 2 > COLUMN) {
        buffer_add_byte(out, '\n');
        column = 0;
    }
    add_spaces(out, COLUMN - column);
    column = COLUMN;
    buffer_add_string(&help, row->field.help);
    add_default(row, &help);
    add_words(out, buffer_text(&help), &column);
    buffer_add_byte(out, '\n');
    buffer_free(&help);
}

void option_help(unsigned command, struct buffer *out)
{
    static const struct option_print style = {
        .before = "\n",
        .after = ":\n",
        .end = "",
        .add_row = add_row,
    };

    option_print(&style, command, out);
    buffer_add_string(out, "\n  -h, --help                  print this help\n"
                           "  -V, --version               print the version\n");
}
