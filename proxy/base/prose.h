/* prose: what rows of tables say about themselves, in whole sentences. */
#ifndef PANNE_BASE_PROSE_H
#define PANNE_BASE_PROSE_H

#include "base/buffer.h"
#include "base/field.h"

/* Appends a text as a sentence: with a capital and a period. */
void prose_add_sentence(struct buffer *out, const char *words);
/* What a parameter means, which values it takes, and which it has if left out. */
void prose_describe_field(const struct field *field, struct buffer *out);
/* Running text in lines of 80 columns, each indented. Ends the line. */
void prose_add_running(struct buffer *out, struct text words, size_t indent);

#endif
