/* gzip: filters that unpack and pack gzip (RFC 1952), for faults that must see what is inside. */
#ifndef PANNE_HTTP_GZIP_H
#define PANNE_HTTP_GZIP_H

#include "stream/filter.h"

/* Both take PART_BODY and PART_TRAILER: the trailer shows them the body's end. Their params are not
 * used. A body of no bytes stays one. */

/* Several members in a row are one stream, and what follows them is thrown away. What is not gzip,
 * or ends too early, ends in CHUNK_CUT behind all that could be unpacked. */
extern const struct filter_ops gunzip_filter;
/* Whatever came by the time the input is empty can be unpacked by who has got the output. */
extern const struct filter_ops gzip_filter;
/* The same, into as few bytes as zlib can: what repeats itself shrinks to a thousandth. */
extern const struct filter_ops gzip_dense_filter;

#endif
