/* mdoc: words fit for roff. */
#include "mdoc.h"

enum { LINE = 78 };

static void add_word(struct buffer *out, struct text word)
{
    for (size_t i = 0; i < word.length; i++) {
        if (word.at[i] == '\\')
            buffer_add_string(out, "\\e");
        else if (word.at[i] == '-' && i == 0 && word.length > 1)
            buffer_add_string(out, "\\-");
        else
            buffer_add_byte(out, word.at[i]);
    }
}

void mdoc_add_running(struct buffer *out, struct text words)
{
    struct text word;
    size_t start = out->length;

    while (text_next_item(&words, ' ', &word)) {
        bool first = out->length == start;

        if (!first && out->length - start + 1 + word.length > LINE) {
            buffer_add_byte(out, '\n');
            start = out->length;
            first = true;
        }
        if (first && (*word.at == '.' || *word.at == '\''))
            buffer_add_string(out, "\\&");
        if (!first)
            buffer_add_byte(out, ' ');
        add_word(out, word);
    }
    buffer_add_byte(out, '\n');
}
