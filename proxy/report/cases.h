/* cases: findings as test cases, for formats that know nothing else: what can make a run fail,
 * under names that stay the same from run to run. */
#ifndef PANNE_REPORT_CASES_H
#define PANNE_REPORT_CASES_H

#include "report/report.h"

enum case_outcome { CASE_PASSED, CASE_FAILED, CASE_SKIPPED };

/* Whether it is one: an expectation, a gate, or what got worse than is allowed. */
bool case_is(const struct finding *finding);
enum case_outcome case_outcome(const struct finding *finding);
/* The subject, followed by ` 2`, ` 3` … where expectations before it in the scenario have the same.
 */
void case_name(const struct judgment *judgment, const struct finding *finding, struct buffer *out);
/* `panne.` and the scenario's name, without folders and ending. */
void case_class(const struct judgment *judgment, struct buffer *out);
/* What people are told of it: measured and limit, evidence, cure, proofs; several lines. */
void case_story(const struct finding *finding, struct buffer *out);

#endif
