/* opening: what faults do to a client's connection itself, before any request: refusal, silence,
 * delay, age, and what its TLS handshake looks like. */
#ifndef PANNE_SERVE_OPENING_H
#define PANNE_SERVE_OPENING_H

#include <stdbool.h>

#include "faults/plan.h"
#include "net/tls_trouble.h"
#include "scenario/engine.h"
#include "serve/session.h"

struct opening {
    struct generation *generation;
    struct decision decision;
    struct connection_plan plan;
    usec began;
    usec due;                   /* until when the connection is left alone, or NEVER */
    bool waited;                /* that time has begun */
    struct tls_trouble trouble; /* if `troubled`: what the handshake is told, and tells */
    bool troubled;
    bool settled; /* that time is over */
};

/* Asks the engine about the connection to `host`, once for each session, and only where a rule
 * could hit. Afterwards session->opening stands, or is NULL where nothing was decided on. */
void opening_decide(struct session *session, struct text host, uint16_t port, usec now);
/* True if the connection is to be reset at once. */
bool opening_refuses(const struct session *session);
/* Whether it is still to be left alone; books what the wait came to when it ends. */
bool opening_waits(struct session *session, usec now);
/* The connection ends: what was still going on has lasted until now. */
void opening_end(struct session *session, usec now);
/* When to look again to the microsecond, for a session without an exchange: the end of a wait or of
 * a stalled handshake, or NEVER. */
usec opening_due(const struct session *session);
/* When max-age is over, or NEVER. */
static inline usec opening_ages(const struct session *session)
{
    const struct opening *opening = session->opening;

    if (!opening || opening->plan.max_age == 0)
        return NEVER;
    return usec_after(session->client.opened, opening->plan.max_age);
}
/* It is closed for its age: books that. */
void opening_grew_old(struct session *session);

/* opening_tls.c: what tls_accept is told, for as long as the session lives; NULL: nothing. */
struct tls_trouble *opening_trouble(struct session *session);
/* The handshake is to stand still somewhere. */
bool opening_stalls(const struct session *session);
/* What the client has felt of it is booked to the hits. */
void opening_credit_trouble(struct opening *opening, usec now);

#endif
