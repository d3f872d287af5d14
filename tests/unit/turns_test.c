/* turns: what threads were told all at once, a fresh engine says again in the order of turns. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "scenario/engine.h"
#include "scenario_text.h"

enum { THREADS = 4, EACH = 20000, ALL = THREADS * EACH, CLIENTS = 5 };

#define LIMITS                                                                       \
    "  - name: bad\n    faults:\n"                                                   \
    "      - {ratelimit: {rate: 1000/s, burst: 5, for: all}, share: 60%}\n"          \
    "      - {ratelimit: {rate: 300/s, burst: 2, punish: 2ms, punish-most: 50ms}}\n" \
    "      - {error: 500, nth: 3.., share: 50%}\n"                                   \
    "      - mix: [{share: 30%, hang: 1s}, {share: 40%, ratelimit: {rate: 500/s}}]\n"

/* A question and what came of it. */
struct answered {
    size_t client;
    usec now;
    uint64_t turn, ordinal, answer;
};

static void ask(struct engine *engine, struct answered *asked)
{
    static const char *const clients[CLIENTS] = { "a", "b", "c", "d", "e" };
    struct arena arena = { 0 };
    struct question question = { .subject = { .host = TEXT("h"),
                                              .method = TEXT("GET"),
                                              .path = TEXT("/"),
                                              .client = text_from(clients[asked->client]) },
                                 .now = asked->now };
    struct decision decision;

    engine_decide(engine, &question, &arena, &decision);
    asked->turn = decision.turn;
    asked->ordinal = decision.ordinal;
    asked->answer = decision.count;
    for (size_t i = 0; i < decision.count; i++) {
        const struct hit *hit = &decision.hits[i];

        asked->answer = random_join(asked->answer, hit->rule + 1);
        asked->answer = random_join(asked->answer, hit->found + hit->shadowed);
    }
    arena_clear(&arena);
}

struct party {
    struct engine *engine;
    struct answered *asked;
    size_t number;
};

/* Each with a clock of its own, which is a little behind or before the others'. */
static void *ask_all(void *user)
{
    struct party *party = user;

    for (size_t i = 0; i < EACH; i++) {
        party->asked[i].client = random_mix(i * THREADS + party->number) % CLIENTS;
        party->asked[i].now = (usec)(100 * i + 37 * party->number);
        ask(party->engine, &party->asked[i]);
    }
    return NULL;
}

/* Of all threads together, in no order. */
static struct answered *ask_at_once(const struct scenario *scenario)
{
    struct engine *engine = engine_new(scenario, 7);
    struct answered *asked = calloc(ALL, sizeof *asked);
    struct party parties[THREADS];
    pthread_t threads[THREADS];

    assert_non_null(asked);
    for (size_t i = 0; i < THREADS; i++) {
        parties[i] = (struct party){ engine, asked + i * EACH, i };
        assert_int_equal(pthread_create(&threads[i], NULL, ask_all, &parties[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    engine_free(engine);
    return asked;
}

static int by_turn(const void *left, const void *right)
{
    const struct answered *a = left, *b = right;

    return (a->turn > b->turn) - (a->turn < b->turn);
}

static void a_fresh_engine_says_the_same_in_the_order_of_turns(void **state)
{
    struct scenario *scenario = scenario_with_phases(LIMITS);
    struct answered *asked = ask_at_once(scenario);
    struct engine *engine = engine_new(scenario, 7);
    size_t told = 0;

    (void)state;
    qsort(asked, ALL, sizeof *asked, by_turn);
    for (size_t i = 0; i < ALL; i++) {
        struct answered again = asked[i];

        ask(engine, &again);
        assert_int_equal(asked[i].turn, i + 1);
        assert_int_equal(again.turn, i + 1);
        assert_int_equal(again.ordinal, asked[i].ordinal);
        assert_true(again.answer == asked[i].answer);
        told += again.answer != 0;
    }
    assert_in_range(told, ALL / 10, ALL - 1);
    engine_free(engine);
    free(asked);
    scenario_free(scenario);
}

/* Whoever needs none takes none, and whoever needs them takes them in all phases. */
static void turns_are_taken_where_one_rule_needs_them(void **state)
{
    static const struct {
        const char *phases;
        uint64_t last;
    } rows[] = {
        { "  - {name: a, lasts: 1m, faults: [{error: 500, nth: 2..}]}\n", 0 },
        { "  - {name: a, lasts: 1m, faults: [{error: 500}]}\n"
          "  - {name: b, lasts: 1m, faults: [{ratelimit: 5/s}]}\n",
          3 },
        { "  - {name: a, faults: [{mix: [{share: 1%, hang: 1s}, {share: 0%, ratelimit: 5/s}]}]}\n",
          3 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct scenario *scenario = scenario_with_phases(rows[i].phases);
        struct engine *engine = engine_new(scenario, 7);
        struct answered asked = { 0 };

        for (size_t k = 0; k < 3; k++)
            ask(engine, &asked);
        assert_int_equal(asked.turn, rows[i].last);
        assert_int_equal(asked.ordinal, 2);
        engine_free(engine);
        scenario_free(scenario);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_engine_says_the_same_in_the_order_of_turns),
        cmocka_unit_test(turns_are_taken_where_one_rule_needs_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
