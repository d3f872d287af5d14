/* statistics_error_test: simulated clients. Bounds err no more often than they promise, and tell
 * what is to be told at the sizes of sample where they claim to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "base/attributes.h"
#include "base/random.h"
#include "verdict/statistics.h"

enum { RUNS = 10000, MOST = 500 };

static const double alpha = 0.01;

struct dice {
    uint64_t seed, drawn;
};

static double draw(struct dice *dice)
{
    return random_unit(random_join(dice->seed, dice->drawn++));
}

/* How often a bound missed the truth on either side. */
struct misses {
    uint64_t low, high;
};

static void judge(struct misses *misses, struct bound bound, double truth)
{
    const double hair = 1e-9;

    misses->low += bound.low > truth * (1 + hair);
    misses->high += bound.high < truth * (1 - hair);
}

/* Fails where so many errors would be a wonder, were each as likely as promised. */
static void check_errors(const char *what, const char *side, uint64_t errors, double promised)
{
    if (statistics_share_above(errors, RUNS, promised) < 1e-6)
        fail_msg("%s: %s wrong in %lu of %d runs", what, side, (unsigned long)errors, RUNS);
}

static void check(const char *what, struct misses misses)
{
    check_errors(what, "low", misses.low, alpha);
    check_errors(what, "high", misses.high, alpha);
}

static void check_power(const char *what, uint64_t told)
{
    if (told < RUNS * 95 / 100)
        fail_msg("%s: told in %lu of %d runs", what, (unsigned long)told, RUNS);
}

static uint64_t draw_hits(struct dice *dice, uint64_t n, double share)
{
    uint64_t hits = 0;

    while (n--)
        hits += draw(dice) < share;
    return hits;
}

static uint64_t draw_poisson(struct dice *dice, double mean)
{
    const double least = exp(-mean);
    double product = draw(dice);
    uint64_t count = 0;

    for (; product > least; count++)
        product *= draw(dice);
    return count;
}

static void shares_err_as_promised(void **state)
{
    static const double cases[][2] = { { 1, 0.5 }, { 5, 0.01 }, { 20, 0.99 }, { 50, 0.1 } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const uint64_t n = (uint64_t)cases[i][0];
        struct dice dice = { i, 0 };
        struct misses misses = { 0 };

        for (int run = 0; run < RUNS; run++)
            judge(&misses, statistics_share(draw_hits(&dice, n, cases[i][1]), n, alpha),
                  cases[i][1]);
        check("share", misses);
    }
}

static void rates_err_as_promised(void **state)
{
    struct misses rate = { 0 }, ratio = { 0 };
    struct dice dice = { 1, 0 };

    (void)state;
    for (int run = 0; run < RUNS; run++) {
        const uint64_t now = draw_poisson(&dice, 12), before = draw_poisson(&dice, 9);

        judge(&rate, statistics_rate(now, 4, alpha), 3);
        judge(&ratio, statistics_rate_ratio(now, 4, before, 9, alpha), 3);
    }
    check("rate", rate);
    check("ratio of rates", ratio);
}

/* Bins in which bursts begin, each of 1 to 9 events. */
static struct bins draw_bursts(struct dice *dice, unsigned bins, double bursts)
{
    struct bins sum = { 0 };

    for (unsigned i = 0; i < bins; i++) {
        uint64_t count = 0;

        for (uint64_t left = draw_poisson(dice, bursts); left; left--)
            count += 1 + (uint64_t)(9 * draw(dice));
        bins_add(&sum, count, 1);
    }
    return sum;
}

