/* manual: the catalogue in mdoc. */
#include "faults/manual.h"

enum { LINE = 78 };

/* Backslashes start an escape. */
static void add_word(struct buffer *out, struct text word)
{
    for (size_t i = 0; i < word.length; i++) {
        if (word.at[i] == '\\')
            buffer_add_string(out, "\\e");
        else
            buffer_add_byte(out, word.at[i]);
    }
}

/* Running text; no line starts like a request, and each sentence starts a line. */
static void add_running(struct buffer *out, struct text words)
{
    size_t start = out->length;
    bool fresh = true;
    struct text word;

    while (text_next_item(&words, ' ', &word)) {
        if (!fresh && out->length - start + 1 + word.length > LINE) {
            buffer_add_byte(out, '\n');
            fresh = true;
        }
        if (fresh)
            start = out->length;
        if (fresh && (*word.at == '.' || *word.at == '\''))
            buffer_add_string(out, "\\&");
        if (!fresh)
            buffer_add_byte(out, ' ');
        add_word(out, word);
        fresh = word.at[word.length - 1] == '.';
        if (fresh)
            buffer_add_byte(out, '\n');
    }
    if (!fresh)
        buffer_add_byte(out, '\n');
}

static void add_fields(struct buffer *out, const struct field *fields)
{
    struct buffer words = { 0 };

    buffer_add_string(out, ".Bl -tag -width retry-after\n");
    for (const struct field *field = fields; field->type != FIELD_NONE; field++) {
        buffer_format(out, ".It Cm %s\n", field->name);
        buffer_clear(&words);
        fault_describe_field(field, &words);
        add_running(out, buffer_text(&words));
    }
    buffer_add_string(out, ".El\n");
    buffer_free(&words);
}

static void add_kind(struct buffer *out, const struct fault_kind *kind)
{
    struct buffer words = { 0 };

    buffer_format(out, ".It Cm %s Pq %s\n", kind->name, kind->family);
    fault_add_sentence(&words, kind->summary);
    buffer_format(&words, " %s", kind->about);
    add_running(out, buffer_text(&words));
    add_fields(out, kind->fields);
    buffer_add_string(out, ".Bd -literal -offset indent\n");
    add_word(out, text_from(kind->example));
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
