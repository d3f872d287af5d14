/* polling: which requests a client asks again and again when all is well, so that nobody takes the
 * next of them for a retry. */
#ifndef PANNE_HISTORY_POLLING_H
#define PANNE_HISTORY_POLLING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

struct polling;

struct polling *polling_new(void);
void polling_free(struct polling *polling);
/* A good answer to a safe request before the first fault. `key`: its attempt_pair. */
void polling_note(struct polling *polling, uint64_t key, usec began);
/* The shortest time between two of them; NEVER: seen less than three times. */
usec polling_interval(const struct polling *polling, uint64_t key);
/* Those that gave up their place for others. */
uint64_t polling_evicted(const struct polling *polling);

#endif
