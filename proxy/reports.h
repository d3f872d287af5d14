/* reports: the reports that a user asks for (--report FORMAT[:FILE]), checked and written. */
#ifndef PANNE_REPORTS_H
#define PANNE_REPORTS_H

#include <stdbool.h>

#include "base/buffer.h"
#include "judge.h"
#include "option.h"

struct reports;

/* NULL with a complaint where a format is not known, or two would go to stdout. `live`: formats
 * that are made of a log's lines are refused. */
struct reports *reports_new(const struct options *options, bool live, struct buffer *complaint);
void reports_free(struct reports *reports);
/* Opens the files, so that one that cannot be written is known before a run begins. False with a
 * complaint. */
bool reports_open(struct reports *reports, struct buffer *complaint);
/* What is to be told of every event; NULL: nobody wants them. */
const struct judge_stream *reports_stream(struct reports *reports);
/* Whether one of them goes to stdout. */
bool reports_has_stdout(const struct reports *reports);
/* Writes them all, and within a GitHub workflow what its steps want besides (reports_github.h).
 * False where one that was asked for could not be written, which has been said. */
bool reports_write(struct reports *reports, const struct judgment *judgment);

#endif
