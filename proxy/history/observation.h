/* observation: an attempt made of an event. */
#ifndef PANNE_HISTORY_OBSERVATION_H
#define PANNE_HISTORY_OBSERVATION_H

#include "history/attempt.h"
#include "observe/event.h"

/* All but the numbers of client, service and phase, the touches, and what the grouping fills in.
 * Texts are lent from the event. `time` is the event's. */
void observation_of(const struct event_request *event, usec time, struct attempt *attempt);

#endif
