/* engine: claims about draws: what they depend on, what they do not, and who is hit by what. */
#include "scenario/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "scenario_text.h"

#define SEED UINT64_C(20211119)
#define MANY 10000

struct bench {
    struct scenario *scenario;
    struct engine *engine;
    struct arena arena;
};

static struct bench bench_new(const char *rules)
{
    struct bench bench = { 0 };
    struct buffer yaml = { 0 };

    buffer_format(&yaml,
                  "panne: 1\n"
                  "services:\n"
                  "  api: {match: {path: /api/**}}\n"
                  "  auth: {match: {path: /auth/**}}\n"
                  "  key: {match: {path: /key/**}, stays-up: true}\n"
                  "phases:\n"
                  "  - {name: calm, lasts: 10m}\n"
                  "  - name: down\n    lasts: 10m\n    faults:\n%s",
                  rules);
    bench.scenario = scenario_from(yaml.at);
    bench.engine = engine_new(bench.scenario, SEED);
    buffer_free(&yaml);
    return bench;
}

static void bench_free(struct bench *bench)
{
    arena_clear(&bench->arena);
    engine_free(bench->engine);
    scenario_free(bench->scenario);
}

/* In the middle of `down`. */
static struct question question(const char *client, const char *method, const char *path)
{
    return (struct question){ .subject = { .host = TEXT("example.com"),
                                           .method = text_from(method),
                                           .path = text_from(path),
                                           .client = text_from(client) },
                              .moment = { .phase = 1, .into = 5 * MINUTE, .stretch = 1 } };
}

static struct decision ask(struct bench *bench, const struct question *asked)
{
    struct decision decision;

    engine_decide(bench->engine, asked, &bench->arena, &decision);
    return decision;
}

static struct decision get(struct bench *bench, const char *path)
{
    struct question asked = question("127.0.0.1", "GET", path);

    return ask(bench, &asked);
}

/* How many of MANY are hit, each by another operation. */
static size_t count_hits(struct bench *bench)
{
    size_t hits = 0;

    for (unsigned i = 0; i < MANY; i++) {
        char path[32];

        snprintf(path, sizeof(path), "/api/%u", i);
        hits += get(bench, path).count;
        arena_clear(&bench->arena);
    }
    return hits;
}

static void thirty_percent_of_10000_are_thirty_percent(void **state)
{
    struct bench bench = bench_new("      - {error: 500, share: 30%}\n");
    size_t repeated = 0;

    (void)state;
    assert_in_range(count_hits(&bench), 2850, 3150);
    for (unsigned i = 0; i < MANY; i++)
        repeated += get(&bench, "/api/same").count;
    assert_in_range(repeated, 2850, 3150);
    bench_free(&bench);
}

static void none_and_all_are_exact(void **state)
{
    struct bench all = bench_new("      - {error: 500}\n");
    struct bench ramp = bench_new("      - {error: 500, share: 0% -> 100%}\n");
    struct question asked = question("c", "GET", "/api/1");

    (void)state;
    assert_int_equal(count_hits(&all), MANY);
    assert_in_range(count_hits(&ramp), 4850, 5150);
    asked.moment.into = 0;
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(ask(&ramp, &asked).count, 0);
    bench_free(&all);
    bench_free(&ramp);
}

static void a_mix_has_at_most_one_outcome(void **state)
{
    struct bench bench = bench_new("      - mix:\n"
                                   "          - {share: 60%, error: 500}\n"
                                   "          - {share: 25%, hang: 10s}\n");
    size_t errors = 0, hangs = 0;

    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        struct decision decision = get(&bench, "/api/1");

        assert_in_range(decision.count, 0, 1);
        if (decision.count == 0)
            continue;
        assert_true(decision.hits[0].draw < decision.hits[0].share);
        errors += strcmp(decision.hits[0].kind->name, "error") == 0;
        hangs += strcmp(decision.hits[0].kind->name, "hang") == 0;
    }
    assert_in_range(errors, 5850, 6150);
    assert_in_range(hangs, 2350, 2650);
    bench_free(&bench);
}

