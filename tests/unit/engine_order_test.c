/* engine: nobody's draw depends on who asked before. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "scenario/engine.h"
#include "scenario_text.h"

#define CLIENTS 20
#define EACH 100
#define ALL (CLIENTS * EACH)

#define RULES                                                            \
    "  - name: down\n    faults:\n"                                      \
    "      - {latency: 1s, share: 40%}\n"                                \
    "      - {error: 500, nth: 3.., share: 50%}\n"                       \
    "      - mix: [{share: 20%, hang: 1s}, {share: 30%, reset: head}]\n" \
    "      - {latency: 2s, share: 35%, per: client}\n"

/* What one exchange was told, squeezed into a number. */
typedef uint64_t answers_of_all[CLIENTS][EACH];

static uint64_t ask(struct engine *engine, size_t client, size_t index)
{
    char name[16], path[16];
    struct arena arena = { 0 };
    struct question question = { .subject = { .host = TEXT("h"), .method = TEXT("GET") } };
    struct decision decision;
    uint64_t answer;

    snprintf(name, sizeof(name), "10.0.0.%zu", client);
    snprintf(path, sizeof(path), "/%zu", index % 7);
    question.subject.client = text_from(name);
    question.subject.path = text_from(path);
    engine_decide(engine, &question, &arena, &decision);
    answer = decision.ordinal;
    for (size_t i = 0; i < decision.count; i++) {
        const struct hit *hit = &decision.hits[i];

        answer = random_join(random_join(answer, hit->rule + 1), hit->bits + hit->shadowed);
    }
    arena_clear(&arena);
    return answer;
}

/* Orders in which each client's own questions keep theirs. */
enum order { FORWARDS, BACKWARDS, TURN_BY_TURN, SHUFFLED };

/* Which client comes as number `i`. `left` is how many questions each still has. */
static size_t next_client(enum order order, size_t i, const size_t left[CLIENTS])
{
    size_t client = 0;

    switch (order) {
    case FORWARDS:
        client = i / EACH;
        break;
    case BACKWARDS:
        client = CLIENTS - 1 - i / EACH;
        break;
    case TURN_BY_TURN:
        client = i % CLIENTS;
        break;
    case SHUFFLED:
        client = random_mix(i) % CLIENTS;
        while (left[client] == 0)
            client = (client + 1) % CLIENTS;
        break;
    }
    return client;
}

static void ask_all(const struct scenario *scenario, uint64_t seed, enum order order,
                    answers_of_all answers)
{
    struct engine *engine = engine_new(scenario, seed);
    size_t left[CLIENTS];

    for (size_t i = 0; i < CLIENTS; i++)
        left[i] = EACH;
    for (size_t i = 0; i < ALL; i++) {
        size_t client = next_client(order, i, left);
        size_t index = EACH - left[client]--;

        answers[client][index] = ask(engine, client, index);
    }
    engine_free(engine);
}

static void the_order_of_unrelated_clients_does_not_matter(void **state)
{
    struct scenario *scenario = scenario_with_phases(RULES);
    answers_of_all *answers = calloc(4, sizeof(*answers));

    (void)state;
    assert_non_null(answers);
    for (enum order order = FORWARDS; order <= SHUFFLED; order++)
        ask_all(scenario, 7, order, answers[order]);
    for (enum order order = BACKWARDS; order <= SHUFFLED; order++)
        assert_memory_equal(answers[order], answers[FORWARDS], sizeof(*answers));
    free(answers);
    scenario_free(scenario);
}

static size_t count_same(answers_of_all *one, answers_of_all *other)
{
    size_t same = 0;

    for (size_t i = 0; i < CLIENTS; i++)
        for (size_t k = 0; k < EACH; k++)
            same += (*one)[i][k] == (*other)[i][k];
    return same;
}

/* Some 12 % are told alike all the same: they are hit by nothing, twice. */
static void another_seed_gives_other_draws(void **state)
{
    struct scenario *scenario = scenario_with_phases(RULES);
    answers_of_all *answers = calloc(3, sizeof(*answers));

    (void)state;
    assert_non_null(answers);
    ask_all(scenario, 7, FORWARDS, answers[0]);
    ask_all(scenario, 7, FORWARDS, answers[1]);
    ask_all(scenario, 8, FORWARDS, answers[2]);
    assert_int_equal(count_same(&answers[0], &answers[1]), ALL);
    assert_in_range(count_same(&answers[0], &answers[2]), 0, ALL / 5);
    free(answers);
    scenario_free(scenario);
}

static void a_rule_in_front_changes_no_other_rules_draws_in_another_phase(void **state)
{
    struct scenario *one = scenario_with_phases(
        "  - {name: a, lasts: 1m}\n  - {name: b, lasts: 1m, faults: [{error: 500, share: 50%}]}\n");
    struct scenario *two =
        scenario_with_phases("  - {name: a, lasts: 1m, faults: [{error: 503}]}\n"
                             "  - {name: b, lasts: 1m, faults: [{error: 500, share: 50%}]}\n");

    (void)state;
    assert_true(one->rules[0].key == two->rules[1].key);
    assert_true(two->rules[0].key != two->rules[1].key);
    scenario_free(one);
    scenario_free(two);
}

struct party {
    struct engine *engine;
    uint64_t (*answers)[EACH];
    size_t first;
};

static void *ask_some(void *argument)
{
    struct party *party = argument;

    for (size_t client = party->first; client < CLIENTS; client += 2)
        for (size_t i = 0; i < EACH; i++)
            party->answers[client][i] = ask(party->engine, client, i);
    return NULL;
}

static void two_threads_are_told_what_one_is_told(void **state)
{
    struct scenario *scenario = scenario_with_phases(RULES);
    answers_of_all *answers = calloc(2, sizeof(*answers));
    struct party parties[2];
    pthread_t threads[2];
    struct engine *engine = engine_new(scenario, 7);

    (void)state;
    assert_non_null(answers);
    ask_all(scenario, 7, FORWARDS, answers[0]);
    for (size_t i = 0; i < 2; i++) {
        parties[i] = (struct party){ engine, answers[1], i };
        assert_int_equal(pthread_create(&threads[i], NULL, ask_some, &parties[i]), 0);
    }
    for (size_t i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_memory_equal(answers[0], answers[1], sizeof(*answers));
    engine_free(engine);
    free(answers);
    scenario_free(scenario);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_of_unrelated_clients_does_not_matter),
        cmocka_unit_test(another_seed_gives_other_draws),
        cmocka_unit_test(a_rule_in_front_changes_no_other_rules_draws_in_another_phase),
        cmocka_unit_test(two_threads_are_told_what_one_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
