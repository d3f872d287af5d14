/* statistics_test: bounds against values from elsewhere, and inputs that make no sense. The values
 * without a source come from sums of the exact probabilities with 50 digits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/attributes.h"
#include "verdict/statistics.h"
#include "verdict/tails.h"

static void near(const char *claim, double wanted, double got)
{
    if (!(fabs(got - wanted) <= 2e-9 * fabs(wanted)))
        fail_msg("%s: wanted %.12g, got %.12g", claim, wanted, got);
}

struct share_case {
    uint64_t hits, n;
    double alpha, low, high;
};

static const struct share_case shares[] = {
    { 3, 10, 0.025, 6.673951117773e-02, 6.524528500600e-01 },
    { 37, 1000, 1e-4, 1.867952855189e-02, 6.437408601724e-02 },
    { 1000, 10000000, 1e-4, 8.866532423826e-05, 1.122956050969e-04 },
    { 10, 10, 0.01, 6.309573444802e-01, 1 },
    { 0, 10, 0.01, 0, 1 - 6.309573444802e-01 },
    { 1, 20, 0.01, 5.023905522585e-04, 2.887903679930e-01 },
    { 12, 10, 0.01, 6.309573444802e-01, 1 },
    { 0, 0, 0.01, 0, 1 },
};

static void shares_have_exact_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shares); i++) {
        const struct share_case *row = &shares[i];
        const struct bound bound = statistics_share(row->hits, row->n, row->alpha);

        near("low", row->low, bound.low);
        near("high", row->high, bound.high);
    }
    near("above", 7.835509528477e-04, statistics_share_above(5005000, 10000000, 0.5));
    near("above", 1.228141920496e-03, statistics_share_above(10000, 10000000, 0.00097));
    near("above", 2.844396682049e-02, statistics_share_above(60, 100, 0.5));
    near("below", 2.844396682049e-02, statistics_share_below(40, 100, 0.5));
}

static void zero_failures_need_samples(void **state)
{
    (void)state;
    assert_int_equal(statistics_needed_below(0.01, 0.05), 299); /* Wilks 1941 */
    assert_int_equal(statistics_needed_below(0.05, 0.05), 59);
    assert_int_equal(statistics_needed_below(0.5, 0.125), 3);
    assert_int_equal(statistics_needed_above(0.95, 0.05), 59);
    assert_int_equal(statistics_needed_below(0, 0.05), UINT64_MAX);
    assert_int_equal(statistics_needed_above(1, 0.05), UINT64_MAX);
    assert_int_equal(statistics_needed_below(NAN, 0.05), UINT64_MAX);
    assert_int_equal(statistics_needed_below(1, 0.05), 1);
    assert_int_equal(statistics_needed_above(0, 0.05), 1);
    assert_true(statistics_share(0, 299, 0.05).high <= 0.01);
    assert_true(statistics_share(0, 298, 0.05).high > 0.01);
}

static void what_is_missing_would_be_enough(void **state)
{
    const uint64_t counts[] = { 0, 80, 15, 5 };
    const uint64_t n = statistics_share_until(7, 100, 0.05, 0.01);
    const uint64_t more = statistics_mean_until(counts, 4, 1, 1.2, 0.01);
    uint64_t scaled[4];

    (void)state;
    assert_true(n > 700 && n < 1100); /* normally 2.33^2 * 0.065 / 0.02^2 = 880 */
    assert_true(statistics_share(n * 7 / 100 + 1, n, 0.01).low > 0.05);
    assert_true(statistics_share(n * 63 / 1000, n * 9 / 10, 0.01).low < 0.05);
    assert_int_equal(statistics_share_until(5, 100, 0.05, 0.01), UINT64_MAX);
    assert_int_equal(statistics_share_until(0, 0, 0.05, 0.01), UINT64_MAX);
    assert_int_equal(statistics_share_until(50, 100, 0.05, 0.01), 100);
    assert_true(more > 100 && more < 20000);
    for (size_t i = 0; i < 4; i++)
        scaled[i] = counts[i] * (more / 100 + 1);
    assert_true(statistics_mean(scaled, 4, 1, 0.01).low > 1.2);
    for (size_t i = 0; i < 4; i++)
        scaled[i] = counts[i] * (more / 100 - 1);
    assert_true(statistics_mean(scaled, 4, 1, 0.01).low <= 1.2);
}

static void rates_have_exact_bounds(void **state)
{
    struct bound bound = statistics_rate(10, 2, 0.025);

    (void)state;
    near("Garwood's low", 4.795388696132 / 2, bound.low);
    near("Garwood's high", 18.39035604202 / 2, bound.high);
    bound = statistics_rate(100, 1, 1e-4);
    near("low", 67.00773823554, bound.low);
    near("high", 142.7153384152, bound.high);
    bound = statistics_rate(0, 1, 0.01);
    assert_true(bound.low == 0);
    near("no event", 4.605170185988, bound.high);
    bound = statistics_rate_ratio(30, 10, 10, 20, 0.01);
    near("low", 2.533068382910, bound.low);
    near("value", 6, bound.value);
    near("high", 16.13219241367, bound.high);
    assert_true(statistics_rate_ratio(30, 10, 0, 20, 0.01).high >= HUGE_VAL);
    assert_true(statistics_rate_ratio(0, 10, 30, 20, 0.01).low == 0);
    assert_true(statistics_rate(5, 0, 0.01).high >= HUGE_VAL);
}

