/* manual: the catalogue in mdoc. */
#include "faults/manual.h"

#include "base/mdoc.h"
#include "base/prose.h"

static void add_fields(struct buffer *out, const struct field *fields)
{
    struct buffer words = { 0 };

    if (fields->type == FIELD_NONE)
        return;
    buffer_add_string(out, ".Bl -tag -width retry-after\n");
    for (const struct field *field = fields; field->type != FIELD_NONE; field++) {
        buffer_format(out, ".It Cm %s\n", field->name);
        buffer_clear(&words);
        prose_describe_field(field, &words);
        mdoc_add_running(out, buffer_text(&words), MDOC_SENTENCES);
    }
    buffer_add_string(out, ".El\n");
    buffer_free(&words);
}

static void add_kind(struct buffer *out, const struct fault_kind *kind)
{
    struct buffer words = { 0 };

    buffer_format(out, ".It Cm %s Pq %s\n", kind->name, kind->family);
    prose_add_sentence(&words, kind->summary);
    buffer_format(&words, " %s", kind->about);
    mdoc_add_running(out, buffer_text(&words), MDOC_SENTENCES);
    add_fields(out, kind->fields);
    buffer_add_string(out, ".Bd -literal -offset indent\n");
    mdoc_add_escaped(out, text_from(kind->example));
    buffer_add_string(out, "\n.Ed\n");
    buffer_free(&words);
}

void fault_manual(struct buffer *out)
{
    const struct fault_kind *kind;

    buffer_add_string(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; (kind = fault_at(i)) != NULL; i++)
        add_kind(out, kind);
    buffer_add_string(out, ".El\n");
}
