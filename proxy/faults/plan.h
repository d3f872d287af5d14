/* plan: what shall be done to one exchange, as plain data that faults edit and the exchange carries
 * out. */
#ifndef PANNE_FAULTS_PLAN_H
#define PANNE_FAULTS_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/field.h"
#include "base/text.h"
#include "base/time.h"
#include "base/tls_choices.h"
#include "http/codec.h"
#include "http/head.h"
#include "http/malformation.h"
#include "stream/pipeline.h"

struct counters;
struct fault_kind;

/* One fault that the engine has decided on for one exchange. Lives in the exchange's arena. */
struct hit {
    const struct fault_kind *kind;
    const void *params; /* the kind's own struct, in the scenario */
    uint32_t rule;      /* index in the scenario's rules */
    double draw, share; /* hit because draw < share */
    uint64_t bits;      /* more chance, for this kind's own use: independent of `draw` */
    uint64_t rule_bits; /* chance that hangs on seed and rule alone, the same for all exchanges */
    uint64_t found;     /* what the kind's `bites` left there */
    bool shadowed;      /* an answer fault that came second */
    const char *note;   /* what else is worth knowing, for the log; a constant or NULL */
    usec asked;         /* the delay that the kind drew, 0 if none */
    bool delays_request, delays_response, delays_connection; /* which wait `asked` is part of */
    usec phase_ends;  /* as the request's plan had it, where the kind wants that for its filter */
    usec measured;    /* what it came to on the wire */
    uint64_t touched; /* bytes changed, made, held back or cut off; 1 for what has no bytes. 0 at
                         the end: not exercised */
};

/* An answer made up by us. */
struct made_answer {
    unsigned status;                        /* 0: none */
    struct text reason, content_type, body; /* reason empty: the usual one */
    struct text code;                       /* the error code that the body says, if it is known */
    struct field_pairs fields;
    usec retry_after; /* 0: no field */
    bool retry_date;  /* Retry-After as an HTTP-date */
    bool late;        /* the origin is asked, and its answer is lost: this one takes its place */
    struct hit *by;
};

enum hang_place { HANG_NONE, HANG_HEAD };
enum reset_place { RESET_NONE, RESET_REQUEST, RESET_HEAD };
/* How a connection to the origin cannot be had, where a new one is needed. */
enum dial_trouble { DIAL_TROUBLE_NONE, DIAL_TROUBLE_UNRESOLVED, DIAL_TROUBLE_UNREACHABLE };

/* The same bytes for all parts of an exchange: a filter's way in. Request and response plan both
 * begin with one, so that a fault which bites either way has one function for both. */
struct way_plan {
    struct arena *arena;
    struct head *head; /* of the message; to be edited, its framing fields are informative only;
                          NULL for a tunnel */
    bool has_body;     /* false for HEAD, 204, 304, requests without one, and for tunnels */
    bool length_known; /* of the body as it leaves the filters added so far */
    uint64_t length;
    struct pipeline *pipeline; /* stages are added here, in order */
    struct hit *hit;           /* the one whose hook is being called */
    int hit_index;             /* its place in the decision: the tag of its stages */
    struct counters
        *counters;       /* the engine's: slots that several exchanges share; see shared_slot */
    uint64_t client;     /* hash of the client */
    uint64_t connection; /* the client's connection: its number in the log */
    usec decided;        /* wall time since the run's start, of the decision */
    usec now;            /* loop_now's clock */
};

/* Decided when the request's head is there, before an origin is asked. */
struct request_plan {
    struct way_plan way;   /* of the request */
    usec phase_ends;       /* when the present phase ends (loop_now's clock), NEVER if not known */
    bool secure;           /* the client's connection is TLS */
    bool may_flood_origin; /* --flood-origin */