static void quantiles_lie_between_ranks(void **state)
{
    double sorted[100], edges[101];
    uint64_t counts[100];
    struct bound bound;
    struct ranks ranks = statistics_ranks(8, 0.5, 0.05);

    (void)state;
    assert_int_equal(ranks.low, 2); /* the sign test's table: 9 of 256 */
    assert_int_equal(ranks.high, 7);
    ranks = statistics_ranks(4, 0.5, 0.05);
    assert_int_equal(ranks.low, 0);
    assert_int_equal(ranks.high, 0);
    assert_int_equal(ranks.needed_low, 5);
    assert_int_equal(statistics_ranks(459, 0.99, 0.01).high, 459);
    assert_int_equal(statistics_ranks(458, 0.99, 0.01).high, 0);
    assert_int_equal(statistics_ranks(458, 0.99, 0.01).needed_high, 459);
    for (size_t i = 0; i < 100; i++) {
        sorted[i] = edges[i] = (double)i;
        counts[i] = 1;
    }
    edges[100] = HUGE_VAL;
    ranks = statistics_ranks(100, 0.5, 0.025);
    assert_int_equal(ranks.low, 40); /* David and Nagaraja, 7.1: 40 and 61 */
    assert_int_equal(ranks.high, 61);
    bound = statistics_quantile_cells(counts, edges, 100, 0.5, 0.025);
    assert_true(bound.low == 39 && bound.high == 61 && bound.value == 49.5);
    bound = statistics_median(sorted, 100, 0.025);
    assert_true(bound.low == 39 && bound.high == 60 && bound.value == 49);
    bound = statistics_quantile_cells(counts, edges, 100, 0.99, 0.05);
    assert_true(bound.high >= HUGE_VAL && bound.low > 90 && bound.needed == 299);
}

static void means_add_up_shares(void **state)
{
    const uint64_t counts[] = { 0, 80, 15, 5 }, same[] = { 0, 0, 0, 0, 50, 0, 0, 0 };
    struct bound bound = statistics_mean(counts, 4, 1, 0.01);

    (void)state;
    near("low", 1.116858224511, bound.low);
    near("value", 1.25, bound.value);
    near("high", 1.470351552015, bound.high);
    bound = statistics_mean(same, 8, 1, 1e-4);
    assert_true(bound.low > 3 && bound.value == 4 && bound.high > 4 && bound.high < 5);
    bound = statistics_mean(same, 0, 1, 0.01);
    assert_true(bound.low == 1 && bound.value == 1 && bound.high == 1);
    bound = statistics_mean(same, 4, 1, 0.01);
    assert_true(bound.low == 1 && bound.high == 3);
}

static void gaps_grow_and_scatter(void **state)
{
    double equal[80], full[80];
    struct bound bound;

    (void)state;
    for (size_t i = 0; i < 80; i++) {
        equal[i] = 4;
        full[i] = (double)i;
    }
    bound = statistics_growth(equal, 80, 2, 1e-4);
    assert_true(bound.low == 2 && bound.value == 2 && bound.high == 2);
    bound = statistics_growth(equal, 13, 2, 1e-4);
    assert_true(bound.low == 0 && bound.high >= HUGE_VAL && bound.needed == 14);
    bound = statistics_growth_apart(equal, 80, full, 80, 1, 1e-4);
    assert_true(bound.low > 5 && bound.low < 9 && bound.high < 15);
    bound = statistics_jitter(equal, 80, 1e-4);
    assert_true(bound.low == 0 && bound.value == 0 && bound.high == 0 && bound.needed == 75);
    bound = statistics_jitter(equal, 74, 1e-4);
    assert_true(bound.high > 0.7);
    bound = statistics_jitter(full, 80, 1e-4);
    assert_true(bound.low > 0.3 && fabs(bound.value - 0.577) < 0.02 && bound.high > 0.6);
}

