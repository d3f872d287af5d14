/* statistics: bounds that hold. Pure functions of the data: no allocation, no clock, no dice.
 *
 * After the correction for many decisions, alpha is about 1 in 10,000. No bootstrap is right so far
 * out in the tail (it would take 10^5 resamples, and some hundred samples to be right at all), so
 * whatever decides is exact instead: its error is at most alpha at every sample size, whatever the
 * distribution. What is an approximation says so.
 *
 * alpha is the error of each side alone: the truth is below `low` with probability alpha at most,
 * and above `high` likewise. Taken as 1e-12 at least and 0.5 at most. Samples are taken to be
 * independent of each other. Where they come in bursts, count bursts, or blocks of time: the median
 * over blocks (statistics_median of each block's own ratio) holds whatever happens inside them.
 *
 * What it takes to tell in 95 of 100 runs, at alpha = 1e-4 (by simulation):
 *   full jitter is at least 0.30                  130 gaps (at alpha = 0.01: 75)
 *   no jitter is at most 0.05                      75 gaps
 *   x2 under full jitter is more than 1.2         200 ratios
 *   x2 under full jitter is at least 1.5          500 ratios, or 200 two steps apart
 *   x1 without jitter is at most 1.2               14 ratios (under full jitter: more than 700)
 *   ten attempts each are more than three          10 operations
 *   1.1 attempts in the mean are at most 1.2     2000 operations, cut at 7: `high` is dear */
#ifndef PANNE_VERDICT_STATISTICS_H
#define PANNE_VERDICT_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A value that is known in part. Never NaN. low may be -HUGE_VAL (0 where nothing negative is
 * possible) and high HUGE_VAL: nothing known on that side, and no limit is crossed. */
struct bound {
    double low, value, high;
    uint64_t needed; /* the least sample at which low and high both say something */
};

/* A question with a yes or no: how strange is this, were it nothing but chance? */
struct chance {
    double value;    /* what was measured */
    double p;        /* the probability of this much or more by chance; 1 below `needed` */
    uint64_t needed; /* the least sample at which p is right */
};

enum side {
    SIDE_UNSURE,
    SIDE_BELOW, /* at most the limit */
    SIDE_ABOVE, /* more than the limit */
};

/* Which side of the limit the truth is on. SIDE_BELOW as soon as high <= limit * (1 + margin): a
 * truth that is the limit itself (three attempts where three are allowed) is never told from it
 * without a margin >= 0. SIDE_ABOVE only beyond the limit itself; it goes first. */
enum side bound_side(const struct bound *bound, double limit, double margin);
/* How much larger `now` is than `before`: their ratio. Each came with half of alpha. */
struct bound bound_ratio(const struct bound *now, const struct bound *before);

/* -- Many decisions -----------------------------------------------------------------------------
 */

/* alpha for one of so many decisions (at least 1 counts), so that all of them together err with
 * `whole` (Bonferroni). */
double statistics_alpha(double whole, size_t decisions);
/* The same for decisions with a p each: says which reject at a joint error of `whole`, never fewer
 * than Bonferroni would (Holm, A simple sequentially rejective multiple test procedure, 1979).
 * Quadratic. */
void statistics_holm(const double *p, size_t count, double whole, bool *rejected);

/* -- Shares and rates ---------------------------------------------------------------------------
 */

/* The share of which `hits` of n is a sample (Clopper and Pearson, Biometrika 26, 1934; exact).
 * More hits than n count as n. */
struct bound statistics_share(uint64_t hits, uint64_t n, double alpha);
/* The probability of so many hits or more where the share is `limit`; of so few or fewer. Exact. */
double statistics_share_above(uint64_t hits, uint64_t n, double limit);
double statistics_share_below(uint64_t hits, uint64_t n, double limit);
/* How many samples at least, even if all are without a hit (or all hits), before a share can be
 * said to be below (above) the limit: ln alpha / ln (1 - limit). UINT64_MAX: never. */
uint64_t statistics_needed_below(double limit, double alpha);
uint64_t statistics_needed_above(double limit, double alpha);
/* The least n, not below the one at hand, at which the same share of hits would be told from
 * `limit`; within 1 %. UINT64_MAX where they are the same, or nothing is known. */
uint64_t statistics_share_until(uint64_t hits, uint64_t n, double limit, double alpha);

/* Events for each unit of exposure (seconds, say), from Poisson's distribution (Garwood, Biometrika
 * 28, 1936; exact). Nothing is known where exposure is not above 0, or infinite. */
struct bound statistics_rate(uint64_t count, double exposure, double alpha);
/* `now`'s rate over `before`'s, both Poisson: given their sum, a count is binomial (Przyborowski
 * and Wilenski, Biometrika 31, 1940; exact). */
struct bound statistics_rate_ratio(uint64_t now, double exposure_now, uint64_t before,
                                   double exposure_before, double alpha);

