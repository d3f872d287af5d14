/* yaml: text to a tree of nodes, within limits. */
#ifndef PANNE_SCENARIO_YAML_H
#define PANNE_SCENARIO_YAML_H

#include "base/arena.h"
#include "base/problems.h"
#include "base/text.h"
#include "scenario/node.h"

/* One document of UTF-8: at most 1 MiB, 16 levels, 100,000 events, 64 KiB a text and 1,000 nodes
 * from aliases; only the core tags; no key twice. NULL where the text is no YAML or beyond a limit;
 * with a tree there may be problems, too. The tree lies in `arena`; its places name `name`, which
 * is lent. */
const struct node *yaml_read(struct text source, const char *name, struct arena *arena,
                             struct problems *problems);

#endif
