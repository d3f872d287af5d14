/* trailer: the fields behind a chunked body (RFC 9112 7.1.2). */
#ifndef PANNE_HTTP_TRAILER_H
#define PANNE_HTTP_TRAILER_H

#include "base/attributes.h"
#include "base/text.h"
#include "http/codec.h"

/* Takes bytes of the section, up to its end at most. READ_DONE: the empty line was there.
 * READ_WRONG: status and complaint are set in the reader. Fields that must not stand in trailers
 * are dropped. */
MUST_USE enum read_result trailer_take(struct reader *reader, struct text bytes, size_t *used);
/* Puts what is left of the section as one PART_TRAILER chunk, if anything is, and forgets it. */
void trailer_put(struct reader *reader, struct queue *out, usec now);
void trailer_free(struct reader *reader);

#endif
