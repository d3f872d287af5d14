/* session: one client connection: it is screened, recognized, shaken hands with and served, until
 * it ends.
 *
 * One door in: every readiness and time event calls session_run(), which steps until it must wait,
 * and then computes what to wait for. One door out: sessions are freed there and nowhere else. */
#ifndef PANNE_SERVE_SESSION_H
#define PANNE_SERVE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/text.h"
#include "http/codec.h"
#include "net/address.h"
#include "net/connection.h"
#include "net/loop.h"
#include "serve/settings.h"
#include "serve/worker.h"

enum next { NEXT, WAIT, DONE };

struct session;
struct exchange;
struct opening;

/* Named so that a trace reads as a story. */
struct session_step {
    const char *name;
    enum next (*run)(struct session *session, usec now);
};

struct session {
    struct list node;
    struct worker *worker;
    struct tally *tally; /* where its opening was counted, and its end will be */
    const struct front *front;
    const struct session_step *step;
    struct connection client;
    struct budget up, down;    /* what is held towards origin and client, over all exchanges */
    struct reader reader;      /* of requests */
    struct exchange *exchange; /* the one that is on, or NULL */
    struct alarm alarm;        /* exact: injected delays */
    struct deadline deadline;  /* coarse: time-outs */
    struct errand errand;      /* to run again in this turn */
    struct arena arena;        /* as long as the session: names of a tunnel */

    struct text client_host;        /* source address without port */
    char client_name[ADDRESS_TEXT]; /* its text: an arena block for it would be 2 KiB a client */
    bool stranger;                  /* not from loopback: stricter rules in forward mode */
    bool admitted;                  /* may use this front */
    bool tunneled;                  /* inside CONNECT: requests go to `inside` */
    struct endpoint inside;
    struct text inside_authority;
    bool may_linger; /* closing: read and forget what still comes, so that no RST overtakes our
                        answer */
    bool timed_out;
    bool draining;           /* ends after the exchange that is on */
    bool cut;                /* … or at once */
    bool running;            /* session_run is on the stack */
    uint64_t lingered;       /* bytes read and forgotten */
    uint64_t ordinal;        /* how-manieth connection of this client, where a rule needs it */
    struct opening *opening; /* what was decided on for the connection itself; NULL: nothing */
    struct event_opening *opening_asked; /* what the log will say of it; NULL: nobody asked */
    uint64_t requests;
    usec step_since;   /* when the present step began */
    usec idle_since;   /* when the last exchange ended */
    usec head_started; /* when the first byte of the present head came; 0: none yet */
    const char *end;   /* how it ended, for the log */
    const char *end_detail;
    bool resets; /* end by RST */
};

/* Takes the accepted descriptor. */
void session_open(struct worker *worker, const struct front *front, int fd,
                  const struct address *peer);
/* The same over any transport, taken: what tests that fail at byte n come in by. */
void session_begin(struct worker *worker, const struct front *front, struct transport *transport,
                   const struct address *peer);
/* The way in. `session` may be gone afterwards. */
void session_run(struct session *session);
/* From callbacks that may be on the stack of session_run: runs it at the end of the loop's turn. */
void session_run_later(struct session *session);
/* Drain: an idle one ends now; `cut`: whatever is on is ended. */
void session_drain(struct session *session, bool cut);

#endif
