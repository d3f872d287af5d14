/* check_manual: the table of checks in words, for the manual page and for the terminal. */
#ifndef PANNE_VERDICT_CHECK_MANUAL_H
#define PANNE_VERDICT_CHECK_MANUAL_H

#include "base/buffer.h"
#include "verdict/check.h"

/* All checks as an mdoc list. */
void check_manual(struct buffer *out);
/* One as plain text of 80 columns. */
void check_describe(const struct check *check, struct buffer *out);

#endif
