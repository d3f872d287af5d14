/* mdoc: words fit for roff. */
#include "base/mdoc.h"

enum { LINE = 78 };

void mdoc_add_escaped(struct buffer *out, struct text words)
{
    const struct text dots = TEXT("…");

    while (!text_is_empty(words)) {
        size_t taken = text_starts(words, dots) ? dots.length : 1;

        if (taken > 1)
            buffer_add_string(out, "...");
        else if (*words.at == '\\')
            buffer_add_string(out, "\\e");
        else
            buffer_add_byte(out, *words.at);
        words = text_from_offset(words, taken);
    }
}

static void add_word(struct buffer *out, struct text word, unsigned how)
{
    if ((how & MDOC_OPTIONS) && *word.at == '-' && word.length > 1)
        buffer_add_byte(out, '\\');
    mdoc_add_escaped(out, word);
}

void mdoc_add_running(struct buffer *out, struct text words, unsigned how)
{
    struct text word;
    size_t start = out->length;
    bool ended = false;

    while (text_next_item(&words, ' ', &word)) {
        bool first = out->length == start;

        if (!first && (ended || out->length - start + 1 + word.length > LINE)) {
            buffer_add_byte(out, '\n');
            start = out->length;
            first = true;
        }
        if (first && (*word.at == '.' || *word.at == '\''))
            buffer_add_string(out, "\\&");
        if (!first)
            buffer_add_byte(out, ' ');
        add_word(out, word, how);
        ended = (how & MDOC_SENTENCES) && word.at[word.length - 1] == '.';
    }
    buffer_add_byte(out, '\n');
}
