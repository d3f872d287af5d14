/* turns: a lock for each part of the operations, or one for all. */
#include "scenario/turns.h"

#include <stdlib.h>

#include "base/arena.h"
#include "faults/fault.h"

#define LOCKS 64u /* a power of two */

/* What is to be decided by one at a time. */
enum holding { HOLD_NOTHING, HOLD_OPERATION, HOLD_ALL };

struct turns {
    enum holding *holding;        /* in each phase */
    pthread_mutex_t locks[LOCKS]; /* each of its part of the operations; the first of all */
    uint64_t taken;               /* under the lock of all */
};

struct turns *turns_new(const struct scenario *scenario)
{
    struct turns *turns = memory_take(sizeof *turns);
    bool all = (scenario->needs & FAULT_NEEDS_TURNS) != 0;

    turns->holding = memory_take((scenario->phase_count + 1) * sizeof *turns->holding);
    for (size_t i = 0; i < scenario->rule_count; i++)
        if (scenario->rules[i].nth.last != 0)
            turns->holding[scenario->rules[i].phase] = HOLD_OPERATION;
    for (size_t i = 0; all && i < scenario->phase_count; i++)
        turns->holding[i] = HOLD_ALL;
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_init(&turns->locks[i], NULL);
    return turns;
}

void turns_free(struct turns *turns)
{
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&turns->locks[i]);
    free(turns->holding);
    free(turns);
}

pthread_mutex_t *turns_begin(struct turns *turns, uint16_t phase, uint64_t operation,
                             uint64_t *turn)
{
    enum holding holding = turns->holding[phase];
    pthread_mutex_t *lock;

    if (holding == HOLD_NOTHING)
        return NULL;
    lock = &turns->locks[holding == HOLD_ALL ? 0 : operation % LOCKS];
    pthread_mutex_lock(lock);
    if (holding == HOLD_ALL)
        *turn = ++turns->taken;
    return lock;
}

void turns_end(pthread_mutex_t *lock)
{
    if (lock)
        pthread_mutex_unlock(lock);
}
