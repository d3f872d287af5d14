/* prose: what rows of tables say about themselves, in whole sentences. */
#include "base/prose.h"

enum { COLUMNS = 80 };

void prose_add_sentence(struct buffer *out, const char *words)
{
    size_t start = out->length;

    buffer_add_string(out, words);
    if (out->length > start && out->at[start] >= 'a' && out->at[start] <= 'z')
        out->at[start] = (char)(out->at[start] - 'a' + 'A');
    buffer_add_byte(out, '.');
}

static void add_choices(const struct field *field, struct buffer *out)
{
    buffer_add_string(out, "One of ");
    for (size_t i = 0; field->choices[i]; i++) {
        if (i > 0)
            buffer_add_string(out, field->choices[i + 1] ? ", " : " and ");
        buffer_add_string(out, field->choices[i]);
    }
    buffer_add_byte(out, '.');
}

void prose_describe_field(const struct field *field, struct buffer *out)
{
    prose_add_sentence(out, field->help);
    buffer_add_byte(out, ' ');
    if (field->type == FIELD_CHOICE)
        add_choices(field, out);
    else
        prose_add_sentence(out, field_type_wish(field->type));
    if (field->type == FIELD_DURATION)
        buffer_add_string(out,
                          field->clock == CLOCK_WALL ? " Real time." : " The scenario's time.");
    if (field->fallback)
        buffer_format(out, " Default: %s.", field->fallback);
    if (field->main)
        buffer_add_string(out, " May stand alone.");
}

static void add_blanks(struct buffer *out, size_t count)
{
    while (count-- > 0)
        buffer_add_byte(out, ' ');
}

void prose_add_running(struct buffer *out, struct text words, size_t indent)
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
