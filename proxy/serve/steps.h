/* steps: what session.c and its steps share. */
#ifndef PANNE_SERVE_STEPS_H
#define PANNE_SERVE_STEPS_H

#include "serve/session.h"

/* What one session may hold in one direction for a stalled reader. */
#define SESSION_HOLDS (256 * 1024u)
/* How long, and how much, is read and forgotten after the last answer (RFC 9112, 9.6). */
#define LINGER_TIME (2 * SECOND)
#define LINGER_BYTES (1024 * 1024u)
/* A client inside CONNECT that says nothing for so long waits for the server to speak first. */
#define SILENT_CLIENT (1 * SECOND)

/* How often a connection that is left alone on purpose is asked whether the client is still there.
 */
#define SILENCE_LOOK (250 * MSEC)

extern const struct session_step session_step_screen;
extern const struct session_step session_step_handshake;
extern const struct session_step session_step_recognize;
extern const struct session_step session_step_serve;
extern const struct session_step session_step_linger;

/* The one way from step to step. */
static inline enum next session_go(struct session *session, const struct session_step *step)
{
    session->step = step;
    session->step_since = loop_now();
    session->timed_out = false;
    return NEXT;
}

/* Ends the session with a reason for the log; the first one stays. */
enum next session_finish(struct session *session, const char *end, const char *detail);

bool session_may_enter(const struct session *session, const struct address *peer);
/* The coarse time-out of what the session itself waits for. */
usec session_due(const struct session *session);
void session_deadline(void *user);
/* Wire bytes to the client count against the session's budget. */
void session_own_client(struct session *session);

#endif
