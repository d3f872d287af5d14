/* sentences: what a row of parameters says about itself, in whole sentences. */
#include "faults/manual.h"

void fault_add_sentence(struct buffer *out, const char *words)
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

void fault_describe_field(const struct field *field, struct buffer *out)
{
    fault_add_sentence(out, field->help);
    buffer_add_byte(out, ' ');
    if (field->type == FIELD_CHOICE)
        add_choices(field, out);
    else
        fault_add_sentence(out, field_type_wish(field->type));
    if (field->type == FIELD_DURATION)
        buffer_add_string(out,
                          field->clock == CLOCK_WALL ? " Real time." : " The scenario's time.");
    if (field->fallback)
        buffer_format(out, " Default: %s.", field->fallback);
    if (field->main)
        buffer_add_string(out, " May stand alone.");
}