static void rates_of_bursts_err_as_promised(void **state)
{
    struct dice dice = { 2, 0 };
    struct misses few = { 0 }, many = { 0 };
    uint64_t told = 0;

    (void)state;
    for (int run = 0; run < RUNS; run++) {
        struct bins now = draw_bursts(&dice, 20, 2), before = draw_bursts(&dice, 20, 1);
        struct bins long_now = draw_bursts(&dice, 60, 3), long_before = draw_bursts(&dice, 30, 1);
        struct bound bound = statistics_rate_ratio_bins(&long_now, &long_before, alpha);

        judge(&few, statistics_rate_ratio_bins(&now, &before, alpha), 2);
        judge(&many, bound, 3);
        told += bound.low > 1.2;
    }
    check("20 bins", few);
    check("30 and 60 bins", many);
    check_power("three times the load is more than 1.2 times", told);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static struct bound quantile_of(struct dice *dice, size_t n, double q, double cell)
{
    double sorted[MOST];

    for (size_t i = 0; i < n; i++)
        sorted[i] = floor(-log(1 - draw(dice)) / cell) * cell;
    qsort(sorted, n, sizeof(*sorted), compare);
    return statistics_quantile(sorted, n, q, alpha);
}

static void quantiles_err_as_promised(void **state)
{
    struct misses median = { 0 }, coarse = { 0 }, far = { 0 };
    struct dice dice = { 3, 0 };

    (void)state;
    for (int run = 0; run < RUNS; run++) {
        judge(&median, quantile_of(&dice, 30, 0.5, 1e-9), M_LN2);
        judge(&coarse, quantile_of(&dice, 25, 0.5, 0.5), 0.5);
        judge(&far, quantile_of(&dice, 90, 0.95, 1e-9), log(20));
    }
    check("median", median);
    check("median of ties", coarse);
    check("95 %", far);
}

/* Gaps as clients have them: uniform from `least` to 1, of which some are slow by far. */
struct gaps {
    const char *name;
    double least, slow, variation;
};

static const struct gaps kinds[] = {
    { "full jitter", 0, 0, 0.57735026918962573 },  { "equal jitter", 0.5, 0, 0.19245008972987526 },
    { "+-20 %", 2.0 / 3, 0, 0.11547005383792515 }, { "no jitter", 1, 0, 0 },
    { "no jitter, some slow", 1, 0.02, 0 },
};

static double draw_gap(struct dice *dice, const struct gaps *gaps)
{
    double gap = gaps->least + (1 - gaps->least) * draw(dice);

    return gaps->slow > 0 && draw(dice) < gaps->slow ? gap * 20 : gap;
}

static struct bound jitter_of(struct dice *dice, const struct gaps *gaps, size_t n, double error)
{
    double sorted[MOST];

    for (size_t i = 0; i < n; i++)
        sorted[i] = draw_gap(dice, gaps);
    qsort(sorted, n, sizeof(*sorted), compare);
    return statistics_jitter(sorted, n, error);
}

static void jitter_errs_as_promised(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct misses misses = { 0 };
        struct dice dice = { 4 + i, 0 };

        for (int run = 0; run < RUNS; run++)
            judge(&misses, jitter_of(&dice, &kinds[i], 45, alpha), kinds[i].variation);
        check(kinds[i].name, misses);
    }
}

/* At the alpha of one of a hundred decisions of a run. */
static void jitter_is_told_from_none(void **state)
{
    const double error = statistics_alpha(alpha, 100);
    struct dice dice = { 10, 0 };
    uint64_t full = 0, equal = 0, none = 0;

    (void)state;
    for (int run = 0; run < RUNS; run++) {
        full += jitter_of(&dice, &kinds[0], 130, error).low >= 0.3;
        equal += jitter_of(&dice, &kinds[1], 75, error).low >= 0.05;
        none += jitter_of(&dice, &kinds[3], 75, error).high <= 0.05;
    }
    check_power("130 gaps with full jitter", full);
    check_power("75 gaps with equal jitter are more than none", equal);
    check_power("75 gaps without", none);
}

static struct bound growth_of(struct dice *dice, size_t n, double factor, const struct gaps *gaps,
                              double error)
{
    double sorted[MOST];

    for (size_t i = 0; i < n; i++)
        sorted[i] = factor * draw_gap(dice, gaps) / fmax(draw_gap(dice, gaps), 1e-9);
    qsort(sorted, n, sizeof(*sorted), compare);
    return statistics_growth(sorted, n, 1, error);
}

static struct bound growth_apart_of(struct dice *dice, size_t n, double factor,
                                    const struct gaps *gaps)
{
    double earlier[MOST], later[MOST];

    for (size_t i = 0; i < n; i++) {
        earlier[i] = draw_gap(dice, gaps);
        later[i] = factor * draw_gap(dice, gaps);
    }
    qsort(earlier, n, sizeof(*earlier), compare);
    qsort(later, n, sizeof(*later), compare);
    return statistics_growth_apart(earlier, n, later, n, 1, alpha);
}

