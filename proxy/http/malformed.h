/* malformed: what the writer does wrong on purpose, where the message has a malformation. For
 * writer.c alone: each is called only where writer->malformation is not NULL. */
#ifndef PANNE_HTTP_MALFORMED_H
#define PANNE_HTTP_MALFORMED_H

#include "http/codec.h"

/* A head as it ought to be, all that `plain` holds, goes to `out` as it shall be. */
void malformed_head(struct writer *writer, struct queue *plain, struct queue *out, usec now);
/* True if a size line that is none has been put in place of a chunk's, the last one's too. */
MUST_USE bool malformed_size_line(struct writer *writer, struct queue *out, usec now);
/* Whether the last chunk, and with it any trailer, never comes. */
MUST_USE bool malformed_lacks_end(const struct writer *writer);
/* In place of the message's end, where that never comes: the connection's. */
void malformed_cut(struct writer *writer, struct queue *out, usec now);
/* Behind the message's end: more bytes, or the end of a connection on which nobody could tell where
 * the next message begins. */
void malformed_behind(struct writer *writer, struct queue *out, usec now);

#endif
