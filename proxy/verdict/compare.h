/* compare: a finding beside that of an earlier run. */
#ifndef PANNE_VERDICT_COMPARE_H
#define PANNE_VERDICT_COMPARE_H

#include "verdict/verdict.h"

/* Fills in change and before; as in verdict_compare. True where it got worse. */
bool compare_finding(struct finding *now, const struct judgment *before);

#endif
