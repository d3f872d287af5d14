/* bell: wakes a thread that sleeps, and costs those who ring a load while it does not. */
#ifndef PANNE_OBSERVE_BELL_H
#define PANNE_OBSERVE_BELL_H

#include <stdbool.h>

#include "base/attributes.h"

struct bell;

/* NULL with errno where the kernel gives no descriptor. */
struct bell *bell_new(void);
void bell_free(struct bell *bell);

/* Any thread. A call only if the sleeper is asleep, once for each sleep. What the ringer has stored
 * before in a sequentially consistent way is seen by the sleeper, asleep or not. */
void bell_ring(struct bell *bell);
/* Any thread: also ends bell_rest. */
void bell_ring_loudly(struct bell *bell);

/* The sleeper. Says that it is about to sleep: then look once more for something to do, and call
 * bell_sleep or bell_stay_awake. */
void bell_announce_sleep(struct bell *bell);
void bell_sleep(struct bell *bell);
void bell_stay_awake(struct bell *bell);
/* A pause that only bell_ring_loudly cuts short. */
void bell_rest(struct bell *bell, int milliseconds);

#endif
