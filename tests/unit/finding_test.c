/* finding: outcomes at the edges of limits, and evidence that fits its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "history/operation.h"
#include "verdict/finding.h"

static const struct row {
    double low, value, high, warn, limit;
    bool bounds;
    enum outcome at_most, at_least;
} rows[] = {
    /* Counted facts: the value alone. */
    { .value = 0, .warn = 0, .limit = 0, .at_most = OUTCOME_PASS, .at_least = OUTCOME_PASS },
    { .value = 1, .warn = 0, .limit = 0, .at_most = OUTCOME_FAIL, .at_least = OUTCOME_PASS },
    { .value = 2, .warn = 1, .limit = 3, .at_most = OUTCOME_WARN, .at_least = OUTCOME_FAIL },
    { .value = 2, .warn = 3, .limit = 1, .at_most = OUTCOME_FAIL, .at_least = OUTCOME_WARN },
    { .value = 3.01, .warn = 3, .limit = 3, .at_most = OUTCOME_FAIL, .at_least = OUTCOME_PASS },
    /* Bounds: only what is beyond doubt. */
    { 2.9, 3.2, 3.5, 3, 3, true, OUTCOME_INCONCLUSIVE, OUTCOME_PASS },
    { 3.1, 3.2, 3.5, 3, 3, true, OUTCOME_FAIL, OUTCOME_PASS },
    { 1.5, 2, 3, 1, 3, true, OUTCOME_WARN, OUTCOME_INCONCLUSIVE },
    { 0.5, 2, 4, 1, 3, true, OUTCOME_INCONCLUSIVE, OUTCOME_INCONCLUSIVE },
    { 1, 1.5, 2, 3, 3, true, OUTCOME_PASS, OUTCOME_FAIL },
    { 3.5, 3.6, 3.7, 4, 3, true, OUTCOME_FAIL, OUTCOME_WARN },
    /* Who does just what is allowed. */
    { 2.9, 3, 3.1, 3, 3, true, OUTCOME_PASS, OUTCOME_PASS },
    { 0, 0, 0.001, 0, 0, true, OUTCOME_INCONCLUSIVE, OUTCOME_PASS },
};

static struct finding measured(const struct row *row, struct arena *arena)
{
    struct finding finding = { .arena = arena };

    finding_measure(&finding, UNIT_FACTOR, row->value, 10, "operations");
    if (row->bounds)
        finding_bounds(&finding, row->low, row->high);
    return finding;
}

static void outcomes_follow_from_bounds(void **state)
{
    struct arena arena = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        struct finding most = measured(row, &arena), least = most;

        finding_at_most(&most, row->warn, row->limit, 0);
        finding_at_least(&least, row->warn, row->limit, 0);
        if (most.outcome != row->at_most || least.outcome != row->at_least)
            fail_msg("row %zu: %s and %s", i, outcome_name(most.outcome),
                     outcome_name(least.outcome));
        assert_true(most.has_limit && !most.at_least && least.at_least);
    }
    arena_clear(&arena);
}

static void what_is_missing_is_said(void **state)
{
    struct arena arena = { 0 };
    struct finding finding = measured(&rows[8], &arena);

    (void)state;
    finding_at_most(&finding, 1, 3, 25);
    assert_int_equal(finding.outcome, OUTCOME_INCONCLUSIVE);
    assert_int_equal(finding.missing, 25);
    assert_true(
        text_is(finding.because, "25 more operations are needed to tell it from the limit"));
    finding_at_most(&finding, 1, 3, 0);
    assert_int_equal(finding.missing, 0);
    assert_true(text_is(finding.because, "10 operations do not tell it from the limit"));
    arena_clear(&arena);
}

static void words_are_one_harmless_line(void **state)
{
    struct arena arena = { 0 };
    struct finding finding = { .arena = &arena };

    (void)state;
    finding_say(&finding, "%s of %d", "a\nb\x1b", 3);
    assert_true(text_is(finding.evidence, "a?b? of 3"));
    finding_idle(&finding, "nothing was sent");
    assert_int_equal(finding.outcome, OUTCOME_PASS);
    assert_true(text_is(finding.evidence, "nothing was sent"));
    finding_unclear(&finding, 7, "too few");
    assert_int_equal(finding.outcome, OUTCOME_INCONCLUSIVE);
    assert_int_equal(finding.missing, 7);
    arena_clear(&arena);
}

static void proofs_keep_the_first_and_count_the_rest(void **state)
{
    struct attempt attempt = {
        .method = TEXT("POST"), .path = TEXT("/pay"), .status = 503, .began = 5 * SECOND
    };
    struct proofs proofs = { 0 };

    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        attempt.exchange = i + 1;
        proofs_add(&proofs, &attempt, "again after %u ms", 12);
    }
    assert_int_equal(proofs.count, PROOFS);
    assert_int_equal(proofs.total, 20);
    assert_int_equal(proofs.items[PROOFS - 1].exchange, PROOFS);
    assert_int_equal(proofs.items[0].at, 5 * SECOND);
    assert_string_equal(proofs.items[0].words, "POST /pay 503, again after 12 ms");
}

/* A path of letters of two bytes each is cut between them. */
static void long_words_are_cut_between_letters(void **state)
{
    char path[201] = "/";
    struct attempt attempt = { .method = TEXT("GETGETGETGETGET"),
                               .path = text_of(path, 200),
                               .end = ATTEMPT_LEFT };
    struct proofs proofs = { 0 };
    const char *words = proofs.items[0].words;

    (void)state;
    for (size_t i = 1; i < 200; i++)
        path[i] = i % 2 ? '\xc3' : '\xa9';
    proofs_add(&proofs, &attempt, NULL);
    assert_string_equal(words, "GETGETGETG /\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
                               "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9... given up");
    proofs_add(&proofs, &attempt, "%s", path);
    assert_int_equal(strlen(proofs.items[1].words), sizeof(proofs.items[1].words) - 1);
}

static void operations_prove_with_their_first_exchange(void **state)
{
    struct step steps[] = { { .exchange = 42 }, { .exchange = 43 } };
    struct operation operation = { .method = TEXT("GET"),
                                   .path = TEXT("/a"),
                                   .attempts = 10,
                                   .began = 2 * SECOND,
                                   .ended = 3 * SECOND + 200 * MSEC + 7,
                                   .steps = steps,
                                   .step_count = 2 };
    struct proofs proofs = { 0 };

    (void)state;
    proofs_add_operation(&proofs, &operation, NULL);
    assert_string_equal(proofs.items[0].words, "GET /a, 10 attempts in 1.2s");
    assert_int_equal(proofs.items[0].exchange, 42);
    assert_int_equal(proofs.items[0].at, 2 * SECOND);
    operation.attempts = 1;
    proofs_add_operation(&proofs, &operation, "%d left", 3);
    assert_string_equal(proofs.items[1].words, "GET /a, 1 attempt in 1.2s, 3 left");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes_follow_from_bounds),
        cmocka_unit_test(what_is_missing_is_said),
        cmocka_unit_test(words_are_one_harmless_line),
        cmocka_unit_test(proofs_keep_the_first_and_count_the_rest),
        cmocka_unit_test(long_words_are_cut_between_letters),
        cmocka_unit_test(operations_prove_with_their_first_exchange),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
