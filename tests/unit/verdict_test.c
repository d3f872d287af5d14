/* verdict: a run's events in, findings out: which, in which order, and what they come to. */
#include "verdict/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scenario/terms.h"
#include "scenario_text.h"
#include "story.h"

#define HEAD                                                                     \
    "panne: 1\ntitle: A test\nservices: {api: {match: {}}}\n"                    \
    "phases: [{name: calm, lasts: 1m}, {name: down, lasts: 1m, faults: [error: " \
    "503]}, {name: after, lasts: 1m}]\n"

struct judged {
    struct scenario *scenario;
    struct arena arena;
    struct verdict *verdict;
    const struct judgment *judgment;
};

/* So many operations of so many attempts each, while all fails. */
static struct judged judge(const char *yaml, unsigned operations, unsigned attempts)
{
    struct judged judged = { .scenario = scenario_from(yaml) };
    struct verdict_terms terms =
        scenario_terms(judged.scenario, (enum profile)judged.scenario->profile, &judged.arena);
    struct story story = { .take = verdict_take };
    usec time = 10 * SECOND;

    story.user = judged.verdict = verdict_new(&terms);
    story_phase(&story, "calm", 0);
    story_phase(&story, "down", time);
    for (unsigned i = 0; i < operations; i++)
        time = story_operation(&story, "127.0.0.1", "down", attempts, SECOND, time + SECOND);
    story_phase(&story, "after", time + SECOND);
    judged.judgment = verdict_judge(judged.verdict);
    return judged;
}

static void drop(struct judged *judged)
{
    verdict_free(judged->verdict);
    scenario_free(judged->scenario);
    arena_clear(&judged->arena);
}

static const struct finding *finding_of(const struct judged *judged, const char *check,
                                        unsigned line)
{
    for (size_t i = 0; i < judged->judgment->count; i++) {
        const struct finding *finding = &judged->judgment->findings[i];

        if (text_is(text_from(finding->check->name), check) &&
            (finding->expectation ? finding->expectation->line : 0) == line)
            return finding;
    }
    return NULL;
}

/* Only what was asked for, and gates, can make a run fail. */
static void a_bad_client_fails_where_that_was_expected(void **state)
{
    struct judged asked = judge(HEAD "expect: {amplification: 1.2}\n", 300, 10);
    struct judged not_asked = judge(HEAD, 300, 10);
    struct judged warned =
        judge(HEAD "expect: {amplification: {at-most: 1.2, warn-only: yes}}\n", 300, 10);
    const struct finding *finding = finding_of(&asked, "amplification", 5);

    (void)state;
    assert_int_equal(asked.judgment->sum, VERDICT_FAILED);
    assert_non_null(finding);
    assert_int_equal(finding->outcome, OUTCOME_FAIL);
    assert_true(finding->enforced && finding->has_value && finding->has_bounds);
    assert_int_equal(finding->samples, 300);
    assert_true(finding->proofs.total > 0 && finding->proofs.items[0].exchange > 0);
    assert_null(finding_of(&asked, "amplification", 0));
    finding = finding_of(&not_asked, "amplification", 0);
    assert_int_equal(finding->outcome, OUTCOME_FAIL);
    assert_false(finding->enforced);
    finding = finding_of(&warned, "amplification", 5);
    assert_int_equal(finding->outcome, OUTCOME_FAIL);
    assert_false(finding->enforced);
    drop(&asked);
    drop(&not_asked);
    drop(&warned);
}

static void a_good_client_passes(void **state)
{
    struct judged judged = judge(HEAD "expect: {amplification: 1.2}\n", 2000, 1);
    const struct finding *finding = finding_of(&judged, "amplification", 5);

    (void)state;
    assert_int_equal(finding->outcome, OUTCOME_PASS);
    assert_float_equal(finding->value, 1, 1e-9);
    assert_int_equal(judged.judgment->by_outcome[OUTCOME_PASS] +
                         judged.judgment->by_outcome[OUTCOME_WARN] +
                         judged.judgment->by_outcome[OUTCOME_FAIL] +
                         judged.judgment->by_outcome[OUTCOME_INCONCLUSIVE],
                     judged.judgment->count);
    drop(&judged);
}

static void what_is_expected_and_cannot_be_judged_leaves_the_run_open(void **state)
{
    struct judged few = judge(HEAD "expect: {amplification: 1.2}\n", 3, 2);
    struct judged never = judge(HEAD "expect: {amplification: {client: ruby}}\n", 2000, 1);
    struct judged not_asked = judge(HEAD "expect: {amplification: ignore}\n", 3, 2);
    struct judged warned =
        judge(HEAD "expect: {amplification: {at-most: 1.2, warn-only: yes}}\n", 3, 2);

    (void)state;
    assert_int_equal(few.judgment->sum, VERDICT_INCONCLUSIVE);
    assert_true(finding_of(&few, "amplification", 5)->because.length > 0);
    assert_int_equal(never.judgment->sum, VERDICT_INCONCLUSIVE);
    assert_int_equal(not_asked.judgment->sum, VERDICT_PASSED);
    assert_null(finding_of(&not_asked, "amplification", 0));
    assert_int_equal(warned.judgment->sum, VERDICT_PASSED);
    drop(&few);
    drop(&never);
    drop(&not_asked);
    drop(&warned);
}

