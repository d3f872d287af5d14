/* distribution_test: draws as the engine's exchanges make them follow the shape that was asked for.
 *
 * Kolmogorov-Smirnov: of n = 10,000 draws the largest distance between their cumulative shares and
 * the shape's is below 1.628 / sqrt(n) = 0.0163 in 99 of 100 cases; the seed is fixed, so a case
 * that holds holds always. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "faults/distribution.h"
#include "faults/fault.h"
#include "scenario/engine.h"
#include "scenario_text.h"

#define SEED UINT64_C(20211119)

enum { DRAWS = 10000 };

static const double critical = 1.628 / 100;

/* As written out for the standard normal: erfc keeps both tails. */
static double normal_below(double deviations)
{
    return erfc(-deviations / sqrt(2)) / 2;
}

/* Shares below x milliseconds. */
static double uniform_below(double x)
{
    return x < 10 ? 0 : x > 50 ? 1 : (x - 10) / 40;
}

static double bell_below(double x)
{
    return normal_below((x - 100) / 20);
}

static double lognormal_below(double x)
{
    return normal_below(log(x / 80) / 0.5);
}

static double exponential_below(double x)
{
    return 1 - exp(-x / 100);
}

static double pareto_below(double x)
{
    return x < 10 ? 0 : 1 - pow(10 / x, 2.5);
}

static double two_below(double x)
{
    return normal_below(log(x / 80) / (log(2000. / 80) / random_normal(0.99)));
}

static double three_below(double x)
{
    double low = random_normal(0.9), high = random_normal(0.99);

    if (x <= 300)
        return normal_below(log(x / 80) / log(300. / 80) * low);
    return normal_below(low + log(x / 300) / log(2000. / 300) * (high - low));
}

struct shape_case {
    const char *params;
    double (*below)(double x);
};

static const struct shape_case shapes[] = {
    { "min: 10ms, max: 50ms", uniform_below },
    { "mean: 100ms, deviation: 20ms", bell_below },
    { "median: 80ms, sigma: 0.5", lognormal_below },
    { "mean: 100ms", exponential_below },
    { "min: 10ms, alpha: 2.5", pareto_below },
    { "p50: 80ms, p99: 2s", two_below },
    { "p50: 80ms, p90: 300ms, p99: 2s", three_below },
};

static int compare(const void *a, const void *b)
{
    usec one = *(const usec *)a, other = *(const usec *)b;

    return (one > other) - (one < other);
}

/* What the next exchange draws. */
static usec draw_one(struct engine *engine, const char *at)
{
    struct arena arena = { 0 };
    struct decision decision;
    struct question question = { .subject = { .host = TEXT("example.com"),
                                              .method = TEXT("GET"),
                                              .path = TEXT("/"),
                                              .client = TEXT("127.0.0.1") } };
    struct request_plan asked = { 0 };
    struct response_plan answered = { 0 };

    engine_decide(engine, &question, &arena, &decision);
    assert_int_equal(decision.count, 1);
    asked.way.hit = answered.way.hit = decision.hits;
    decision.hits->kind->at_request(decision.hits->params, &asked);
    decision.hits->kind->at_response(decision.hits->params, &answered);
    arena_clear(&arena);
    assert_int_equal(*at == 'q' ? answered.delay : asked.delay, 0);
    return asked.delay + answered.delay;
}

/* In order; to be freed. */
static usec *draw_many(const char *params, const char *at)
{
    usec *draws = calloc(DRAWS, sizeof(*draws));
    struct buffer phases = { 0 };
    struct scenario *scenario;
    struct engine *engine;

    assert_non_null(draws);
    buffer_format(&phases,
                  "  - name: slow\n    faults:\n      - {service: api, latency: {%s, at: re%s}}\n",
                  params, at);
    scenario = scenario_with_phases(phases.at);
    engine = engine_new(scenario, SEED);
    for (size_t i = 0; i < DRAWS; i++)
        draws[i] = draw_one(engine, at);
    qsort(draws, DRAWS, sizeof(*draws), compare);
    engine_free(engine);
    scenario_free(scenario);
    buffer_free(&phases);
    return draws;
}

static double distance(const usec *draws, double (*below)(double x))
{
    double most = 0;

    for (size_t i = 0; i < DRAWS; i++) {
        double wanted = below((double)draws[i] / 1000);

        most = fmax(most, fabs(wanted - (double)i / DRAWS));
        most = fmax(most, fabs(wanted - (double)(i + 1) / DRAWS));
    }
    return most;
}

static void check_shape(const struct shape_case *shape, const char *at)
{
    usec *draws = draw_many(shape->params, at);
    double got = distance(draws, shape->below);

    free(draws);
    if (got > critical)
        fail_msg("{%s}: at re%s: the draws are %.4f off, more than %.4f", shape->params, at, got,
                 critical);
}

static void draws_follow_their_shape(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        check_shape(&shapes[i], "sponse");
        check_shape(&shapes[i], "quest");
    }
}

/* Each shape against each other one, and against itself with parameters that are 5% off. */
static void the_test_can_tell(void **state)
{
    static const char *const near[] = { "min: 10ms, max: 52ms", "mean: 101ms, deviation: 20ms",
                                        "median: 82ms, sigma: 0.5", "mean: 105ms",
                                        "min: 10500us, alpha: 2.5" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        usec *draws = draw_many(shapes[i].params, "sponse");

        for (size_t j = 0; j < COUNT_OF(shapes); j++)
            assert_true(i == j || distance(draws, shapes[j].below) > critical);
        free(draws);
    }
    for (size_t i = 0; i < COUNT_OF(near); i++) {
        usec *draws = draw_many(near[i], "sponse");

        assert_true(distance(draws, shapes[i].below) > critical);
        free(draws);
    }
}

static void a_constant_is_constant(void **state)
{
    usec *draws = draw_many("delay: 30ms", "sponse");

    (void)state;
    assert_int_equal(draws[0], 30 * MSEC);
    assert_int_equal(draws[DRAWS - 1], 30 * MSEC);
    free(draws);
}

/* The bits whose share of all is nearest. */
static uint64_t bits_at(double share)
{
    return (uint64_t)ldexp(share, 52) << 12;
}

static void percentiles_are_met_exactly(void **state)
{
    const struct distribution two = distribution_fit_two(80 * MSEC, 2 * SECOND);
    const struct distribution three = distribution_fit_three(80 * MSEC, 300 * MSEC, 2 * SECOND);
    const struct distribution steep = distribution_fit_three(80 * MSEC, 80 * MSEC, 2 * SECOND);

    (void)state;
    assert_int_equal(distribution_draw(&two, bits_at(0.5)), 80 * MSEC);
    assert_int_equal(distribution_draw(&two, bits_at(0.99)), 2 * SECOND);
    assert_int_equal(distribution_draw(&three, bits_at(0.5)), 80 * MSEC);
    assert_int_equal(distribution_draw(&three, bits_at(0.9)), 300 * MSEC);
    assert_int_equal(distribution_draw(&three, bits_at(0.99)), 2 * SECOND);
    assert_int_equal(distribution_draw(&steep, bits_at(0.5)), 80 * MSEC);
    assert_int_equal(distribution_draw(&steep, bits_at(0.9)), 80 * MSEC);
    assert_int_equal(distribution_draw(&steep, bits_at(0.99)), 2 * SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_follow_their_shape),
        cmocka_unit_test(the_test_can_tell),
        cmocka_unit_test(a_constant_is_constant),
        cmocka_unit_test(percentiles_are_met_exactly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
