/* client_by: who sent a request, by the way that --client-by names. */
#ifndef PANNE_SERVE_CLIENT_BY_H
#define PANNE_SERVE_CLIENT_BY_H

#include "serve/exchange.h"

/* client-1, client-2 and so on; the source address where that is the way, and for a request that
 * has nothing to go by. Lives as long as the exchange. */
struct text client_by(struct exchange *exchange);

/* What is the same in all requests with one credential: of an Authorization that signs each of
 * them the id of the key, else all of it. */
struct text client_by_credential(struct text authorization);

#endif
