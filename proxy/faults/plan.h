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
#include "http/head.h"
#include "stream/pipeline.h"

struct fault_kind;

/* One fault that the engine has decided on for one exchange. Lives in the exchange's arena. */
struct hit {
    const struct fault_kind *kind;
    const void *params; /* the kind's own struct, in the scenario */
    uint32_t rule;      /* index in the scenario's rules */
    double draw, share; /* hit because draw < share */
    uint64_t bits;      /* more chance, for this kind's own use: independent of `draw` */
    bool shadowed;      /* an answer fault that came second */
    usec asked;         /* the delay that the kind drew, 0 if none */
    bool delays_request, delays_response; /* which wait `asked` is part of */
    usec phase_ends;  /* as the request's plan had it, where the kind wants that for its filter */
    usec measured;    /* what it came to on the wire */
    uint64_t touched; /* bytes changed, made, held back or cut off; 1 for what has no bytes. 0 at
                         the end: not exercised */
};

/* An answer made up by us. */
struct made_answer {
    unsigned status;                        /* 0: none */
    struct text reason, content_type, body; /* reason empty: the usual one */
    struct field_pairs fields;
    usec retry_after; /* 0: no field */
    struct hit *by;
};

enum hang_place { HANG_NONE, HANG_HEAD };
enum reset_place { RESET_NONE, RESET_REQUEST, RESET_HEAD };

/* Decided when the request's head is there, before an origin is asked. */
struct request_plan {
    struct arena *arena;
    const struct head *head; /* the request's; NULL for a tunnel */
    usec phase_ends; /* when the present phase ends (loop_now's clock), NEVER if not known */
    struct hit *hit; /* the one whose hook is being called */

    struct made_answer answer;
    usec delay;            /* before the request goes on, in all */
    enum hang_place hang;  /* HANG_HEAD: no answer begins before hang_until */
    usec hang_for;         /* NEVER: until the run ends */
    bool hang_until_phase; /* … or the phase does */
    struct hit *hang_by;
    enum reset_place reset;
    struct hit *reset_by;
};

/* Decided when the answer's final head is there (the origin's or a made-up one), before any of it
 * leaves. */
struct response_plan {
    struct arena *arena;
    const struct head *request; /* NULL for a tunnel */
    struct head
        *head;     /* to be edited; NULL for a tunnel. Its framing fields are informative only */
    bool has_body; /* false for HEAD, 204, 304 and tunnels' absence of heads */
    bool made;     /* the answer is ours */
    bool length_known; /* of the body as it leaves the filters added so far */
    uint64_t length;
    struct pipeline *pipeline; /* stages are added here, in order */
    struct hit *hit;           /* the one whose hook is being called */
    int hit_index;             /* its place in the decision: the tag of its stages */
    usec delay;                /* before the first byte of the answer, in all */
};

/* Adds a filter stage for `plan->hit` over the given parts; what it touched is credited to the hit
 * at the end. Its params are the hit. */
struct stage *plan_filter(struct response_plan *plan, const struct filter_ops *ops, unsigned parts);
/* Adds a filter for what comes behind the first `after` bytes of the answer's body, or of what a
 * tunnel's origin sends. NULL, and none added, where it is known that nothing does. */
struct stage *plan_filter_past(struct response_plan *plan, const struct filter_ops *ops,
                               uint64_t after);
/* Adds a delay for `plan->hit`, and notes it as asked for. */
void plan_delay_request(struct request_plan *plan, usec delay);
void plan_delay_response(struct response_plan *plan, usec delay);

#endif
