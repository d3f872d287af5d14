/* show: a scenario's timeline drawn in text: phases as columns of time, services and rules as rows,
 * shares as sparklines. */
#ifndef PANNE_SCENARIO_SHOW_H
#define PANNE_SCENARIO_SHOW_H

#include <stdbool.h>

#include "base/buffer.h"
#include "scenario/scenario.h"
#include "scenario/timeline.h"

/* `width` columns; both clocks are printed; `color`: ANSI. `unicode`: block elements, else ASCII.
 */
void show_scenario(const struct scenario *scenario, const struct timeline *timeline, unsigned width,
                   bool color, bool unicode, struct buffer *out);

#endif
