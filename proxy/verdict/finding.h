/* finding: what a check found: an outcome, the numbers behind it, and the exchanges that prove it.
 */
#ifndef PANNE_VERDICT_FINDING_H
#define PANNE_VERDICT_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/text.h"
#include "base/time.h"

struct attempt;
struct check;
struct expectation_terms;
struct operation;

enum outcome { OUTCOME_PASS, OUTCOME_WARN, OUTCOME_FAIL, OUTCOME_INCONCLUSIVE };
/* `pass`, `warn`, `fail`, `inconclusive`. */
const char *outcome_name(enum outcome outcome);

/* Beside an earlier run (--baseline). */
enum change {
    CHANGE_UNASKED, /* there was none, or it does not have this finding */
    CHANGE_SAME,    /* the bounds of both overlap */
    CHANGE_BETTER,
    CHANGE_WORSE,
    CHANGE_UNCLEAR, /* either of them has no value */
};
/* `better`, `same`, `worse`, `unclear`; NULL for CHANGE_UNASKED. */
const char *change_name(enum change change);

enum unit { UNIT_NONE, UNIT_COUNT, UNIT_FACTOR, UNIT_SHARE, UNIT_TIME, UNIT_RATE };

enum { PROOFS = 8 };

/* An exchange (or a connection) that shows it. */
struct proof {
    uint64_t exchange, connection; /* 0: none */
    usec at;                       /* since the start of the run */
    char words[96];                /* `POST /pay 503, again after 12 ms` */
};

/* Kept by checks in their state while the run goes on: the first few, and how many there were. */
struct proofs {
    struct proof items[PROOFS];
    size_t count;
    uint64_t total;
};
/* Adds one for the attempt: its method, path and how it ended, then `words` (may be NULL). */
void proofs_add(struct proofs *proofs, const struct attempt *attempt, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* Adds one for the operation: its method, path and attempts, then `words` (may be NULL). */
void proofs_add_operation(struct proofs *proofs, const struct operation *operation,
                          const char *format, ...) PRINTF_LIKE(3, 4);
void proofs_add_raw(struct proofs *proofs, const struct proof *proof);

struct finding {
    const struct check *check;
    const struct expectation_terms *expectation; /* NULL: the profile's */
    enum outcome outcome;
    bool enforced; /* a failure makes the run fail: a gate, or an expectation that not only warns */
    struct arena *arena; /* of the verdict: texts lie there */
    enum unit unit;      /* of value, low, high, limit, warn: plain, seconds for UNIT_TIME, 0..1 for
                            UNIT_SHARE, per second for UNIT_RATE */
    bool has_value, has_bounds, has_limit;
    double value, low, high; /* measured, with its one-sided bounds */
    double limit, warn;
    bool at_least; /* the limit is one from below */
    uint64_t samples;
    uint64_t missing;     /* samples without which it is inconclusive; 0: none, or not countable */
    const char *sample;   /* what is counted, in the plural: "operations" */
    double grouped;       /* share of its operations tied by markers; negative: not based on any */
    struct text evidence; /* one line: `47 of 50 operations made 10 attempts` */
    struct text because;  /* inconclusive: why, and what it takes */
    struct proofs proofs;
    enum change change;
    bool regressed; /* it got worse, and that fails the run (--gate-regressions) */
    double before;  /* its value then, unless UNASKED or UNCLEAR */
};

/* How checks fill it in; each leaves the rest as it is. */
void finding_measure(struct finding *finding, enum unit unit, double value, uint64_t samples,
                     const char *sample);
void finding_bounds(struct finding *finding, double low, double high);
void finding_say(struct finding *finding, const char *format, ...) PRINTF_LIKE(2, 3);
/* No answer: `because` in words, and the number that is missing (0: no number). */
void finding_unclear(struct finding *finding, uint64_t missing, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* The outcome by value and bounds (by the value alone where no bounds were given: counted facts):
 * fail where the low bound is past `limit`, warn where it is past `warn`, pass where the high bound
 * is within `limit`, else inconclusive with `missing` more samples (0: not known). With bounds, 5 %
 * of the limit more passes, too: who does just what is allowed stays within no bound of it. */
void finding_at_most(struct finding *finding, double warn, double limit, uint64_t missing);
/* The same the other way round. */
void finding_at_least(struct finding *finding, double warn, double limit, uint64_t missing);
/* Nothing of what is judged has occurred: pass, with a line that says so. */
void finding_idle(struct finding *finding, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