static unsigned place_of(const struct judged *judged, unsigned line)
{
    for (unsigned i = 0; i < judged->judgment->count; i++)
        if (judged->judgment->findings[i].expectation &&
            judged->judgment->findings[i].expectation->line == line)
            return i;
    return 1000;
}

static void the_worst_comes_first(void **state)
{
    struct judged judged = judge(HEAD "expect:\n"
                                      "  amplification:\n"
                                      "    - {at-most: 20, client: 127.*}\n"
                                      "    - {client: ruby}\n"
                                      "    - {at-most: 20, warn: 1.2}\n"
                                      "    - {at-most: 2, warn-only: yes}\n"
                                      "    - {at-most: 3}\n",
                                 600, 5);

    (void)state;
    assert_int_equal(judged.judgment->findings[0].outcome, OUTCOME_FAIL);
    assert_true(judged.judgment->findings[0].enforced);
    for (size_t i = 1; i < judged.judgment->count; i++) {
        const struct finding *finding = &judged.judgment->findings[i];

        if (finding->enforced && finding->outcome == OUTCOME_FAIL)
            assert_true(finding[-1].enforced);
    }
    assert_true(place_of(&judged, 11) < place_of(&judged, 10));
    assert_true(place_of(&judged, 10) < place_of(&judged, 9));
    assert_true(place_of(&judged, 9) < place_of(&judged, 8));
    assert_true(place_of(&judged, 8) < place_of(&judged, 7));
    assert_true(place_of(&judged, 7) < judged.judgment->count);
    drop(&judged);
}

static void the_run_is_told_of(void **state)
{
    struct verdict_terms terms = { .title = TEXT("A test"), .profile = PROFILE_IOT };
    struct verdict *verdict = verdict_new(&terms);
    struct event_run run = { .scenario = TEXT("a.yaml"),
                             .wall = TEXT("2026-11-21T18:00:00Z"),
                             .version = TEXT("0.1.0"),
                             .seed = TEXT("7"),
                             .speed = 60 };
    const struct event_end ends = { .lost = 0 };
    struct story story = { verdict_take, verdict, 0 };
    struct event_request event = story_request(&story, "down");
    const struct judgment *judgment;

    (void)state;
    verdict_take(verdict, EVENT_run, &run, 0);
    run.generation = 1;
    run.scenario = text_from("b.yaml");
    story_hit(&story, &event, "error", SECOND);
    verdict_take(verdict, EVENT_run, &run, 2 * SECOND);
    verdict_take(verdict, EVENT_end, &ends, 3 * SECOND);
    judgment = verdict_judge(verdict);
    assert_true(text_is(judgment->scenario, "a.yaml"));
    assert_true(text_is(judgment->title, "A test"));
    assert_true(text_is(judgment->wall, "2026-11-21T18:00:00Z"));
    assert_true(text_is(judgment->version, "0.1.0"));
    assert_true(text_is(judgment->seed, "7"));
    assert_float_equal(judgment->speed, 60, 0);
    assert_true(judgment->reloaded && judgment->whole && judgment->had_faults);
    assert_int_equal(judgment->profile, PROFILE_IOT);
    assert_int_equal(judgment->samples->attempt_count, 1);
    assert_int_equal(history_total(judgment->history)->attempts, 1);
    assert_ptr_equal(verdict_judge(verdict), judgment);
    verdict_free(verdict);
}

static void a_log_that_lost_lines_is_not_whole(void **state)
{
    const struct verdict_terms terms = { 0 };
    const struct event_end ends = { .lost = 3 };
    struct verdict *verdict = verdict_new(&terms);
    const struct judgment *judgment;

    (void)state;
    verdict_take(verdict, EVENT_end, &ends, SECOND);
    judgment = verdict_judge(verdict);
    assert_false(judgment->whole);
    assert_int_equal(judgment->lost, 3);
    assert_false(judgment->had_faults);
    verdict_free(verdict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_client_fails_where_that_was_expected),
        cmocka_unit_test(a_good_client_passes),
        cmocka_unit_test(what_is_expected_and_cannot_be_judged_leaves_the_run_open),
        cmocka_unit_test(the_worst_comes_first),
        cmocka_unit_test(the_run_is_told_of),
        cmocka_unit_test(a_log_that_lost_lines_is_not_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
