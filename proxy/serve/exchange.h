/* exchange: one request and its answer: decide, delay, connect, relay, finish. A tunnel is an
 * exchange without heads. */
#ifndef PANNE_SERVE_EXCHANGE_H
#define PANNE_SERVE_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "faults/plan.h"
#include "http/codec.h"
#include "http/target.h"
#include "net/upstream.h"
#include "scenario/engine.h"
#include "serve/session.h"
#include "stream/pipeline.h"

/* One way of the bytes. */
struct direction {
    struct pipeline pipeline;
    struct writer writer;
    struct pipe_pair *pipe; /* where splice moves them; NULL: not in use */
    usec wake;              /* when a filter wants to be called again */
    bool begun;             /* the head has been put out */
};

enum exchange_state {
    EXCHANGE_HEAD,    /* its head is still being read, by the session */
    EXCHANGE_BODY,    /* the decision waits for the beginning of the body */
    EXCHANGE_DELAY,   /* before the request goes on */
    EXCHANGE_CONNECT, /* a dial is on */
    EXCHANGE_RELAY,
    EXCHANGE_CLOSING, /* all is out, and the connection's end is held back */
    EXCHANGE_ENDED,
};

struct exchange {
    struct arena arena;    /* the exchange itself lies in it */
    struct traits *traits; /* what the log will say of the request; NULL: not noted, see traits.h */
    struct session *session;
    struct generation *generation;
    enum exchange_state state;
    uint64_t number;

    struct head request, response; /* response: of the final answer */
    struct target target;
    struct text host, path, query; /* what the engine was asked about */
    struct text client;            /* … and for whom */
    struct text matched;           /* for the log: see scenario/matched.h */
    uint16_t port;
    struct decision decision;
    struct request_plan *plan;         /* NULL where nothing was decided on */
    struct response_plan *answer_plan; /* likewise */
    const struct parent *parent;
    struct endpoint endpoint;
    struct text made_body; /* of an answer of ours */
    struct text authority; /* Host towards the origin */

    struct dial *dial;
    struct origin *origin;
    struct reader answer_reader;
    struct direction up, down;
    bool tunnel;          /* no heads: bytes both ways */
    bool intercepts;      /* a CONNECT that has been answered: what is inside is looked at next */
    bool drains;          /* a made-up answer: the request's body is read and forgotten */
    bool takes_trailers;  /* TE: trailers */
    bool answers_connect; /* a CONNECT that waits for its 200 until the origin is reached */
    bool answer_read;     /* whole, or as far as it came */
    bool holds;           /* filters hold bytes back, and nothing else is in the way */
    unsigned interims;    /* 1xx so far */
    bool hung;            /* the injected hang has begun */
    bool gathered;        /* the beginning of the request's body was waited for */
    bool opens;           /* a CONNECT whose connection's plan lets it wait */
    bool opens_first;     /* the like, of a connection's first request in absolute form */
    bool dial_fails;      /* no connection is to be had, by the plan */
    bool answer_settled;  /* the answer's delay is over */
    bool body_opened;     /* what of the answer's body is there at once has entered the filters */
    bool leads_back;      /* to a reverse front of ours, which decides and reports */
    bool looped;          /* the dial would have reached ourselves */
    bool in_dial;         /* upstreams_dial is on the stack */
    bool forbidden;
    bool upgraded;     /* a tunnel after a 101 */
    bool request_read; /* the request has been read whole */
    bool head_ready;   /* the answer's head is there and planned */
    bool made;         /* the answer is ours */
    bool repeated;     /* sent once more (DESIGN: the one exception) */
    bool origin_reused;
    bool close_client;  /* the client's connection ends after this exchange */
    bool reset_client;  /* … by RST */
    bool reading_begun; /* a first byte of an answer came from the origin */

    usec started; /* the request's head was complete */
    usec decided;
    usec timeline;     /* where it stood then */
    usec due;          /* of the delay that is on, or NEVER */
    usec delay_began;  /* the request's own */
    usec answer_came;  /* the answer's head was there */
    usec answer_due;   /* when it may leave */
    usec first_byte;   /* … and did */
    usec moved;        /* when bytes last moved, or a stage began */
    usec client_ended; /* the client stopped sending before the answer's end; 0: no */
    usec delayed;      /* when the delay before the request ended */
    usec dial_began;   /* an injected failure to connect takes its time from here */
    usec close_began;  /* the answer was out, and its connection's end held back */
    struct head *storm_head;
    uint64_t stormed; /* interim answers made so far */

    unsigned status;     /* what the client got */
    struct text error;   /* the code in an answer of ours */
    const char *outcome; /* for the log */
    const char *detail;
    const struct address *origin_address; /* of the one that answered, while or after it is held */
};

/* Begins with the head that the session's reader has just read into a fresh exchange
 * (exchange_new). */
struct exchange *exchange_new(struct session *session);
/* The head stands in exchange->request. */
void exchange_begin(struct exchange *exchange, usec now);
/* A head that cannot be served: answers so, and closes. `detail` is a constant. */
void exchange_refuse(struct exchange *exchange, unsigned status, const char *detail, usec now);
/* A tunnel to `session->inside`; what the client has sent already stands in its input. */
void exchange_begin_tunnel(struct exchange *exchange, usec now);
/* Does what can be done now. DONE: the exchange has ended (and been logged); the caller frees it.
 */
enum next exchange_run(struct exchange *exchange, usec now);
/* What it waits for: sets the session's alarm and deadline, and both connections' watches. */
void exchange_watch(struct exchange *exchange, usec now);
/* Ends it: logs, gives the origin back or closes it. */
void exchange_free(struct exchange *exchange);
/* A time-out of the session's deadline. */
void exchange_timed_out(struct exchange *exchange, usec now);

#endif
