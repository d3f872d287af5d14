/* chunk_line: the line before a chunk (RFC 9112 7.1). */
#ifndef PANNE_HTTP_CHUNK_LINE_H
#define PANNE_HTTP_CHUNK_LINE_H

#include "base/attributes.h"
#include "base/text.h"
#include "http/codec.h"

#define CHUNK_LINE_MOST 4096u /* bytes, with extensions and CRLF */

/* Takes bytes of the line, up to its end at most. READ_DONE: the size stands in reader->left.
 * READ_WRONG: the complaint is set. Extensions are read over. */
MUST_USE enum read_result chunk_line_take(struct reader *reader, struct text bytes, size_t *used);

#endif
