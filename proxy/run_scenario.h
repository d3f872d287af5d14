/* run_scenario: from the scenario's name to something that can be replayed. */
#ifndef PANNE_RUN_SCENARIO_H
#define PANNE_RUN_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "option.h"
#include "scenario/scenario.h"
#include "scenario/timeline.h"
#include "serve/run.h"
#include "verdict/check.h"

/* Finds and loads it. NULL after having said on stderr all that is wrong with it; warnings are said
 * in any case. Its path is added to `found`, which may be NULL. */
MUST_USE struct scenario *run_scenario_open(struct text name, const struct options *options,
                                            struct buffer *found);

/* The same in silence: what is wrong goes into `problems`, and what is not wrong with a file (there
 * is none, a bad --set) into `complaint`. */
MUST_USE struct scenario *run_scenario_read(struct text name, const struct options *options,
                                            struct problems *problems, struct buffer *found,
                                            struct buffer *complaint);

/* Lays its phases out as --speed, --floor, --phase, --from and --until say. */
MUST_USE bool run_scenario_lay(struct scenario *scenario, const struct options *options,
                               struct timeline *timeline, struct buffer *complaint);
/* --speed, else the scenario's. */
double run_scenario_speed(const struct scenario *scenario, const struct options *options);

/* --profile, else the scenario's. */
enum profile run_scenario_profile(const struct scenario *scenario, const struct options *options);

/* The scenario of the run with its services bound and its timeline laid out. `ignore_hosts`: as for
 * scenario_ignore_hosts, unless services are bound. `*seed` is kept where neither --seed nor the
 * scenario says one. NULL after having said why. */
MUST_USE struct generation *run_scenario_load(const struct options *options, bool ignore_hosts,
                                              uint64_t *seed);

#endif
