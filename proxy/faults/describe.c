/* describe: one kind as plain text for a terminal. */
#include "base/prose.h"
#include "faults/manual.h"

void fault_describe(const struct fault_kind *kind, struct buffer *out)
{
    struct buffer words = { 0 };

    buffer_format(out, "%s: %s\n\n", kind->name, kind->summary);
    prose_add_running(out, text_from(kind->about), 0);
    buffer_add_string(out, "\nparameters:\n");
    for (const struct field *field = kind->fields; field->type != FIELD_NONE; field++) {
        buffer_format(out, "  %s\n", field->name);
        buffer_clear(&words);
        prose_describe_field(field, &words);
        prose_add_running(out, buffer_text(&words), 6);
    }
    buffer_format(out, "\nexample:\n  %s\n", kind->example);
    buffer_free(&words);
}
