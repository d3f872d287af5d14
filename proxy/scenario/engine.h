/* engine: decides what happens to an exchange. No socket, no clock, no randomness of its own: draws
 * depend on (seed, rule, client, operation, ordinal) and nothing else; what it counts (ordinals,
 * nth) lies in one bounded table that all workers share. */
#ifndef PANNE_SCENARIO_ENGINE_H
#define PANNE_SCENARIO_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "faults/plan.h"
#include "scenario/match.h"
#include "scenario/scenario.h"
#include "scenario/timeline.h"

struct engine;

/* The scenario must outlive it. Thread-safe after that: engine_decide may be called by all workers.
 */
struct engine *engine_new(const struct scenario *scenario, uint64_t seed);
void engine_free(struct engine *engine);

/* What came of one rule, for those who want to know why. */
enum asked {
    ASKED_OTHER_SERVICE, /* it is on another service */
    ASKED_STAYS_UP,      /* it is on all services, but this one stays up */
    ASKED_OTHER_MEDIUM,  /* its kinds do not bite on tunnels, or on nothing else */
    ASKED_OUTSIDE,       /* its `when` does not hold */
    ASKED_NTH,           /* its turn has not come or is over */
    ASKED_MISSED,        /* the draw was not below the share */
    ASKED_HIT,
};
struct engine_step {
    const struct rule *rule;
    enum asked asked;
    uint64_t nth;       /* the rule's count, from 1; 0: it does not count */
    double draw, share; /* MISSED and HIT; of a mix the sum up to where the draw fell */
    const struct alternative *alternative; /* HIT */
};
/* Told of each rule of the phase, in order. */
struct engine_witness {
    void (*step)(void *user, const struct engine_step *step);
    void *user;
};

struct question {
    struct subject subject;
    struct moment moment;
    uint64_t connection; /* for PER_CONNECTION: how-manieth connection of this client */
    bool tunnel;
    bool opening; /* not an exchange, but a client's connection: no method, path or head */
    usec now;     /* wall time since the start of the run: what `bites` is told */
    const struct engine_witness *witness; /* NULL: nobody wants to know */
};

struct decision {
    uint16_t service; /* SERVICE_NONE: no service matches, nothing happens */
    uint16_t phase;
    uint64_t client;  /* hash of it */
    uint64_t ordinal; /* how-manieth exchange (from 0) of this client and operation; at openings:
                         of this client and service */
    uint64_t turn; /* how-manieth decision (from 1) of this engine, where its scenario needs turns
                      (FAULT_NEEDS_TURNS); else 0 */
    struct hit *hits; /* in the order of the rules; from the arena given */
    size_t count;
};
#define SERVICE_NONE UINT16_MAX

/* The service alone, without counting: for deciding whether the timeline starts. */
uint16_t engine_service(const struct engine *engine, const struct subject *subject);

/* Counts of one client and operation rise together: where rules count (`nth`), whoever has the
 * lower ordinal has the lower counts, too. Where a scenario needs turns, decisions are taken one at
 * a time: a fresh engine that is asked in the order of the turns decides the same.
 * Cheap where nothing can hit: a phase without rules costs the match and one count, and a scenario
 * without any rule not even the count. */
void engine_decide(struct engine *engine, const struct question *question, struct arena *arena,
                   struct decision *decision);

/* Whether the decision may hang on the beginning of the request's body: then the question waits for
 * it (scenario/body.h), and subject.body is set. Cheap where no match asks. */
bool engine_wants_body(const struct engine *engine, const struct subject *subject);
/* Whether any rule has a kind that bites at the opening of a connection: else nobody need ask. */
bool engine_asks_connections(const struct engine *engine);
/* The how-manieth connection (from 0) of this client, counted: what question.connection wants. 0
 * and not counted where no rule needs it. */
uint64_t engine_next_connection(struct engine *engine, struct text client);
/* The table of all that is counted, for faults that share buckets. */
struct counters *engine_counters(const struct engine *engine);
/* Questions that shared a count because the table was full. */
uint64_t engine_crowded(const struct engine *engine);

#endif
