/* operation: what a client wanted once, and all the attempts it made at it. */
#ifndef PANNE_HISTORY_OPERATION_H
#define PANNE_HISTORY_OPERATION_H

#include <stdbool.h>
#include <stdint.h>

#include "history/attempt.h"

/* How its attempts were tied together. */
enum operation_tie {
    TIE_SINGLE, /* one attempt, and no marker: nothing was tied */
    TIE_PRINT,  /* same client and fingerprint, soon after a failure */
    TIE_MARK,   /* the client's own marker says so */
};

enum operation_close {
    CLOSE_SUCCEEDED, /* its last attempt was ok */
    CLOSE_FINAL,     /* its last attempt got a final answer, and no more came within the window */
    CLOSE_GAVE_UP,   /* its last attempt failed, and no more came within the window */
    CLOSE_OPEN,      /* … or the run ended, or room was needed, before the window was over */
};

enum { OPERATION_STEPS = 24 }; /* attempts that are kept one by one; all are counted */

/* One attempt of it, kept. */
struct step {
    uint64_t exchange;
    usec began, ended, retry_after;
    uint16_t status;
    uint8_t end; /* enum attempt_end */
    bool failed, ok;
    uint16_t touched;
    uint64_t key, print;
    uint64_t bytes_up;
    unsigned told;
};

/* As it is kept. */
static inline struct step step_of(const struct attempt *attempt)
{
    return (struct step){
        .exchange = attempt->exchange,
        .began = attempt->began,
        .ended = attempt->ended,
        .retry_after = attempt->retry_after,
        .status = attempt->status,
        .end = (uint8_t)attempt->end,
        .failed = attempt->failed,
        .ok = attempt->ok,
        .touched = (uint16_t)attempt->touched,
        .key = attempt->key,
        .print = attempt->print,
        .bytes_up = attempt->bytes_up,
        .told = attempt->told,
    };
}

struct operation {
    uint32_t client;
    uint16_t service, phase; /* of the first attempt */
    enum operation_tie tie;
    enum operation_close close;
    enum method_class method_class;
    bool repeatable;   /* its service says so, see struct attempt */
    bool sdk_call;     /* an AWS SDK marks it as one call */
    bool touched;      /* some attempt was hit by a fault */
    bool in_trouble;   /* it began while faults were on (history_trouble of its service) */
    uint32_t attempts; /* all, from 1 */
    uint32_t overlaps; /* that began before the one before had ended */
    usec began, ended; /* of the first, of the last attempt */
    uint64_t bytes_first;
    const struct step *steps; /* the first OPERATION_STEPS; lent */
    uint32_t step_count;
    struct text method, host, path; /* of the first; cut to 128 bytes; lent */
};

/* Between step `index` - 1 and step `index`; negative where they overlap. index is 1 or more. */
static inline usec operation_gap(const struct operation *operation, uint32_t index)
{
    return operation->steps[index].began - operation->steps[index - 1].ended;
}

#endif
