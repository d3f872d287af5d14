/* check_bench: findings, and how often they are wrong. */
#include "check_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static const struct check *check_named(const char *name)
{
    const struct check *check = check_find(text_from(name));

    if (!check)
        fail_msg("there is no check %s", name);
    return check;
}

static struct finding find(const char *name, enum profile profile, const struct wire_world *world,
                           const struct history *history, struct arena *arena)
{
    const struct check *check = check_named(name);
    void *limits = memory_take(check->limits_size);
    struct finding finding;

    check_limits(check, profile, limits);
    finding = wire_judge(check, limits, world, history, BENCH_ALPHA, arena);
    free(limits);
    return finding;
}

static bool says(struct text text, const char *words)
{
    return text.length > 0 && memmem(text.at, text.length, words, strlen(words));
}

void bench_expect_of(const char *check, enum profile profile, const struct wire_world *world,
                     const struct history *history, enum outcome outcome, const char *words)
{
    struct arena arena;
    struct finding finding;

    arena_init(&arena, NULL);
    finding = find(check, profile, world, history, &arena);
    if (finding.outcome != outcome ||
        !(says(finding.evidence, words) || says(finding.because, words)))
        fail_msg("%s: %s instead of %s (%s); %g [%g, %g] of %llu; %.*s; %.*s", check,
                 outcome_name(finding.outcome), outcome_name(outcome), words, finding.value,
                 finding.low, finding.high, (unsigned long long)finding.samples,
                 (int)finding.evidence.length, finding.evidence.at ? finding.evidence.at : "",
                 (int)finding.because.length, finding.because.at ? finding.because.at : "");
    if ((outcome == OUTCOME_FAIL || outcome == OUTCOME_WARN) && finding.proofs.count == 0 &&
        check_named(check)->state_size > 0)
        fail_msg("%s: nothing proves it", check);
    if (finding.has_value && (finding.low > finding.value || finding.high < finding.value))
        fail_msg("%s: %g is not in [%g, %g]", check, finding.value, finding.low, finding.high);
    arena_clear(&arena);
}

void bench_expect(const char *check, enum profile profile, const struct wire_world *world,
                  enum outcome outcome, const char *words)
{
    bench_expect_of(check, profile, world, NULL, outcome, words);
}

uint64_t bench_runs(void)
{
    const char *is_long = getenv("PANNE_LONG");

    return is_long && *is_long ? 10000 : 500;
}

void bench_count(const char *check, const struct wire_world *world, const struct history *history,
                 struct bench_tally *tally)
{
    struct arena arena;

    arena_init(&arena, NULL);
    tally->outcomes[find(check, PROFILE_DEFAULT, world, history, &arena).outcome]++;
    tally->runs++;
    arena_clear(&arena);
}

void bench_errors_within(const char *check, const struct bench_tally *right,
                         const struct bench_tally *wrong)
{
    /* 10,000 runs with BENCH_ALPHA have 2.5 false alarms; 8 and more come once in 240 times. */
    if (right->outcomes[OUTCOME_FAIL] > (uint64_t)((double)right->runs * BENCH_ALPHA * 3))
        fail_msg("%s: %llu false alarms in %llu runs", check,
                 (unsigned long long)right->outcomes[OUTCOME_FAIL],
                 (unsigned long long)right->runs);
    if (wrong->outcomes[OUTCOME_PASS] > wrong->runs / 20)
        fail_msg("%s: %llu misses in %llu runs", check,
                 (unsigned long long)wrong->outcomes[OUTCOME_PASS],
                 (unsigned long long)wrong->runs);
    if (right->outcomes[OUTCOME_PASS] < right->runs / 2)
        fail_msg("%s: %llu right clients of %llu pass", check,
                 (unsigned long long)right->outcomes[OUTCOME_PASS],
                 (unsigned long long)right->runs);
    if (wrong->outcomes[OUTCOME_FAIL] < wrong->runs / 2)
        fail_msg("%s: %llu wrong clients of %llu fail", check,
                 (unsigned long long)wrong->outcomes[OUTCOME_FAIL],
                 (unsigned long long)wrong->runs);
}