static void the_faults_of_a_rule_share_a_draw_and_rules_do_not(void **state)
{
    struct bench bench = bench_new("      - {latency: 1s, error: 500, share: 50%}\n"
                                   "      - {latency: 2s, share: 50%}\n");
    size_t both = 0, first = 0, second = 0;

    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        struct decision decision = get(&bench, "/api/1");

        assert_in_range(decision.count, 0, 3);
        both += decision.count == 3;
        first += decision.count == 2;
        second += decision.count == 1;
        if (decision.count < 2)
            continue;
        assert_true(decision.hits[0].rule == decision.hits[1].rule);
        assert_true(decision.hits[0].draw == decision.hits[1].draw);
        assert_true(decision.hits[0].bits != decision.hits[1].bits);
    }
    assert_in_range(both, 2350, 2650);
    assert_in_range(first, 2350, 2650);
    assert_in_range(second, 2350, 2650);
    bench_free(&bench);
}

static void the_first_answer_wins_and_later_ones_are_shadowed(void **state)
{
    struct bench bench = bench_new("      - {latency: 1s}\n"
                                   "      - {error: 500}\n"
                                   "      - {error: 503}\n"
                                   "      - {latency: 2s}\n");
    struct decision decision = get(&bench, "/api/1");

    (void)state;
    assert_int_equal(decision.count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(decision.hits[i].rule, i);
        assert_int_equal(decision.hits[i].shadowed, i == 2);
    }
    bench_free(&bench);
}