static void crowds_are_seen(void **state)
{
    struct phases spread = { 0 }, crowd = { 0 };
    struct bins bins = { 0 };

    (void)state;
    for (int i = 0; i < 20; i++) {
        phases_add(&spread, i / 20.0 + 1e6);
        phases_add(&crowd, 0.1 + 7 * i);
        bins_add(&bins, i % 2 ? 30U : 10U, 1);
    }
    phases_add(&crowd, NAN);
    assert_true(statistics_rayleigh(&spread).p > 0.999);
    near("all at once", 1, statistics_rayleigh(&crowd).value);
    near("p", exp(9 - 41), statistics_rayleigh(&crowd).p); /* sqrt(1 + 4n) - (1 + 2n) */
    near("Fano", 2000.0 / 19 / 20, statistics_fano(&bins).value);
    /* Of 10 events, the mean vector of length 5.40 has p = 0.05 (Zar, table B.34: z = 2.919). */
    crowd = (struct phases){ 10, sqrt(29.19), 0 };
    assert_true(fabs(statistics_rayleigh(&crowd).p - 0.05) < 2e-4);
    /* chi-square with 19 degrees of freedom is above 30.144 with p = 0.05. */
    bins.squares = 20 * 400 + 30.14352720564 * 20;
    near("p", 0.05, statistics_fano(&bins).p);
    near("Student", 2.093024054408, tails_student_at(19, 0.025));
}

static void many_decisions_share_the_error(void **state)
{
    const double p[] = { 0.011, 0.02, 0.012, 0.5, NAN };
    bool rejected[5];

    (void)state;
    near("one of 40", 0.01 / 40, statistics_alpha(0.01, 40));
    near("none is one", 0.01, statistics_alpha(0.01, 0));
    statistics_holm(p, 4, 0.05, rejected);
    assert_true(rejected[0] && rejected[2] && rejected[1] && !rejected[3]);
    statistics_holm(p, 5, 0.05, rejected);
    assert_false(rejected[0] || rejected[1] || rejected[2] || rejected[3] || rejected[4]);
}

static void bounds_tell_sides(void **state)
{
    const struct bound three = { 2.5, 3, 3.3, 1 }, nothing = { -HUGE_VAL, 0, HUGE_VAL, 5 };
    const struct bound zero = { 0, 0, 0, 1 };

    (void)state;
    assert_int_equal(bound_side(&three, 3, 0), SIDE_UNSURE);
    assert_int_equal(bound_side(&three, 3, 0.2), SIDE_BELOW);
    assert_int_equal(bound_side(&three, 2.4, 1), SIDE_ABOVE);
    assert_int_equal(bound_side(&three, 3.3, 0), SIDE_BELOW);
    assert_int_equal(bound_side(&nothing, 3, 0), SIDE_UNSURE);
    assert_int_equal(bound_side(&three, NAN, NAN), SIDE_UNSURE);
    assert_true(bound_ratio(&three, &zero).high >= HUGE_VAL);
    assert_true(bound_ratio(&zero, &zero).value == 1);
    assert_true(bound_ratio(&nothing, &nothing).low == 0);
}

static void defined(struct bound bound)
{
    if (!(bound.low <= bound.high) || isnan(bound.value))
        fail_msg("low %g, value %g, high %g", bound.low, bound.value, bound.high);
}

static void every_input_has_a_result(void **state)
{
    const double odd[] = { NAN, -1, 0, 1e-300, 0.5, 1, 2, HUGE_VAL, -HUGE_VAL };
    const uint64_t counts[] = { 0, 1, 2, 20, 1000000, UINT64_MAX / 2, UINT64_MAX };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(odd); i++) {
        const double values[] = { odd[i], odd[i], odd[i] };

        for (size_t j = 0; j < COUNT_OF(counts); j++) {
            const struct bins bins = { counts[j], counts[COUNT_OF(counts) - 1 - j], odd[i],
                                       odd[i] };

            for (size_t k = 0; k < COUNT_OF(counts); k++) {
                defined(statistics_share(counts[j], counts[k], odd[i]));
                defined(statistics_rate_ratio(counts[j], odd[i], counts[k], 1, 0.01));
                assert_true(!isnan(statistics_share_above(counts[j], counts[k], odd[i])));
                assert_true(!isnan(statistics_share_below(counts[j], counts[k], odd[i])));
            }
            defined(statistics_rate(counts[j], odd[i], odd[i]));
            defined(statistics_rate_ratio_bins(&bins, &bins, odd[i]));
            assert_true(statistics_fano(&bins).p <= 1);
            assert_true(statistics_ranks(20, odd[i], 0.01).low <= 20);
        }
        defined(statistics_jitter(values, 3, 0.5));
        defined(statistics_growth(values, 3, 0, 0.5));
        defined(statistics_growth_apart(values, 3, values, 3, 2, 0.5));
        defined(statistics_quantile(values, 3, odd[i], 0.5));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_have_exact_bounds),
        cmocka_unit_test(zero_failures_need_samples),
        cmocka_unit_test(what_is_missing_would_be_enough),
        cmocka_unit_test(rates_have_exact_bounds),
        cmocka_unit_test(quantiles_lie_between_ranks),
        cmocka_unit_test(means_add_up_shares),
        cmocka_unit_test(gaps_grow_and_scatter),
        cmocka_unit_test(crowds_are_seen),
        cmocka_unit_test(many_decisions_share_the_error),
        cmocka_unit_test(bounds_tell_sides),
        cmocka_unit_test(every_input_has_a_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
