/* engine: what it tells a witness, rule by rule, and that its counts rise together. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "scenario/engine.h"
#include "scenario_text.h"

#define SCENARIO                                                              \
    "panne: 1\nservices:\n"                                                   \
    "  api: {match: {path: /**}}\n"                                           \
    "  other: {match: {host: other}}\n"                                       \
    "  raw: {match: {host: raw}, stays-up: true}\n"                           \
    "phases:\n  - name: bad\n    lasts: 1h\n    faults:\n"                    \
    "      - {service: other, latency: 1s}\n"                                 \
    "      - {service: api, error: 500, when: {method: POST}}\n"              \
    "      - {service: api, error: 500, nth: 2..}\n"                          \
    "      - {service: api, latency: 1s, share: 0% -> 100%}\n"                \
    "      - {service: api, mix: [{share: 0% -> 1%, hang: 1s}, {share: 99%, " \
    "error: 502}]}\n"                                                         \
    "      - {latency: 1s, nth: 1}\n"

struct seen {
    struct engine_step steps[8];
    size_t count;
};

static void see(void *user, const struct engine_step *step)
{
    struct seen *seen = user;

    assert_in_range(seen->count, 0, COUNT_OF(seen->steps) - 1);
    seen->steps[seen->count++] = *step;
}

static struct seen ask(struct engine *engine, struct question question)
{
    struct seen seen = { .count = 0 };
    const struct engine_witness witness = { see, &seen };
    struct arena arena = { 0 };
    struct decision decision;

    question.witness = &witness;
    engine_decide(engine, &question, &arena, &decision);
    arena_clear(&arena);
    return seen;
}

static void each_rule_is_told_with_its_reason(void **state)
{
    static const enum asked wanted[] = { ASKED_OTHER_SERVICE, ASKED_OUTSIDE, ASKED_NTH,
                                         ASKED_MISSED,        ASKED_HIT,     ASKED_HIT };
    const struct question question = { .subject = { .method = TEXT("GET"), .path = TEXT("/a") } };
    struct scenario *scenario = scenario_from(SCENARIO);
    struct engine *engine = engine_new(scenario, 1);
    struct seen seen = ask(engine, question);

    (void)state;
    assert_int_equal(seen.count, COUNT_OF(wanted));
    for (size_t i = 0; i < seen.count; i++) {
        assert_int_equal(seen.steps[i].asked, wanted[i]);
        assert_ptr_equal(seen.steps[i].rule, &scenario->rules[i]);
    }
    assert_int_equal(seen.steps[2].nth, 1);
    assert_int_equal(seen.steps[5].nth, 1);
    assert_ptr_equal(seen.steps[4].alternative, &scenario->rules[4].alternatives[1]);
    assert_true(seen.steps[3].share <= 0 && seen.steps[4].share > 0.9);
    seen = ask(engine, question);
    assert_int_equal(seen.steps[2].asked, ASKED_HIT);
    assert_int_equal(seen.steps[5].asked, ASKED_NTH);
    assert_int_equal(seen.steps[5].nth, 2);
    engine_free(engine);
    scenario_free(scenario);
}

static void tunnels_and_what_stays_up_have_reasons_too(void **state)
{
    struct question question = { .subject = { .host = TEXT("raw") }, .tunnel = true };
    struct scenario *scenario = scenario_from(SCENARIO);
    struct engine *engine = engine_new(scenario, 1);
    struct seen seen = ask(engine, question);

    (void)state;
    assert_int_equal(seen.steps[1].asked, ASKED_OTHER_SERVICE);
    assert_int_equal(seen.steps[5].asked, ASKED_STAYS_UP);
    question.moment.over = true;
    assert_int_equal(ask(engine, question).count, 0);
    engine_free(engine);
    scenario_free(scenario);
}

static void a_kind_that_cannot_bite_is_of_another_medium(void **state)
{
    struct scenario *scenario = scenario_from("panne: 1\nservices: {raw: {match: {}}}\nphases:\n"
                                              "  - name: bad\n    faults:\n"
                                              "      - {error: 500}\n");
    struct engine *engine = engine_new(scenario, 1);
    struct seen seen = ask(engine, (struct question){ .tunnel = true });

    (void)state;
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.steps[0].asked, ASKED_OTHER_MEDIUM);
    engine_free(engine);
    scenario_free(scenario);
}

enum { TURNS = 20000 };

struct party {
    struct engine *engine;
    uint64_t wrong;
};

static void count_wrong(void *user, const struct engine_step *step)
{
    *(uint64_t *)user = step->nth;
}

/* The rule's count is the ordinal's, whoever asks beside us. */
static void *ask_on(void *argument)
{
    struct party *party = argument;
    struct arena arena = { 0 };

    for (size_t i = 0; i < TURNS; i++) {
        uint64_t nth = 0;
        const struct engine_witness witness = { count_wrong, &nth };
        const struct question question = { .subject = { .path = TEXT("/a"), .method = TEXT("GET") },
                                           .witness = &witness };
        struct decision decision;

        engine_decide(party->engine, &question, &arena, &decision);
        party->wrong += nth != decision.ordinal + 1;
        arena_clear(&arena);
    }
    return NULL;
}

static void counts_rise_with_the_ordinal(void **state)
{
    struct scenario *scenario =
        scenario_with_phases("  - name: bad\n    faults:\n      - {latency: 1s, nth: 5..}\n");
    struct engine *engine = engine_new(scenario, 1);
    struct party parties[4];
    pthread_t threads[COUNT_OF(parties)];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(parties); i++) {
        parties[i] = (struct party){ engine, 0 };
        assert_int_equal(pthread_create(&threads[i], NULL, ask_on, &parties[i]), 0);
    }
    for (size_t i = 0; i < COUNT_OF(parties); i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < COUNT_OF(parties); i++)
        assert_int_equal(parties[i].wrong, 0);
    engine_free(engine);
    scenario_free(scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_is_told_with_its_reason),
        cmocka_unit_test(tunnels_and_what_stays_up_have_reasons_too),
        cmocka_unit_test(a_kind_that_cannot_bite_is_of_another_medium),
        cmocka_unit_test(counts_rise_with_the_ordinal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
