/* traits: what of an exchange tells attempts apart and ties them together, for the log. */
#ifndef PANNE_SERVE_TRAITS_H
#define PANNE_SERVE_TRAITS_H

#include "observe/event.h"
#include "serve/exchange.h"

/* Before anything changes the request: notes what the client sent, and has its body hashed as it is
 * read. Nothing where nobody listens to the worker's port. */
void traits_note(struct exchange *exchange);
/* At the exchange's end. The body counts in the print as far as it has come, and with the length
 * that the request gives it; a chunked one, with what came. */
void traits_fill(struct exchange *exchange, usec now, struct event_request *event);

#endif
