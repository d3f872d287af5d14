/* random: claims about quantiles, mixing and fresh bits. */
#include "base/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/attributes.h"

/* Tables of the normal distribution, and what the algorithm's author gives as its test values. */
static void quantiles_are_the_known_ones(void **state)
{
    static const struct {
        double p, wanted;
    } rows[] = {
        { 0.5, 0 },
        { 0.25, -0.6744897501960817 },
        { 0.001, -3.090232306167813 },
        { 0.975, 1.959963984540054 },
        { 0.99, 2.3263478740408408 },
        { 0.9, 1.2815515655446004 },
        { 0.8413447460685429, 1 },
        { 0.0227501319481792, -2 },
        { 1e-10, -6.361340902404056 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double got = random_normal(rows[i].p);

        if (fabs(got - rows[i].wanted) > 1e-12)
            fail_msg("quantile of %g is %.17g", rows[i].p, got);
    }
}

/* The distribution function is the quantile's inverse, and libm has it to the last bit or so. */
static void quantiles_invert_the_distribution(void **state)
{
    (void)state;
    for (int i = 1; i < 2000; i++) {
        double p = i < 1000 ? i / 2000.0 : pow(10, -(i - 999) / 64.0);
        double back = 0.5 * erfc(-random_normal(p) / sqrt(2));

        if (p > 0x1p-54 && fabs(back / p - 1) > 1e-12)
            fail_msg("%g came back as %.17g", p, back);
    }
}

static void quantiles_are_symmetric_and_rise(void **state)
{
    double last = -100;

    (void)state;
    for (int i = 1; i < 1024; i++) {
        double p = i / 1024.0, got = random_normal(p);

        assert_true(got == -random_normal(1 - p));
        assert_true(got > last);
        last = got;
    }
}

static void the_ends_of_the_unit_interval_are_finite(void **state)
{
    (void)state;
    assert_true(random_normal(0) < -8 && random_normal(0) > -9);
    assert_true(random_normal(1) > 8 && random_normal(1) < 9);
}

/* The first outputs of splitmix64 seeded with 0, as its authors' program prints them. */
static void mixing_is_splitmix64(void **state)
{
    const uint64_t step = UINT64_C(0x9e3779b97f4a7c15);

    (void)state;
    assert_int_equal(random_mix(0), UINT64_C(0xe220a8397b1dcdaf));
    assert_int_equal(random_mix(step), UINT64_C(0x6e789e6aa1b965f4));
    assert_int_equal(random_mix(2 * step), UINT64_C(0x06c45d188009454f));
}

static void joining_minds_the_order(void **state)
{
    (void)state;
    assert_int_not_equal(random_join(1, 2), random_join(2, 1));
    assert_int_not_equal(random_join(1, 2), random_join(1, 3));
    assert_int_equal(random_join(1, 2), random_join(1, 2));
}

static void units_fill_the_interval_evenly(void **state)
{
    unsigned counts[10] = { 0 };

    (void)state;
    assert_true(random_unit(0) == 0);
    assert_true(random_unit(UINT64_MAX) < 1);
    for (uint64_t i = 0; i < 100000; i++)
        counts[(size_t)(random_unit(random_join(7, i)) * 10)]++;
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        assert_in_range(counts[i], 9600, 10400);
}

static void fresh_bits_differ(void **state)
{
    uint64_t a = random_fresh(), b = random_fresh();

    (void)state;
    assert_int_not_equal(a, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_the_known_ones),
        cmocka_unit_test(quantiles_invert_the_distribution),
        cmocka_unit_test(quantiles_are_symmetric_and_rise),
        cmocka_unit_test(the_ends_of_the_unit_interval_are_finite),
        cmocka_unit_test(mixing_is_splitmix64),
        cmocka_unit_test(joining_minds_the_order),
        cmocka_unit_test(units_fill_the_interval_evenly),
        cmocka_unit_test(fresh_bits_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
