/* matched: a log keeps no headers, bodies and ports, and queries only on demand; which conditions
 * on them were met is what it keeps instead, so that the engine can be asked again. */
#ifndef PANNE_SCENARIO_MATCHED_H
#define PANNE_SCENARIO_MATCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"
#include "scenario/scenario.h"

/* The conditions of `match` that a log lacks the values for; the others are left empty. */
struct match matched_part(const struct match *match);
/* Whether the scenario has any. */
bool matched_is_needed(const struct scenario *scenario);
/* The services, and the rules of the phase, that have such conditions and whose conditions the
 * subject meets: names separated by blanks, in the arena. */
struct text matched_write(const struct scenario *scenario, const struct subject *subject,
                          uint16_t phase, struct arena *arena);

/* A subject's `recall` from what was written. */
struct matched {
    struct match_recall recall;
    const struct scenario *scenario;
    struct text names;
};
struct matched matched_recall(const struct scenario *scenario, struct text names);

#endif
