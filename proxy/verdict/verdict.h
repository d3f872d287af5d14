/* verdict: all checks together over a run: fed with its events, asked once at its end. */
#ifndef PANNE_VERDICT_VERDICT_H
#define PANNE_VERDICT_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/history.h"
#include "verdict/check.h"
#include "verdict/samples.h"

/* An item of `expect:`, in the scenario's order. All lent, and outlives the verdict. */
struct expectation_terms {
    const struct check *check;
    const void *limits;                 /* whole: the profile's where the item says nothing */
    struct text phase, service, client; /* empty: all */
    bool warn_only;
    bool ignored;           /* the check is not wanted at all */
    struct text as_written; /* `amplification: {at-most: 1.2}` */
    struct text file;
    unsigned line, column;
};

struct verdict_terms {
    struct history_terms history;
    const struct expectation_terms *expectations;
    size_t expectation_count;
    enum profile profile;
    struct text title; /* the scenario's own; it goes into the judgment */
};

struct verdict;

/* One finding for each expectation, and one by the profile for each check that no expectation names
 * without narrowing it. */
struct verdict *verdict_new(const struct verdict_terms *terms);
void verdict_free(struct verdict *verdict);
/* As a witness of the recorder: user is the verdict. */
void verdict_take(void *user, enum event_kind kind, const void *event, usec time);

/* The sum of it. */
enum verdict_sum { VERDICT_PASSED, VERDICT_FAILED, VERDICT_INCONCLUSIVE };

struct judgment {
    const struct history *history;
    const struct finding *findings; /* the worst first: fail, warn, inconclusive, pass; enforced
                                       before others; then in the table's order */
    size_t count;
    size_t by_outcome[4];
    enum verdict_sum sum; /* FAILED: an enforced finding failed; INCONCLUSIVE: an expectation that
                             not only warns could not be judged, and none failed */
    enum profile profile;
    struct text scenario, title, wall, version; /* of the run line; seed in decimal */
    struct text seed;
    double speed;
    bool reloaded; /* the scenario changed during the run: judged by the first one's terms */
    bool whole;    /* the log's `end` line was there and told of no lost line */
    uint64_t lost;
    bool had_faults;                  /* some fault was exercised */
    const struct sample_set *samples; /* operations and gaps for pictures; see samples.h */
};

/* Ends the history and asks all checks. Once; later calls return the same. Lives as long as the
 * verdict. */
const struct judgment *verdict_judge(struct verdict *verdict);

/* Writes into `now`'s findings how they differ from those of an earlier run's with the same check
 * and scope. Worse or better is what lies beyond the bounds of both: each end has an error of its
 * decision's alpha. What was counted without bounds (a gate's facts) differs where the numbers do.
 * With `gates`, what got worse and does not pass counts as an enforced failure. Returns how many
 * got worse. */
size_t verdict_compare(struct verdict *now, const struct judgment *before, bool gates);

#endif
