/* links: what is known of the clients' connections that are still open: what faults did to them,
 * and what was sent over those that were shown a bad certificate. */
#ifndef PANNE_HISTORY_LINKS_H
#define PANNE_HISTORY_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#include "history/history.h"

struct links;

struct links *links_new(bool bad_certificates);
void links_free(struct links *links);
/* A fault of the connection itself. */
void links_touch(struct links *links, uint64_t connection, unsigned touch);
/* What could not be kept, for lack of room. */
uint64_t links_refused(const struct links *links);
/* What was done to it so far. */
unsigned links_touched(const struct links *links, uint64_t connection);
/* An exchange on it broke off or was given up. */
void links_lose(struct links *links, uint64_t connection);
/* A CONNECT has ended on it, or led to what comes. */
void links_connect(struct links *links, uint64_t connection);
/* An exchange, but CONNECT, has ended on it: kept only where bad certificates are on. */
void links_exchange(struct links *links, uint64_t connection, uint64_t exchange);
/* It has ended: what is known of it, texts lent from the event; and it is forgotten. */
struct link links_end(struct links *links, const struct event_connection *event, usec time);

#endif
