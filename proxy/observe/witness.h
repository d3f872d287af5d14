/* witness: somebody who is told the events of a run while it goes on. */
#ifndef PANNE_OBSERVE_WITNESS_H
#define PANNE_OBSERVE_WITNESS_H

#include "base/time.h"
#include "observe/event.h"

struct witness {
    /* `event` is a struct event_KIND, lent like its texts until the call returns; `time` counts
     * from the start of the run. Never called twice at once, but by different threads. */
    void (*take)(void *user, enum event_kind kind, const void *event, usec time);
    void *user;
};

/* Shown a run's last line when all others have been told, and may change what it says. */
struct conclusion {
    void (*conclude)(void *user,
                     struct event_end *end); /* texts last until recorder_finish returns */
    void *user;
};

/* The place where threads that have something to tell take their turns. */
struct stand;

/* `witness` is copied; times count from `start`. */
struct stand *stand_new(const struct witness *witness, usec start);
void stand_free(struct stand *stand);
/* The event just as a reader of its line in the log sees it: texts cut to the log's limits, bytes
 * that are not UTF-8 replaced. Any thread. `now` is loop_now's. */
void stand_tell_logged(struct stand *stand, enum event_kind kind, const void *event, usec now);
/* The event as it is, for where there is no log to differ from: cheap. */
void stand_tell(struct stand *stand, enum event_kind kind, const void *event, usec now);

#endif
