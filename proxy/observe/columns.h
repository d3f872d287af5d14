/* columns: how wide text is on a terminal, and text made to fit. */
#ifndef PANNE_OBSERVE_COLUMNS_H
#define PANNE_OBSERVE_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/text.h"

/* Columns that UTF-8 text takes: 2 for wide characters, 0 for combining ones. */
size_t columns_of(struct text text);
/* Appends at most `most` columns of `text`, harmless on a terminal: control characters and bytes
 * that are not UTF-8 become `?`; without `unicode`, so does all that is not ASCII. Where something
 * is cut, the last column says so. Returns the columns taken. */
size_t columns_add(struct buffer *out, struct text text, size_t most, bool unicode);
/* The same, then blanks up to `width`. */
void columns_pad(struct buffer *out, struct text text, size_t width, bool unicode);
/* With commas between thousands. */
void columns_add_count(struct buffer *out, uint64_t count);

#endif
