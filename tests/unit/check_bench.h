/* check_bench: a check by its name, on a world, and what is expected of its finding. */
#ifndef PANNE_TESTS_CHECK_BENCH_H
#define PANNE_TESTS_CHECK_BENCH_H

#include "wire_bench.h"

/* alpha as in a run with some 40 decisions. */
#define BENCH_ALPHA (0.01 / 40)

/* The outcome, and that its evidence or reason contains `words`. */
void bench_expect(const char *check, enum profile profile, const struct wire_world *world,
                  enum outcome outcome, const char *words);
/* The same where the check asks the history (may be NULL). */
void bench_expect_of(const char *check, enum profile profile, const struct wire_world *world,
                     const struct history *history, enum outcome outcome, const char *words);

/* How many runs a simulation has: PANNE_LONG=1 makes it 10,000. */
uint64_t bench_runs(void);
/* Outcomes by number. */
struct bench_tally {
    uint64_t runs, outcomes[4];
};
/* Adds the outcome by the default profile. */
void bench_count(const char *check, const struct wire_world *world, const struct history *history,
                 struct bench_tally *tally);
/* Of clients that are right none or hardly any fail: no more than a share that BENCH_ALPHA leaves
 * likely. Of those that are wrong at most 5 % pass. */
void bench_errors_within(const char *check, const struct bench_tally *right,
                         const struct bench_tally *wrong);

#endif
