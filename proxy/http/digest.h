/* digest: header fields by which a message vouches for its body: Content-MD5 (RFC 1864), Digest
 * (RFC 3230), Content-Digest and Repr-Digest (RFC 9530), x-amz-checksum-…, x-amz-crc32,
 * x-goog-hash. */
#ifndef PANNE_HTTP_DIGEST_H
#define PANNE_HTTP_DIGEST_H

#include <stdbool.h>

#include "base/arena.h"
#include "http/head.h"
#include "stream/queue.h"

/* A field of this name vouches for the body. */
bool digest_is_name(struct text name);
/* The head has such a field. */
bool digest_stands(const struct head *head);
/* Writes those fields anew for this body (its PART_BODY bytes, whole, coded as it leaves), and
 * removes those whose algorithm is not known; with a `body` of NULL all of them. False if any item
 * is gone. */
bool digest_mend(struct head *head, struct arena *arena, const struct queue *body);

#endif
