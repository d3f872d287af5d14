/* describe: one kind as plain text for a terminal. */
#include "faults/manual.h"

enum { COLUMNS = 80 };

static void add_blanks(struct buffer *out, size_t count)
{
    while (count-- > 0)
        buffer_add_byte(out, ' ');
}

static void add_running(struct buffer *out, struct text words, size_t indent)
{
    size_t column = 0;
    struct text word;

    while (text_next_item(&words, ' ', &word)) {
        if (column > 0 && column + 1 + word.length > COLUMNS) {
            buffer_add_byte(out, '\n');
            column = 0;
        }
        add_blanks(out, column == 0 ? indent : 1);
        column += (column == 0 ? indent : 1) + word.length;
        buffer_add_text(out, word);
    }
    buffer_add_byte(out, '\n');
}

void fault_describe(const struct fault_kind *kind, struct buffer *out)
{
    struct buffer words = { 0 };

    buffer_format(out, "%s: %s\n\n", kind->name, kind->summary);
    add_running(out, text_from(kind->about), 0);
    buffer_add_string(out, "\nparameters:\n");
    for (const struct field *field = kind->fields; field->type != FIELD_NONE; field++) {
        buffer_format(out, "  %s\n", field->name);
        buffer_clear(&words);
        fault_describe_field(field, &words);
        add_running(out, buffer_text(&words), 6);
    }
    buffer_format(out, "\nexample:\n  %s\n", kind->example);
    buffer_free(&words);
}
