/* source: the bytes of a scenario: reading them from a file, and whether they are text at all. */
#ifndef PANNE_SCENARIO_SOURCE_H
#define PANNE_SCENARIO_SOURCE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/problems.h"
#include "base/text.h"

#define SOURCE_LIMIT ((size_t)1 << 20)

/* Into `arena`. At most SOURCE_LIMIT bytes; false with a problem where the file cannot be read or
 * is larger. */
MUST_USE bool source_read(const char *path, struct arena *arena, struct text *source,
                          struct problems *problems);
/* UTF-8 without control characters but line ends and tabs (YAML 1.2, 5.1; RFC 3629); false with a
 * problem at the first byte that is wrong. A byte order mark may stand at the very front. */
MUST_USE bool source_check(struct text source, const char *name, struct problems *problems);

#endif