    struct made_answer answer;
    usec delay;            /* before the request goes on, in all */
    enum hang_place hang;  /* HANG_HEAD: no answer begins before hang_until */
    usec hang_for;         /* NEVER: until the run ends */
    bool hang_until_phase; /* … or the phase does */
    struct hit *hang_by;
    enum reset_place reset;
    bool closes; /* … by an orderly close (FIN, close_notify) rather than an RST */
    struct hit *reset_by;
    enum dial_trouble dial;
    usec dial_after; /* how long it takes to find out */
    struct hit *dial_by;
    bool wants_stale;     /* an earlier good answer to this operation, if one was kept */
    struct hit *stale_by; /* … at least so old: */
    usec stale_age;
};

/* Interim answers before the final one. */
struct interim_storm {
    unsigned status; /* 0: none */
    uint64_t count;
    struct field_pairs fields;
    struct hit *by;
};

/* Decided when the answer's final head is there (the origin's or a made-up one), before any of it
 * leaves. */
struct response_plan {
    struct way_plan way;        /* of the answer */
    const struct head *request; /* NULL for a tunnel */
    bool made;                  /* the answer is ours */
    usec delay;                 /* before the first byte of the answer, in all */
    bool delimited_by_close;    /* wanted: no length and no chunks, the connection's end ends it */
    bool chunked;               /* wanted: chunks even where the length is known */
    struct chunking chunking;   /* what those look like */
    struct interim_storm storm;
    struct malformation malformation; /* of this message; kind MALFORMED_NONE: none */
    struct hit *malformed_by;
    usec close_after; /* the connection closes, but only so long after the answer's end; 0: no */
    struct hit *close_by;
    uint64_t hold; /* the head waits until the whole body, at most so many bytes, is here, and then
                      says its length and digests; 0: no */
    struct hit *held_by;
    /* Called then, before the head leaves; `body`: all of it, as it will leave, or NULL where it
     * was more than fits, or broke off. */
    void (*held)(struct response_plan *plan, const struct queue *body);
};

/* Decided when it is known which service a client's connection is for, before any request: at the
 * accept in reverse mode, at the CONNECT in forward mode. TLS wishes concern the handshake with the
 * client, where panne does one. */
struct connection_plan {
    struct hit *hit; /* the one whose hook is being called */
    usec decided;    /* wall time since the run's start, of the decision */
    usec phase_ends; /* as in the request's plan */

    bool refuse; /* RST at once */
    struct hit *refuse_by;
    usec silence; /* nothing is read or said for so long; NEVER: until the run ends; 0: no */
    struct hit *silence_by;
    usec delay;   /* before anything is read, in all */
    usec max_age; /* closed at the first quiet moment after so long; 0: no */
    struct hit *max_age_by;

    enum tls_certificate certificate;
    struct hit *certificate_by;
    int alert; /* description in answer to the ClientHello; -1: none */
    struct hit *alert_by;
    enum tls_stall stall;
    usec stall_for;
    struct hit *stall_by;
    enum tls_version version; /* at most */
    struct hit *version_by;
    bool no_resumption;
    struct hit *resumption_by;
};

/* Adds a filter stage for `plan->hit` over the given parts; what it touched is credited to the hit
 * at the end. Its params are the hit. */
struct stage *plan_filter(struct way_plan *plan, const struct filter_ops *ops, unsigned parts);
/* Adds a filter for what comes behind the first `after` bytes of the message's body, or of what a
 * tunnel's side sends. NULL, and none added, where it is known that nothing does. */
struct stage *plan_filter_past(struct way_plan *plan, const struct filter_ops *ops, uint64_t after);
/* A word that all exchanges with the same key share, 0 at first: for buckets. Never NULL. The key
 * is joined with the hit's rule. */
_Atomic uint64_t *plan_slot(const struct way_plan *plan, uint64_t key);
/* Adds a delay for `plan->hit`, and notes it as asked for. */
void plan_delay_request(struct request_plan *plan, usec delay);
void plan_delay_response(struct response_plan *plan, usec delay);
/* Adds a delay before the client's connection is looked at. */
void plan_delay_connection(struct connection_plan *plan, usec delay);

#endif
