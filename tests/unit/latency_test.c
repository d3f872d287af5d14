/* latency_test: which shapes are taken, what they draw, and where the wait is booked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "fault_bench.h"
#include "faults/distribution.h"

#define ONE_SHAPE                                                                              \
    "wants the parameters of exactly one shape: delay, p50 with p99, min with max, mean with " \
    "deviation, median with sigma, mean, or min with alpha"

static const struct fault_setting settings[] = {
    { "delay=100ms" },
    { "delay=10m" },
    { "p50=80ms; p99=2s" },
    { "p50=80ms; p99=80ms" },
    { "p50=80ms; p90=300ms; p99=2s" },
    { "min=10ms; max=20ms" },
    { "min=0; max=20ms" },
    { "max=20ms" },
    { "mean=1s; deviation=200ms" },
    { "mean=1s" },
    { "median=80ms; sigma=0.5" },
    { "min=10ms; alpha=1.16" },
    { "delay=100ms; at=request" },
    { "delay=100ms; at=connect" },
    { "delay=100ms; at=chunk; on=both" },
    { "mean=1s; burst=5s" },
    { "", ONE_SHAPE },
    { "at=request", ONE_SHAPE },
    { "delay=1s; p50=1s; p99=2s", ONE_SHAPE },
    { "min=1s; max=2s; mean=1s; deviation=1s", ONE_SHAPE },
    { "delay=0", "wants at least 1us, got \"0\"" },
    { "delay=601s", "wants at most 10m, got \"601s\"" },
    { "delay=100", "wants a duration such as 200ms, with its unit, got \"100\"" },
    { "p50=80ms", "wants p50 with p99" },
    { "p99=80ms", "wants p50 with p99" },
    { "p50=80ms; p90=1s", "wants p50 with p99" },
    { "p90=80ms", "wants p50 with p99" },
    { "p50=2s; p99=1s", "a higher percentile is less than a lower one" },
    { "p50=2s; p90=1s; p99=3s", "a higher percentile is less than a lower one" },
    { "p50=1s; p90=3s; p99=2s", "a higher percentile is less than a lower one" },
    { "min=20ms", "wants min with max, or min with alpha" },
    { "alpha=2", "wants min with alpha" },
    { "min=1ms; max=2ms; alpha=2", ONE_SHAPE },
    { "max=2ms; alpha=2", ONE_SHAPE },
    { "min=1ms; alpha=0", "wants at least 0.1, got \"0\"" },
    { "min=1ms; alpha=101", "wants at most 100, got \"101\"" },
    { "min=20ms; max=10ms", "max is less than min" },
    { "deviation=20ms", "wants mean with deviation" },
    { "median=20ms", "wants median with sigma" },
    { "sigma=1", "wants median with sigma" },
    { "median=20ms; sigma=0", "wants at least 0.01, got \"0\"" },
    { "median=20ms; sigma=11", "wants at most 10, got \"11\"" },
    { "median=20ms; deviation=1ms", ONE_SHAPE },
    { "mean=20ms; sigma=1", ONE_SHAPE },
    { "delay=1s; burst=999us", "wants at least 1ms, got \"999us\"" },
    { "delay=1s; burst=25h", "wants at most 1d, got \"25h\"" },
    { "delay=1s; on=request", "on says whose chunks are late: it goes with at: chunk" },
    { "delay=1s; at=request; on=both", "on says whose chunks are late: it goes with at: chunk" },
    { "delay=1s; at=reqest",
      "wants connect, request, response or chunk, got \"reqest\"; did you mean \"request\"?" },
};

static void parameters_are_checked_together(void **state)
{
    (void)state;
    fault_check_settings("latency", settings, COUNT_OF(settings));
}

enum { DRAWS = 20000 };

static int compare(const void *a, const void *b)
{
    usec one = *(const usec *)a, other = *(const usec *)b;

    return (one > other) - (one < other);
}

/* In order. */
static usec *draw_many(const struct distribution *distribution)
{
    usec *draws = calloc(DRAWS, sizeof(*draws));

    assert_non_null(draws);
    for (uint64_t i = 0; i < DRAWS; i++)
        draws[i] = distribution_draw(distribution, random_mix(i));
    qsort(draws, DRAWS, sizeof(*draws), compare);
    return draws;
}

struct quantile_case {
    const char *claim;
    struct distribution distribution;
    double share;
    usec wanted;
    double tolerance; /* as a share of `wanted` */
};

static void check_quantile(const struct quantile_case *wanted)
{
    usec *draws = draw_many(&wanted->distribution);
    usec got = draws[(size_t)(wanted->share * (DRAWS - 1))];
    double off = (double)(got - wanted->wanted);

    free(draws);
    if (off < 0)
        off = -off;
    if (off > wanted->tolerance * (double)wanted->wanted)
        fail_msg("%s: wanted %lld, got %lld", wanted->claim, (long long)wanted->wanted,
                 (long long)got);
}

