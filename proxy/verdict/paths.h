/* paths: does a path match any of several patterns? */
#ifndef PANNE_VERDICT_PATHS_H
#define PANNE_VERDICT_PATHS_H

#include <stdbool.h>

#include "base/text.h"

/* `patterns`: globs (text_glob) separated by blanks; letters count in either case. */
bool paths_match(struct text patterns, struct text path);

#endif