static void growth_errs_as_promised(void **state)
{
    const double error = statistics_alpha(alpha, 100);
    struct misses full = { 0 }, steady = { 0 }, apart = { 0 };
    struct dice dice = { 11, 0 };
    uint64_t grows = 0, stays = 0;

    (void)state;
    for (int run = 0; run < RUNS; run++) {
        judge(&full, growth_of(&dice, 30, 2, &kinds[0], alpha), 2);
        judge(&steady, growth_of(&dice, 14, 1, &kinds[4], alpha), 1);
        judge(&apart, growth_apart_of(&dice, 25, 2, &kinds[0]), 2);
    }
    check("growth under full jitter", full);
    check("no growth, some slow", steady);
    check("growth from medians", apart);
    for (int run = 0; run < RUNS; run += 4) {
        grows += growth_of(&dice, 200, 2, &kinds[0], error).low > 1.2 ? 4 : 0;
        stays += growth_of(&dice, 14, 1, &kinds[3], error).high < 1.2 ? 4 : 0;
    }
    check_power("200 ratios of 2 under full jitter are more than 1.2", grows);
    check_power("14 ratios of 1 without jitter are less than 1.2", stays);
}

/* Attempts of operations: another follows with probability `again`, or `burst` of them at once. */
struct habit {
    const char *name;
    double again, bursts, mean;
    size_t most;
};

static const struct habit habits[] = {
    { "one retry in ten", 0.1, 0, 1.1, 2 },
    { "two retries in an outage of half", 0.5, 0, 1.75, 3 },
    { "until it works", 0.5, 0, 1.99993896484375, 15 },
    { "rare bursts", 0, 0.02, 1.28, 15 },
};

static struct bound mean_of(struct dice *dice, const struct habit *habit, unsigned n)
{
    uint64_t counts[16] = { 0 };

    for (unsigned i = 0; i < n; i++) {
        size_t attempts = draw(dice) < habit->bursts ? habit->most : 1;

        while (attempts < habit->most && draw(dice) < habit->again)
            attempts++;
        counts[attempts]++;
    }
    return statistics_mean(counts, COUNT_OF(counts), 1, alpha);
}

static void means_err_as_promised(void **state)
{
    const struct habit naive = { "ten", 1, 0, 10, 10 }, three = { "three", 1, 0, 3, 3 };
    struct dice dice = { 12, 0 };
    uint64_t high = 0, low = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(habits); i++) {
        struct misses misses = { 0 };

        for (int run = 0; run < RUNS; run++)
            judge(&misses, mean_of(&dice, &habits[i], 60), habits[i].mean);
        check(habits[i].name, misses);
    }
    for (int run = 0; run < RUNS; run++) {
        high += mean_of(&dice, &naive, 6).low > 3;
        low += mean_of(&dice, &three, 150).high <= 3 * 1.5;
    }
    check_power("ten attempts are more than three from six operations on", high);
    check_power("three attempts are three, within a half", low);
}

static void crowds_err_as_promised(void **state)
{
    struct dice dice = { 13, 0 };
    uint64_t rayleigh = 0, fano = 0, herd = 0;

    (void)state;
    for (int run = 0; run < RUNS; run++) {
        struct phases spread = { 0 }, crowd = { 0 };
        struct bins bins = { 0 };

        for (int i = 0; i < 12; i++) {
            phases_add(&spread, draw(&dice));
            phases_add(&crowd, 0.2 * draw(&dice));
            bins_add(&bins, draw_poisson(&dice, 11), 1);
        }
        rayleigh += statistics_rayleigh(&spread).p <= alpha;
        fano += statistics_fano(&bins).p <= alpha;
        herd += statistics_rayleigh(&crowd).p <= 1e-4;
    }
    check_errors("Rayleigh", "p", rayleigh, alpha);
    check_errors("Fano", "p", fano, alpha);
    check_power("twelve within a fifth of the period", herd);
}

/* A client that is at the limit everywhere, judged on forty shares. */
static void a_whole_run_errs_as_promised(void **state)
{
    const double error = statistics_alpha(alpha, 40);
    struct dice dice = { 14, 0 };
    uint64_t alarms = 0;

    (void)state;
    for (int run = 0; run < RUNS; run++) {
        bool alarm = false;

        for (int i = 0; i < 40; i++)
            alarm |= statistics_share_above(draw_hits(&dice, 20, 0.05), 20, 0.05) <= error;
        alarms += alarm;
    }
    check_errors("run", "alarm", alarms, alpha);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_err_as_promised),
        cmocka_unit_test(rates_err_as_promised),
        cmocka_unit_test(rates_of_bursts_err_as_promised),
        cmocka_unit_test(quantiles_err_as_promised),
        cmocka_unit_test(jitter_errs_as_promised),
        cmocka_unit_test(jitter_is_told_from_none),
        cmocka_unit_test(growth_errs_as_promised),
        cmocka_unit_test(means_err_as_promised),
        cmocka_unit_test(crowds_err_as_promised),
        cmocka_unit_test(a_whole_run_errs_as_promised),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
