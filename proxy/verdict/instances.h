/* instances: the checks at work, each upon its part of the run. */
#ifndef PANNE_VERDICT_INSTANCES_H
#define PANNE_VERDICT_INSTANCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "verdict/check.h"
#include "verdict/verdict.h"

/* A check for one expectation, or for the profile. */
struct instance {
    const struct check *check;
    const struct expectation_terms *expectation; /* NULL: the profile's */
    const void *limits;
    void *state;
    struct scope scope; /* phase is HISTORY_NONE until the one that is meant has come */
    struct text phase;  /* that is meant; empty: all */
    bool is_narrowed;
    uint8_t *clients; /* by client: not asked yet, in the scope or not */
    size_t client_count;
    bool met_client; /* some client was in the scope */
};

/* Who hears a hook, with what it is asked for each time. */
struct listener {
    struct instance *instance;
    void *state;
    const void *limits;
    bool is_narrowed;
    union {
        void (*attempt)(void *state, const void *limits, const struct attempt *attempt,
                        const struct operation *operation);
        void (*operation)(void *state, const void *limits, const struct operation *operation);
        void (*connection)(void *state, const void *limits, const struct link *link);
    } take;
};

/* Who wants to know of the time before the first fault comes first. */
struct audience {
    struct listener *items;
    size_t count, calm;
};

/* Zero-fill to start. */
struct instances {
    struct instance *items; /* in the order of the table; of one check, in that of expectations */
    size_t count, room;
    size_t decisions; /* how many of them are no gates */
    struct audience attempt, operation, connection;
    const struct history *history;
    bool troubled; /* a fault has been exercised on something that was told */
};

/* Those of one check: one for each expectation that names it, and one by the profile unless an
 * expectation names it without narrowing it, or wants it ignored. */
void instances_add(struct instances *instances, const struct verdict_terms *terms,
                   const struct check *check, struct arena *arena);
/* Says who hears what, once all are there; then none is added. */
void instances_gather(struct instances *instances, struct arena *arena);
/* Those of all checks in the table. */
void instances_make(struct instances *instances, const struct verdict_terms *terms,
                    struct arena *arena);
/* Gives back what they hold, and what the checks do. */
void instances_clear(struct instances *instances);

/* As history_watcher's. The history is known by then. */
void instances_attempt(struct instances *instances, const struct attempt *attempt,
                       const struct operation *operation);
void instances_operation(struct instances *instances, const struct operation *operation);
void instances_connection(struct instances *instances, const struct link *link);

/* Asks the check; the finding has its check, expectation and arena. What never came cannot be
 * judged: the phase, or a client. */
void instance_judge(struct instance *instance, const struct history *history, double alpha,
                    struct finding *finding);

#endif
