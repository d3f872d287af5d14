/* scenario_text: scenarios for tests, from YAML in a string. */
#ifndef PANNE_TESTS_SCENARIO_TEXT_H
#define PANNE_TESTS_SCENARIO_TEXT_H

#include "scenario/scenario.h"

/* What is wrong with the text, as it would be printed for a file of that name; "" if nothing. To be
 * freed. */
char *scenario_complaints(struct text source, const char *name);
/* Must be good; to be freed. */
struct scenario *scenario_from(const char *yaml);
/* One service `api` that takes everything, with these phases. */
struct scenario *scenario_with_phases(const char *phases);

#endif