static void nth_counts_for_each_client_operation_and_stretch(void **state)
{
    struct bench bench = bench_new("      - {error: 500, nth: 2..3}\n");
    struct question asked = question("one", "GET", "/api/1");
    static const size_t wanted[] = { 0, 1, 1, 0, 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        assert_int_equal(ask(&bench, &asked).count, wanted[i]);
    asked.subject.client = text_from("two");
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        assert_int_equal(ask(&bench, &asked).count, wanted[i]);
    asked.subject.method = text_from("POST");
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        assert_int_equal(ask(&bench, &asked).count, wanted[i]);
    asked.moment.stretch = 2;
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        assert_int_equal(ask(&bench, &asked).count, wanted[i]);
    bench_free(&bench);
}

static void nth_counts_only_what_the_rule_is_about(void **state)
{
    struct bench bench =
        bench_new("      - {error: 500, nth: 2.., when: {query: {slow: '**'}}, service: api}\n");
    struct question plain = question("c", "GET", "/api/1"), slow = plain;

    (void)state;
    slow.subject.query = text_from("slow=1");
    assert_int_equal(ask(&bench, &plain).count, 0);
    assert_int_equal(ask(&bench, &plain).count, 0);
    assert_int_equal(ask(&bench, &slow).count, 0);
    assert_int_equal(ask(&bench, &plain).count, 0);
    assert_int_equal(ask(&bench, &slow).count, 1);
    assert_int_equal(ask(&bench, &slow).ordinal, 5);
    bench_free(&bench);
}

/* Whether all of `count` askings get the same answer. */
static bool is_alike(struct bench *bench, struct question *asked, unsigned count)
{
    size_t first = ask(bench, asked).count;
    bool alike = true;

    for (unsigned i = 1; i < count; i++)
        alike = ask(bench, asked).count == first && alike;
    return alike;
}

static void a_draw_is_for_what_the_rule_says_it_is_per(void **state)
{
    struct bench operation = bench_new("      - {error: 500, share: 50%, per: operation}\n");
    struct bench client = bench_new("      - {error: 500, share: 50%, per: client}\n");
    struct bench connection = bench_new("      - {error: 500, share: 50%, per: connection}\n");
    struct question asked = question("c", "GET", "/api/1");
    size_t hit_connections = 0;

    (void)state;
    assert_true(is_alike(&operation, &asked, 100));
    assert_in_range(count_hits(&operation), 4850, 5150);
    assert_true(is_alike(&client, &asked, 100));
    assert_true(count_hits(&client) % MANY == 0);
    for (; asked.connection < 1000; asked.connection++) {
        assert_true(is_alike(&connection, &asked, 3));
        hit_connections += ask(&connection, &asked).count;
    }
    assert_in_range(hit_connections, 430, 570);
    bench_free(&operation);
    bench_free(&client);
    bench_free(&connection);
}

static void bits_differ_although_the_draw_is_per_client(void **state)
{
    struct bench bench = bench_new("      - {latency: 1s, per: client}\n");
    struct decision one = get(&bench, "/api/1"), two = get(&bench, "/api/1");

    (void)state;
    assert_true(one.hits[0].draw == two.hits[0].draw);
    assert_true(one.hits[0].bits != two.hits[0].bits);
    bench_free(&bench);
}

static void a_rule_without_service_spares_those_that_stay_up(void **state)
{
    struct bench bench = bench_new("      - {error: 500}\n");

    (void)state;
    assert_int_equal(get(&bench, "/api/1").count, 1);
    assert_int_equal(get(&bench, "/auth/1").count, 1);
    assert_int_equal(get(&bench, "/key/1").count, 0);
    assert_int_equal(get(&bench, "/key/1").service, 2);
    bench_free(&bench);
}

static void a_rule_is_about_its_service_only(void **state)
{
    struct bench bench = bench_new("      - {service: auth, error: 500}\n");

    (void)state;
    assert_int_equal(get(&bench, "/api/1").count, 0);
    assert_int_equal(get(&bench, "/auth/1").count, 1);
    assert_int_equal(get(&bench, "/other").service, SERVICE_NONE);
    assert_int_equal(get(&bench, "/other").count, 0);
    bench_free(&bench);
}

static void only_the_present_phase_counts_and_nothing_after_the_end(void **state)
{
    struct bench bench = bench_new("      - {error: 500}\n");
    struct question asked = question("c", "GET", "/api/1");

    (void)state;
    asked.moment.phase = 0;
    assert_int_equal(ask(&bench, &asked).count, 0);
    asked.moment.phase = 1;
    assert_int_equal(ask(&bench, &asked).count, 1);
    asked.moment.over = true;
    assert_int_equal(ask(&bench, &asked).count, 0);
    assert_int_equal(ask(&bench, &asked).ordinal, 3);
    bench_free(&bench);
}

static void a_tunnel_is_hit_by_what_can_stand_on_it(void **state)
{
    struct scenario *scenario =
        scenario_with_phases("  - {name: down, faults: [{error: 500, nth: 1}, {error: 500, reset: "
                             "head}, {latency: 1s}]}\n");
    struct bench bench = { .scenario = scenario, .engine = engine_new(scenario, SEED) };
    struct question asked = { .subject = { .host = TEXT("h"), .client = TEXT("c") },
                              .tunnel = true };
    struct decision decision = ask(&bench, &asked);

    (void)state;
    assert_true(decision.count > 0);
    for (size_t i = 0; i < decision.count; i++)
        assert_true(decision.hits[i].kind->stands_on & FAULT_ON_TUNNEL);
    assert_string_equal(decision.hits[0].kind->name, "reset");
    bench_free(&bench);
}

static void without_any_rule_nothing_is_counted(void **state)
{
    struct scenario *scenario = scenario_with_phases("  - {name: calm}\n");
    struct bench bench = { .scenario = scenario, .engine = engine_new(scenario, SEED) };

    (void)state;
    assert_int_equal(get(&bench, "/api/1").ordinal, 0);
    assert_int_equal(get(&bench, "/api/1").ordinal, 0);
    assert_int_equal(get(&bench, "/api/1").service, 0);
    assert_int_equal(engine_crowded(bench.engine), 0);
    bench_free(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thirty_percent_of_10000_are_thirty_percent),
        cmocka_unit_test(none_and_all_are_exact),
        cmocka_unit_test(a_mix_has_at_most_one_outcome),
        cmocka_unit_test(the_faults_of_a_rule_share_a_draw_and_rules_do_not),
        cmocka_unit_test(the_first_answer_wins_and_later_ones_are_shadowed),
        cmocka_unit_test(nth_counts_for_each_client_operation_and_stretch),
        cmocka_unit_test(nth_counts_only_what_the_rule_is_about),
        cmocka_unit_test(a_draw_is_for_what_the_rule_says_it_is_per),
        cmocka_unit_test(bits_differ_although_the_draw_is_per_client),
        cmocka_unit_test(a_rule_without_service_spares_those_that_stay_up),
        cmocka_unit_test(a_rule_is_about_its_service_only),
        cmocka_unit_test(only_the_present_phase_counts_and_nothing_after_the_end),
        cmocka_unit_test(a_tunnel_is_hit_by_what_can_stand_on_it),
        cmocka_unit_test(without_any_rule_nothing_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
