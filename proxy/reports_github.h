/* reports_github: what a step of a GitHub workflow gets without asking, where GITHUB_ACTIONS is
 * `true`. */
#ifndef PANNE_REPORTS_GITHUB_H
#define PANNE_REPORTS_GITHUB_H

#include <stdbool.h>

#include "verdict/verdict.h"

/* Annotations on stderr: runners look for commands there, too, and stdout may be COMMAND's, or a
 * report's. */
void reports_github_annotate(const struct judgment *judgment);
/* Adds Markdown to the file that GITHUB_STEP_SUMMARY names. Failing at that is said, and is none of
 * the run. */
void reports_github_sum_up(const struct judgment *judgment);
/* Whether that is the file: it is only ever added to. */
bool reports_github_is_summary(const char *path);

#endif
