/* embedded: a small real HTTP origin on loopback, for demonstrations and tests. */
#ifndef PANNE_ORIGIN_EMBEDDED_H
#define PANNE_ORIGIN_EMBEDDED_H

#include "base/attributes.h"
#include "base/buffer.h"
#include "net/address.h"
#include "net/loop.h"

struct embedded;

/* Listens on `address` (port 0 gets its real one) and serves on `loop` from then on: no thread of
 * its own. NULL with a complaint. */
MUST_USE struct embedded *embedded_new(struct loop *loop, struct address *address,
                                       struct buffer *complaint);
/* Cuts what is on. */
void embedded_free(struct embedded *embedded);

/* A line for each path it knows: `/status/N    an answer with status N`. For help and manual. */
void embedded_describe(struct buffer *out);

#endif
