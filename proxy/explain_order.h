/* explain_order: brings the requests of a log, which stand there as they ended, into the order in
 * which they were decided: all by turn where the scenario needs turns, else those of one client and
 * operation by ordinal. */
#ifndef PANNE_EXPLAIN_ORDER_H
#define PANNE_EXPLAIN_ORDER_H

#include "explain_record.h"
#include "explain_replay.h"

struct order;

/* Called for each request in its turn. The request is the callee's to free. */
struct order_turn {
    struct replay *replay;
    struct logged *logged;
    uint64_t missing;       /* so many ordinals just before it, of its client and operation */
    uint64_t turns_missing; /* so many turns just before it */
    bool gapped;            /* some were missing before it, now or earlier */
    bool repeated;          /* its ordinal has been there already, at an earlier turn */
};
typedef void order_ask(void *user, const struct order_turn *turn);

struct order *order_new(order_ask *ask, void *user);
void order_free(struct order *order);

/* Takes the request. False: its turn or, where there are none, its ordinal has been there already;
 * then it stays the caller's. */
bool order_put(struct order *order, struct replay *replay, struct logged *logged);
/* The log has ended: those that still wait for others get their turn. */
void order_finish(struct order *order);

#endif
