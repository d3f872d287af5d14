/* explain_replay: a scenario put in force again, as the line of a log says that it was. */
#ifndef PANNE_EXPLAIN_REPLAY_H
#define PANNE_EXPLAIN_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "explain_record.h"
#include "scenario/engine.h"
#include "scenario/matched.h"
#include "scenario/scenario.h"
#include "scenario/timeline.h"

struct replay {
    struct replay *older;
    uint64_t number; /* of the generation */
    uint64_t seed;
    bool step;
    char *text; /* the scenario's */
    struct scenario *scenario;
    struct timeline timeline;
    struct engine *engine; /* fresh */
};

/* NULL with a complaint where the line cannot be put in force. */
struct replay *replay_new(const struct event_run *event, struct buffer *complaint);
void replay_free(struct replay *replay);
/* Its decisions hang on those before them, in the order of their turns. */
bool replay_takes_turns(const struct replay *replay);

/* The question that a logged request or opening was; it refers to itself, so it stays in its
 * place. */
struct asked_again {
    struct question question;
    struct matched matched;
};
void replay_question(struct asked_again *again, const struct replay *replay,
                     const struct logged *logged);

#endif
