/* streaks: a client's failures one after another at one service, and the silences within them. */
#ifndef PANNE_VERDICT_STREAKS_H
#define PANNE_VERDICT_STREAKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/history.h"

/* A client that is silent for so long, and for so many times its usual pause, has stopped asking.
 */
#define STREAK_SILENCE (5 * SECOND)
#define STREAK_PAUSES 5
/* What is usual is known from so many requests before the first failure. */
enum { STREAK_KNOWN = 20, STREAK_FAILURES = 5 };

/* What is known of a client at a service. */
struct streak {
    uint64_t key;
    usec usual_began, usual_last; /* when all was well */
    uint64_t usual_count;
    usec began, last;  /* of the streak; its latest attempt's beginning */
    uint64_t failures; /* in a row */
    uint64_t burst;    /* attempts since the last silence */
    usec silent_since; /* its latest silence began there; NEVER: none yet */
    bool opened;       /* it has been silent in this streak */
};

enum streak_news {
    STREAK_NOTHING,
    STREAK_OPENED, /* the first silence of a streak has ended: it had begun at silent_since */
    STREAK_PROBED, /* a later one has: `burst_before` attempts lay between the two */
    STREAK_ENDED,  /* a good answer: opened and failures are those of the streak that is over */
};

struct streaks;

struct streaks *streaks_new(void);
void streaks_free(struct streaks *streaks);
/* Attempts in order of their beginnings, as near as can be. `streak` is lent until the next call.
 */
enum streak_news streaks_take(struct streaks *streaks, const struct attempt *attempt,
                              const struct streak **streak, uint64_t *burst_before);
/* NULL past the end. Those that are still on. */
const struct streak *streaks_at(const struct streaks *streaks, size_t index);
/* The usual pause; NEVER: not known. */
usec streak_pause(const struct streak *streak);

#endif
