/* terms: what the verdict has to know of a scenario. */
#ifndef PANNE_SCENARIO_TERMS_H
#define PANNE_SCENARIO_TERMS_H

#include "scenario/scenario.h"
#include "verdict/verdict.h"

/* By that profile (scenario->profile, or what the run chose). All lent, from the arena and the
 * scenario. */
struct verdict_terms scenario_terms(const struct scenario *scenario, enum profile profile,
                                    struct arena *arena);

#endif