static void shapes_have_the_quantiles_asked_for(void **state)
{
    const struct distribution two = distribution_fit_two(80 * MSEC, 2 * SECOND);
    const struct distribution three = distribution_fit_three(80 * MSEC, 100 * MSEC, 2 * SECOND);
    const struct distribution even = distribution_uniform(10 * MSEC, 30 * MSEC);
    const struct distribution bell = distribution_normal(100 * MSEC, 10 * MSEC);
    const struct distribution logs = distribution_lognormal(100 * MSEC, 0.5);
    const struct distribution decay = distribution_exponential(100 * MSEC);
    const struct distribution tail = distribution_pareto(100 * MSEC, 2);
    const struct quantile_case cases[] = {
        { "two percentiles: the median", two, 0.5, 80 * MSEC, 0.05 },
        { "two percentiles: the tail", two, 0.99, 2 * SECOND, 0.15 },
        { "three percentiles: the median", three, 0.5, 80 * MSEC, 0.02 },
        { "three percentiles: p90", three, 0.9, 100 * MSEC, 0.1 },
        { "three percentiles: the tail", three, 0.99, 2 * SECOND, 0.3 },
        { "uniform: the least", even, 0, 10 * MSEC, 0.001 },
        { "uniform: the middle", even, 0.5, 20 * MSEC, 0.02 },
        { "uniform: the most", even, 1, 30 * MSEC, 0.001 },
        { "normal: the mean", bell, 0.5, 100 * MSEC, 0.01 },
        { "normal: a deviation below", bell, 0.1587, 90 * MSEC, 0.01 },
        { "normal: a deviation above", bell, 0.8413, 110 * MSEC, 0.01 },
        { "lognormal: the median", logs, 0.5, 100 * MSEC, 0.02 },
        { "lognormal: a sigma above", logs, 0.8413, 164872, 0.02 },
        { "exponential: the median", decay, 0.5, 69315, 0.03 },
        { "exponential: the tail", decay, 0.99, 460517, 0.05 },
        { "Pareto: the least", tail, 0, 100 * MSEC, 0.001 },
        { "Pareto: the median", tail, 0.5, 141421, 0.02 },
        { "Pareto: the tail", tail, 0.99, SECOND, 0.1 },
        { "Pareto: never longer than the cap", distribution_pareto(SECOND, 0.1), 1,
          DISTRIBUTION_MOST, 0 },
        { "constant: always", distribution_constant(7), 0, 7, 0 },
        { "constant: still", distribution_constant(7), 1, 7, 0 },
        { "normal: never negative", distribution_normal(1, SECOND), 0, 0, 0 },
        { "lognormal: never longer than the cap", distribution_fit_two(SECOND, 5 * MINUTE), 1,
          DISTRIBUTION_MOST, 0 },
        { "equal percentiles: constant", distribution_fit_two(SECOND, SECOND), 1, SECOND, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_quantile(&cases[i]);
}

/* The bits at both ends, where a quantile could be infinite. */
static void extreme_bits_give_finite_draws(void **state)
{
    const struct distribution bell = distribution_normal(SECOND, MSEC);
    const struct distribution fitted = distribution_fit_two(SECOND, 2 * SECOND);
    const struct distribution decay = distribution_exponential(SECOND);
    const struct distribution tail = distribution_pareto(SECOND, 1);

    (void)state;
    assert_in_range(distribution_draw(&bell, 0), 900 * MSEC, SECOND);
    assert_in_range(distribution_draw(&bell, UINT64_MAX), SECOND, 1100 * MSEC);
    assert_in_range(distribution_draw(&fitted, 0), 1, SECOND);
    assert_in_range(distribution_draw(&fitted, UINT64_MAX), 2 * SECOND, DISTRIBUTION_MOST);
    assert_int_equal(distribution_draw(&decay, 0), 0);
    assert_in_range(distribution_draw(&decay, UINT64_MAX), 30 * SECOND, MINUTE);
    assert_int_equal(distribution_draw(&tail, 0), SECOND);
    assert_int_equal(distribution_draw(&tail, UINT64_MAX), DISTRIBUTION_MOST);
}

static void the_same_bits_draw_the_same(void **state)
{
    const struct distribution fitted = distribution_fit_two(SECOND, 2 * SECOND);

    (void)state;
    assert_int_equal(distribution_draw(&fitted, 5), distribution_draw(&fitted, 5));
    assert_int_not_equal(distribution_draw(&fitted, random_mix(5)),
                         distribution_draw(&fitted, random_mix(6)));
}

static void a_wait_is_booked_before_the_answer(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct hit *hit = fault_bench_hit(bench, "latency", "delay=100ms");

    (void)state;
    assert_int_equal(hit->asked, 100 * MSEC);
    assert_true(hit->delays_response);
    assert_false(hit->delays_request);
    assert_int_equal(bench->answered.delay, 100 * MSEC);
    assert_int_equal(bench->asked.delay, 0);
    fault_bench_free(bench);
}

static void a_wait_is_booked_before_the_request(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct hit *hit = fault_bench_hit(bench, "latency", "delay=100ms; at=request");

    (void)state;
    assert_int_equal(hit->asked, 100 * MSEC);
    assert_true(hit->delays_request);
    assert_false(hit->delays_response);
    assert_int_equal(bench->asked.delay, 100 * MSEC);
    assert_int_equal(bench->answered.delay, 0);
    fault_bench_free(bench);
}

static void a_wait_is_booked_before_the_connection_is_read(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct hit *hit = fault_bench_hit(bench, "latency", "delay=100ms; at=connect");
    struct hit *other = fault_bench_hit(bench, "latency", "delay=20ms");

    (void)state;
    assert_int_equal(fault_stands(hit->kind, hit->params), FAULT_ON_CONNECTION);
    assert_int_equal(fault_stands(other->kind, other->params), FAULT_ON_HTTP | FAULT_ON_TUNNEL);
    assert_int_equal(hit->asked, 100 * MSEC);
    assert_true(hit->delays_connection);
    assert_false(other->delays_connection);
    assert_int_equal(bench->connected.delay, 100 * MSEC);
    assert_int_equal(bench->answered.delay, 20 * MSEC);
    assert_int_equal(bench->asked.delay, 0);
    fault_bench_free(bench);
}

/* What a rule's hit with these bits draws when it is decided on at that time. */
static usec draw_at(const char *wish, uint64_t rule_bits, uint64_t bits, usec decided)
{
    struct fault_bench *bench = fault_bench_new();
    struct hit *hit = fault_bench_hit(bench, "latency", wish);
    usec asked[2];

    hit->rule_bits = rule_bits;
    hit->bits = random_mix(bits);
    hit->asked = 0;
    bench->answered.way.decided = bench->connected.decided = decided;
    hit->kind->at_response(hit->params, &bench->answered);
    asked[0] = hit->asked;
    hit->asked = 0;
    hit->kind->at_connection(hit->params, &bench->connected);
    asked[1] = hit->asked;
    fault_bench_free(bench);
    return asked[0] + asked[1]; /* one of them is 0 */
}

static void check_bursts(const char *wish)
{
    usec first = draw_at(wish, 1, 2, 0);

    assert_int_equal(draw_at(wish, 1, 3, 1), first);
    assert_int_equal(draw_at(wish, 1, 4, 5 * SECOND - 1), first);
    assert_int_not_equal(draw_at(wish, 1, 2, 5 * SECOND), first);
    assert_int_not_equal(draw_at(wish, 9, 2, 0), first);
    assert_int_equal(draw_at(wish, 1, 3, 7 * SECOND), draw_at(wish, 1, 2, 5 * SECOND));
}

static void what_is_decided_in_one_burst_draws_alike(void **state)
{
    (void)state;
    check_bursts("mean=1s; burst=5s");
    check_bursts("mean=1s; burst=5s; at=connect");
    assert_int_not_equal(draw_at("mean=1s", 1, 2, 0), draw_at("mean=1s", 1, 3, 0));
    assert_int_equal(draw_at("mean=1s", 1, 2, 0), draw_at("mean=1s", 1, 2, MINUTE));
}

static void waits_add_up(void **state)
{
    struct fault_bench *bench = fault_bench_new();
    struct hit *first = fault_bench_hit(bench, "latency", "delay=100ms");
    struct hit *second = fault_bench_hit(bench, "latency", "delay=20ms");

    (void)state;
    assert_int_equal(bench->answered.delay, 120 * MSEC);
    assert_int_equal(first->asked, 100 * MSEC);
    assert_int_equal(second->asked, 20 * MSEC);
    bench->answered.delay = NEVER - 1;
    plan_delay_response(&bench->answered, 2);
    assert_int_equal(bench->answered.delay, NEVER);
    bench->asked.delay = NEVER;
    plan_delay_request(&bench->asked, 2);
    assert_int_equal(bench->asked.delay, NEVER);
    fault_bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_checked_together),
        cmocka_unit_test(shapes_have_the_quantiles_asked_for),
        cmocka_unit_test(extreme_bits_give_finite_draws),
        cmocka_unit_test(the_same_bits_draw_the_same),
        cmocka_unit_test(a_wait_is_booked_before_the_answer),
        cmocka_unit_test(a_wait_is_booked_before_the_request),
        cmocka_unit_test(a_wait_is_booked_before_the_connection_is_read),
        cmocka_unit_test(what_is_decided_in_one_burst_draws_alike),
        cmocka_unit_test(waits_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
