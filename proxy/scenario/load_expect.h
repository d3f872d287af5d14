/* load_expect: `expect:`, and what the schema has to know of it. */
#ifndef PANNE_SCENARIO_LOAD_EXPECT_H
#define PANNE_SCENARIO_LOAD_EXPECT_H

#include <stdbool.h>
#include <stddef.h>

#include "verdict/check.h"

/* Beyond it, judging would take longer than anybody waits. */
#define MOST_EXPECTATIONS 200

/* What an expectation of that check may say beside its limits: `during`, `warn-only` and so on; a
 * narrowing only where the check knows it. NULL past the end. */
const struct field *load_expect_field(size_t index, const struct check *check);
/* Whether the word none stands for 0 there. */
bool load_expect_takes_none(const struct field *field);

#endif
