/* include: one scenario's file by another: what `include:` names is read and joined. */
#ifndef PANNE_SCENARIO_INCLUDE_H
#define PANNE_SCENARIO_INCLUDE_H

#include "base/arena.h"
#include "base/problems.h"
#include "scenario/node.h"

/* The tree of `root` (read from `path`, NULL: from no file) joined with those of the files that it
 * includes, in `arena`; `root` itself where it includes none. Problems where a file cannot be read,
 * lies outside of the folder of `path` (symbolic links resolved), or includes itself. Names in
 * included files are relative to these. In the joined tree, included services, vars and
 * expectations stand before those of the file, which take the place of included ones of the same
 * name; included phases stand before its own. NULL with a problem where nothing can be made of it.
 */
const struct node *include_files(const struct node *root, const char *path, struct arena *arena,
                                 struct problems *problems);

#endif
