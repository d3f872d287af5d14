/* report: what happened, told to log and tallies. */
#ifndef PANNE_SERVE_REPORT_H
#define PANNE_SERVE_REPORT_H

#include "base/time.h"
#include "serve/exchange.h"
#include "serve/session.h"

/* A client's connection has ended. */
/* What was decided on at the opening of the client's connection; before its end. */
void report_opening(const struct session *session, usec now);
void report_connection(const struct session *session, usec now);
/* A handshake with a client. */
void report_client_tls(const struct session *session, usec now);
void report_client_tls_failed(const struct session *session, const char *why, usec now);
/* A handshake with an origin: logged where there is something to tell. */
void report_origin_tls(const struct exchange *exchange, usec now);
/* An exchange has ended: a line for each fault, then its own. */
void report_exchange(struct exchange *exchange, usec now);
/* Something went wrong that concerns an exchange. */
void report_trouble(const struct exchange *exchange, const char *what, const char *detail,
                    usec now);

#endif
