/* coding: content codings, as a head names them (RFC 9110, 8.4 and 12.5.3). */
#ifndef PANNE_HTTP_CODING_H
#define PANNE_HTTP_CODING_H

#include "http/head.h"

enum coding { CODING_NONE, CODING_GZIP, CODING_OTHER };

/* How the body is coded; several codings at once are CODING_OTHER. */
enum coding coding_of(const struct head *head);
/* Whether the sender of the request says that it takes gzip. One that says nothing does not. */
bool coding_takes_gzip(const struct head *request);
/* The head's body is gzip from now on, because the request asked for it. */
void coding_say_gzip(struct head *head, struct arena *arena);

#endif
