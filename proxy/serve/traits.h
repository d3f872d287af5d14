/* traits: what of an exchange tells attempts apart and ties them together, for the log. */
#ifndef PANNE_SERVE_TRAITS_H
#define PANNE_SERVE_TRAITS_H

#include "observe/event.h"
#include "serve/exchange.h"

/* Before anything changes the request: notes what the client sent, and has its body hashed as it is
 * read. Nothing where nobody listens to the worker's port. */
void traits_note(struct exchange *exchange);
/* At the exchange's end. There is no print of a request whose body (what of it counts)
 * has not come. */
void traits_fill(struct exchange *exchange, usec now, struct event_request *event);

#endif
