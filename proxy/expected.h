/* expected: where expectations stand, and in whose words. The log has to carry this: the scenario
 * in it may be one that was put together from several files and vars, on one line. */
#ifndef PANNE_EXPECTED_H
#define PANNE_EXPECTED_H

#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/text.h"
#include "scenario/scenario.h"
#include "verdict/verdict.h"

/* A line each: its line, column and file, a tab, and the words. */
void expected_write(const struct scenario *scenario, struct buffer *out);
/* The terms with that in place of what reading the log's scenario gave; they themselves where it
 * does not tell of so many. In the arena. */
const struct expectation_terms *expected_read(struct text lines,
                                              const struct expectation_terms *terms, size_t count,
                                              struct arena *arena);

#endif
