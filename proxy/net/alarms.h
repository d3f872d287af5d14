/* alarms: heaps of moments, and the timerfd that wakes the loop for the earliest. Of use to loop.c
 * only. */
#ifndef PANNE_NET_ALARMS_H
#define PANNE_NET_ALARMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/time.h"
#include "net/loop.h"

struct heap_entry {
    usec due;
    size_t *slot; /* inside the object: its place here + 1 */
};

/* Zero-fill to start. */
struct heap {
    struct heap_entry *entries;
    size_t count, room;
};

/* Puts what owns `slot` in, or moves it if it is in (*slot is not 0). */
void heap_put(struct heap *heap, usec due, size_t *slot);
/* Safe if it is not in. */
void heap_remove(struct heap *heap, size_t *slot);
void heap_free(struct heap *heap);
static inline usec heap_first(const struct heap *heap)
{
    return heap->count > 0 ? heap->entries[0].due : NEVER;
}

struct alarms {
    struct heap heap;
    struct watch watch;
    int fd;
    usec armed; /* what the timerfd stands at; NEVER: at nothing */
    bool fired; /* the timerfd stays readable until it is set again */
};

/* False with errno: no timerfd to be had. */
MUST_USE bool alarms_open(struct alarms *alarms, struct loop *loop);
void alarms_close(struct alarms *alarms);
/* Before the loop sleeps: sets the timerfd if the earliest moment is another than it knows. */
void alarms_arm(struct alarms *alarms);

/* Calls the deadlines that are due at `now`, and puts those that were moved in the meantime back.
 */
void deadlines_run(struct heap *deadlines, usec now);

/* loop.c's, for alarm_set and deadline_set. */
struct alarms *loop_alarms(struct loop *loop);
struct heap *loop_deadlines(struct loop *loop);

#endif
