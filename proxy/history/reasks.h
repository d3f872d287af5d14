/* reasks: how soon a client asks for the same thing again though it has got it. What comes as soon
 * after a failure may be the next of these, and no retry; what comes sooner than nearly all of them
 * is one. */
#ifndef PANNE_HISTORY_REASKS_H
#define PANNE_HISTORY_REASKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

struct reasks;

struct reasks *reasks_new(void);
void reasks_free(struct reasks *reasks);
/* An attempt that is not known to be a retry; `key` is its attempt_pair. `ok`: it got
 * what it wanted, so whoever asks the same again does so for a reason of its own. */
void reasks_note(struct reasks *reasks, uint64_t key, uint32_t client, usec began, usec ended,
                 bool ok);
/* The longest time after a failure within which an equal request is a retry, but for one in twenty:
 * from 125 ms to 32 s, by what the client does after good answers; by what all do while it has had
 * fewer than 20. NEVER: nobody has had as many. */
usec reasks_window(const struct reasks *reasks, uint32_t client);

#endif
