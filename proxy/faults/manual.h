/* manual: the catalogue in words, for the manual page and for the terminal. */
#ifndef PANNE_FAULTS_MANUAL_H
#define PANNE_FAULTS_MANUAL_H

#include "base/buffer.h"
#include "faults/fault.h"

/* All kinds as an mdoc list. */
void fault_manual(struct buffer *out);
/* One kind as plain text of 80 columns. */
void fault_describe(const struct fault_kind *kind, struct buffer *out);

/* For those two: what a parameter means, which values it takes, and which it has if left out, in
 * whole sentences. */
void fault_describe_field(const struct field *field, struct buffer *out);
/* Appends a text as a sentence: with a capital and a period. */
void fault_add_sentence(struct buffer *out, const char *words);

#endif
