/* turns: which decisions must not be taken at the same time, and in which order those were that
 * hang on each other. */
#ifndef PANNE_SCENARIO_TURNS_H
#define PANNE_SCENARIO_TURNS_H

#include <pthread.h>
#include <stdint.h>

#include "scenario/scenario.h"

struct turns;

/* Never NULL. */
struct turns *turns_new(const struct scenario *scenario);
void turns_free(struct turns *turns);

/* From here to turns_end nobody else decides on that operation (a hash) where rules of the phase
 * count, and on nothing at all where the scenario needs turns (FAULT_NEEDS_TURNS): then `turn` says
 * how-manieth decision (from 1) this is; else it is left alone. Returns what turns_end wants; NULL
 * where nobody need wait. */
pthread_mutex_t *turns_begin(struct turns *turns, uint16_t phase, uint64_t operation,
                             uint64_t *turn);
void turns_end(pthread_mutex_t *lock);

#endif
