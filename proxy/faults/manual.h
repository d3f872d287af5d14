/* manual: the catalogue in words, for the manual page and for the terminal. */
#ifndef PANNE_FAULTS_MANUAL_H
#define PANNE_FAULTS_MANUAL_H

#include "base/buffer.h"
#include "faults/fault.h"

/* All kinds as an mdoc list. */
void fault_manual(struct buffer *out);
/* One kind as plain text of 80 columns. */
void fault_describe(const struct fault_kind *kind, struct buffer *out);

#endif
