/* exceed: a number for each operation, of which hardly any may be beyond a limit. A client's own
 * limits are strict, so one operation in a hundred (tied together wrongly, perhaps) is forgiven. */
#ifndef PANNE_VERDICT_EXCEED_H
#define PANNE_VERDICT_EXCEED_H

#include <stdbool.h>
#include <stdint.h>

#include "verdict/finding.h"

enum {
    EXCEED_CELLS = 64,
    EXCEED_LEAST = 10, /* operations, below which nothing is said of numbers that are no loop */
};

/* Zero-fill to start. */
struct exceed {
    uint64_t counts[EXCEED_CELLS]; /* operations by their number; the last: all that had more */
    uint64_t operations, most;
    uint64_t marked; /* operations, of one attempt or tied by markers */
};

void exceed_take(struct exceed *exceed, uint64_t number, bool marked);
/* Measures and decides: the number that 99 % of the operations do not exceed (90 %, unless nearly
 * all are marked) is compared with `limit` and `warn`. A single operation beyond `loop` fails
 * whatever the others did. `what` ends the line `47 of 50 operations made 10 attempts`: `` or `
 * within a second`. */
void exceed_judge(const struct exceed *exceed, uint64_t warn, uint64_t limit, uint64_t loop,
                  double alpha, const char *what, struct finding *finding);

#endif
