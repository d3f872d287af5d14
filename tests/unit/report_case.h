/* report_case: a judgment made up for tests of reports, with one finding of each sort, and texts
 * that have to be escaped. */
#ifndef PANNE_TESTS_REPORT_CASE_H
#define PANNE_TESTS_REPORT_CASE_H

#include "verdict/verdict.h"

struct report_case {
    struct judgment judgment;
    struct finding findings[10];
    struct history *history;
    struct sample_set samples;
};

/* A run in which much went wrong; compared with an earlier one. */
void report_case_make(struct report_case *made);
/* One in which all was well: the first findings are left out. */
void report_case_make_good(struct report_case *made);
void report_case_clear(struct report_case *made);

#endif
