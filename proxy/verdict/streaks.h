/* streaks: a client's failures one after another at one service, and the silences within them.
 *
 * Attempts are told as they end, which is also when the client learns of them: a streak is one of
 * answers in that order. A silence is a time in which nothing begins, from the end of what had
 * ended last, or from the end of a wait that the service had asked for (Retry-After), which is none
 * of the client's own making. What hangs on meanwhile does not break it: nothing is asked. */
#ifndef PANNE_VERDICT_STREAKS_H
#define PANNE_VERDICT_STREAKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/history.h"

/* A client has stopped asking that is silent for so long, for so many times its mean pause, and for
 * so many times its longest, as they were between good answers. Where requests come at random
 * (Poisson), a pause is three times as long as the longest of n before it with probability
 * 6 / ((n + 1)(n + 2)(n + 3)): one in 23,000 for 50. Where they come in batches, the longest is
 * that between batches. */
#define STREAK_SILENCE (5 * SECOND)
#define STREAK_PAUSES 5
#define STREAK_LONGEST 3
/* What is usual is known from so many pauses; a silence counts after so many failures. */
enum { STREAK_KNOWN = 50, STREAK_FAILURES = 5 };

/* What is known of a client at a service. */
struct streak {
    uint64_t key;
    uint64_t pauses;      /* between good answers, when all was well */
    usec paused, longest; /* their sum, the longest of them */
    bool well;            /* the latest answer was such a one */
    usec last, asked;     /* the latest end, and until when it was asked to wait */
    uint64_t exchange;    /* that ended then */
    bool failing;         /* the streak is on */
    usec began;           /* of the streak: of its first attempt */
    uint64_t failures;    /* in a row */
    uint64_t burst;       /* failures since the latest silence */
    usec silent_since;    /* its latest silence began there; NEVER: none yet */
    bool opened;          /* it has been silent in this streak */
};

enum streak_news {
    STREAK_NOTHING,
    STREAK_OPENED, /* the first silence of a streak has ended: it had begun at silent_since */
    STREAK_PROBED, /* a later one has: `burst_before` failures lay between the two */
    STREAK_ENDED,  /* an answer that was no failure, without a silence before it */
};

struct streaks;

struct streaks *streaks_new(void);
void streaks_free(struct streaks *streaks);
/* Attempts as they end. `lent` is so until the next call (NULL: past the bound); that of the
 * streak that is over stays as it was until the next failure. */
enum streak_news streaks_take(struct streaks *streaks, const struct attempt *attempt,
                              const struct streak **lent, uint64_t *burst_before);
/* NULL past the end. Some are not failing. */
const struct streak *streaks_at(const struct streaks *streaks, size_t index);

#endif
