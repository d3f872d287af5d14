/* refusal: a listener that is really closed for as long as a rule refuses all that would come in by
 * it. */
#ifndef PANNE_SERVE_REFUSAL_H
#define PANNE_SERVE_REFUSAL_H

#include "serve/session.h"
#include "serve/worker.h"

/* The session's connection has been refused by its opening's plan: if the rule refuses all of them
 * (a share of 100 % without when, nth or mix, and a service that takes all clients), its listener
 * is closed until the phase ends. The first connection of each phase gets an RST, and is what the
 * log tells of; the others the kernel refuses, unseen. */
void refusal_begin(struct session *session);
/* The gate is about to be closed for good. */
void refusal_end(struct gate *gate);

#endif
