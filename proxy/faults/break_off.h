/* break_off: the places where an exchange can be broken off, and how far it gets by then. */
#ifndef PANNE_FAULTS_BREAK_OFF_H
#define PANNE_FAULTS_BREAK_OFF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "faults/plan.h"

/* In the order of the kinds' choices; a kind may have fewer than all. */
enum break_place { BREAK_REQUEST, BREAK_HEAD, BREAK_BODY, BREAK_CONNECT };

/* Parameters, and params of a kind that has no others. */
struct break_off {
    int at;         /* enum break_place */
    uint64_t after; /* bytes of the body that still pass; BREAK_BODY only */
};

/* A kind's check: `after` goes with the body only. */
bool break_off_check(void *params, struct buffer *complaint);
/* Books a break before or in place of the answer, in good order (FIN, close_notify) if `closes`,
 * else by an RST. Of several the earliest stays, of equals the first. */
void break_off_answer(const struct break_off *wanted, struct request_plan *plan, bool closes);
/* Passes `after` bytes and then ends the stream with `end`, without waiting for more. `passed` is
 * the filter's state. */
void break_off_stream(struct flow *flow, uint64_t *passed, uint64_t after, enum chunk_kind end);

#endif