/* Counts in bins of one length, which should be longer than a burst. */
struct bins {
    uint64_t bins, total;
    double squares;  /* the sum of the squares of the counts */
    double exposure; /* the length of all bins together */
};

void bins_add(struct bins *bins, uint64_t count, double exposure);
/* As statistics_rate_ratio where events come in bursts: counts are divided by their dispersion
 * (McCullagh and Nelder, Generalized Linear Models, 4.5, with Student's t for that it is
 * estimated). An approximation, right from `needed` bins each on; nothing is known below. */
struct bound statistics_rate_ratio_bins(const struct bins *now, const struct bins *before,
                                        double alpha);

/* -- Quantiles ----------------------------------------------------------------------------------
 */

/* Ranks 1..n of the sample, in order, between which a quantile lies (order statistics; David and
 * Nagaraja, Order Statistics, 7.1; exact for every distribution, with ties too). 0: none, the
 * sample is too small for that side. */
struct ranks {
    uint64_t low, value, high;
    uint64_t needed_low, needed_high; /* the least n with a low, with a high */
};

/* The quantile is q, 0 < q < 1. */
struct ranks statistics_ranks(uint64_t n, double q, double alpha);
/* Of n values in ascending order. */
struct bound statistics_quantile(const double *sorted, size_t n, double q, double alpha);
struct bound statistics_median(const double *sorted, size_t n, double alpha);
/* Of a histogram: cell i has counts[i] values in [edges[i], edges[i + 1]]; low is a lower edge and
 * high an upper one, value between the two. */
struct bound statistics_quantile_cells(const uint64_t *counts, const double *edges, size_t cells,
                                       double q, double alpha);

/* -- Gaps between attempts -----------------------------------------------------------------------
 */

/* By how much gaps grow with each retry, from the ratio of a later to an earlier gap of the same
 * operation, `steps` >= 1 retries apart: the median of the ratios, its root taken. Exact, and no
 * form of jitter spoils it: the better one. Ratios in ascending order. */
struct bound statistics_growth(const double *ratios, size_t n, unsigned steps, double alpha);
/* The same from gaps that were not kept by operation: the ratio of two medians, each in bounds with
 * half of alpha. Exact, but wants three to four times as many. Both in ascending order. */
struct bound statistics_growth_apart(const double *earlier, size_t n_earlier, const double *later,
                                     size_t n_later, unsigned steps, double alpha);
/* The jitter of gaps, in ascending order: the coefficient of variation of a uniform distribution
 * with the same first and last octile O1 and O7, 0.77 (O7 - O1) / (O7 + O1). That is 0 without
 * jitter, 0.115 at +-20 %, 0.192 for equal and 0.577 for full jitter, as with the coefficient of
 * variation itself; but one slow answer in ten does not move it, and order statistics bound it
 * exactly (after Bonett, Confidence interval for a coefficient of quartile variation, 2006, which
 * takes quartiles). Gaps are not negative. At most 0.77. */
struct bound statistics_jitter(const double *sorted, size_t n, double alpha);

/* -- Means of small whole numbers ---------------------------------------------------------------
 */

/* The mean of numbers of which counts[k] were k; the last cell also has all that were more, and the
 * mean is that of numbers so cut. None is below `least` (1 for attempts of an operation). A mean is
 * the sum of the shares P(number >= k), each of which has exact bounds (statistics_share) with
 * alpha / (j (j + 1)) for the j-th, so that all hold together. Exact; `high` pays for what cells
 * there are above the largest number seen, so let the last cell not be far beyond the limit. */
struct bound statistics_mean(const uint64_t *counts, size_t cells, size_t least, double alpha);
/* The least n at which counts in the same proportion would be told from `limit`; as
 * statistics_share_until. */
uint64_t statistics_mean_until(const uint64_t *counts, size_t cells, size_t least, double limit,
                               double alpha);

/* -- Moments in time -----------------------------------------------------------------------------
 */

/* Moments on a circle. Zero-fill to start. One client's moments depend on each other: add one for
 * each client, or p is too small; and a period found by looking at these moments makes it so too.
 */
struct phases {
    uint64_t n;
    double cosines, sines;
};

/* `turns` is the moment over the period; whole turns do not count. Infinite or NaN: not added. */
void phases_add(struct phases *phases, double turns);
/* Are they all around the circle alike? value is the length R of the mean vector, 0 to 1 (Rayleigh;
 * p after Greenwood and Durand 1955, as in Wilkie, Applied Statistics 32, 1983, and Zar,
 * Biostatistical Analysis, 27.1: good to three digits from n = 10 on). */
struct chance statistics_rayleigh(const struct phases *phases);
/* Do counts in bins vary more than chance would have it? value is the Fano factor, variance over
 * mean, 1 for Poisson's distribution; p is that of chi-square (the index of dispersion; Fisher
 * 1925, Cochran 1954). `needed` is in events: ten for each bin, and there are at least 10 bins. At
 * p = 1e-4 right to a factor of 1.5. */
struct chance statistics_fano(const struct bins *bins);

#endif
