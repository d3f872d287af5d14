/* statistics_share: shares from the binomial distribution, rates from Poisson's. */
#include <math.h>

#include "base/random.h"
#include "verdict/statistics_parts.h"
#include "verdict/tails.h"

double share_low(double hits, double n, double alpha)
{
    return hits > 0 && hits <= n ? tails_beta_at(hits, n - hits + 1, alpha) : 0;
}

double share_high(double hits, double n, double alpha)
{
    return 1 - share_low(n - hits, n, alpha);
}

struct bound statistics_share(uint64_t hits, uint64_t n, double alpha)
{
    const double part = (double)(hits < n ? hits : n), all = (double)n;

    const double share = quotient(part, all, 0);

    alpha = alpha_within(alpha);
    return (struct bound){
        .low = fmin(share_low(part, all, alpha), share), /* 10^19 samples are beyond our digits */
        .value = share,
        .high = fmax(share_high(part, all, alpha), share),
        .needed = 1,
    };
}

double statistics_share_above(uint64_t hits, uint64_t n, double limit)
{
    if (hits == 0 || limit >= 1)
        return 1;
    if (hits > n || !(limit > 0))
        return 0;
    return exp(tails_beta((double)hits, (double)(n - hits) + 1, limit));
}

double statistics_share_below(uint64_t hits, uint64_t n, double limit)
{
    if (hits >= n || !(limit > 0))
        return 1;
    if (limit >= 1)
        return 0;
    return exp(tails_beta((double)(n - hits), (double)hits + 1, 1 - limit));
}

/* The least n with share^n <= alpha, given ln share; a hair is left for rounding. */
static uint64_t powers_needed(double log_share, double alpha)
{
    if (!(log_share < 0))
        return UINT64_MAX;
    return count_from(fmax(ceil(log(alpha_within(alpha)) / log_share * (1 - 1e-14)), 1));
}

uint64_t statistics_needed_below(double limit, double alpha)
{
    return powers_needed(limit > 0 ? log1p(-fmin(limit, 1)) : 0, alpha);
}

uint64_t statistics_needed_above(double limit, double alpha)
{
    return powers_needed(limit < 1 ? log(fmax(limit, 0)) : 0, alpha);
}

struct share_question {
    double share, limit, alpha;
};

static bool share_tells(const void *question, double n)
{
    const struct share_question *asked = question;

    return share_low(asked->share * n, n, asked->alpha) > asked->limit ||
           share_high(asked->share * n, n, asked->alpha) <= asked->limit;
}

uint64_t statistics_share_until(uint64_t hits, uint64_t n, double limit, double alpha)
{
    const struct share_question question = { quotient((double)(hits < n ? hits : n), (double)n, 0),
                                             limit, alpha_within(alpha) };

    return n ? least_that_tells(n, share_tells, &question) : UINT64_MAX;
}

static bool is_length(double exposure)
{
    return exposure > 0 && isfinite(exposure);
}

struct bound statistics_rate(uint64_t count, double exposure, double alpha)
{
    const double events = (double)count;

    if (!is_length(exposure))
        return (struct bound){ 0, 0, HUGE_VAL, 1 };
    alpha = alpha_within(alpha);
    return (struct bound){
        .low = count ? tails_gamma_below_at(events, alpha) / exposure : 0,
        .value = events / exposure,
        .high = tails_gamma_above_at(events + 1, alpha) / exposure,
        .needed = 1,
    };
}

/* For numbers of events that need not be whole. */
static struct bound rate_ratio(double now, double exposure_now, double before,
                               double exposure_before, double alpha)
{
    const double n = now + before;
    const double scale = quotient(exposure_before, exposure_now, 0);
    const double low = share_low(now, n, alpha), rest = share_low(before, n, alpha);

    if (!is_length(exposure_now) || !is_length(exposure_before))
        return (struct bound){ 0, 1, HUGE_VAL, 1 };
    return (struct bound){
        .low = scale * quotient(low, 1 - low, 0),
        .value = quotient(now * scale, before, 1),
        .high = scale * quotient(1 - rest, rest, HUGE_VAL),
        .needed = 1,
    };
}

struct bound statistics_rate_ratio(uint64_t now, double exposure_now, uint64_t before,
                                   double exposure_before, double alpha)
{
    return rate_ratio((double)now, exposure_now, (double)before, exposure_before,
                      alpha_within(alpha));
}

void bins_add(struct bins *bins, uint64_t count, double exposure)
{
    bins->bins++;
    bins->total += count;
    bins->squares += (double)count * (double)count;
    bins->exposure += exposure > 0 ? exposure : 0;
}

/* Variance over mean; 1 where there is too little to tell. */
static double fano(const struct bins *bins)
{
    const double n = (double)bins->bins, total = (double)bins->total;

    if (bins->bins < 2 || !bins->total)
        return 1;
    return fmax(bins->squares - total * total / n, 0) / (n - 1) / (total / n);
}

struct bound statistics_rate_ratio_bins(const struct bins *now, const struct bins *before,
                                        double alpha)
{
    enum { BINS_LEAST = 20 };
    const uint64_t least = now->bins < before->bins ? now->bins : before->bins;
    double dispersion = fmax(1, fmax(fano(now), fano(before))), student;
    struct bound bound = { 0, 1, HUGE_VAL, BINS_LEAST };

    alpha = fmin(alpha_within(alpha), 0.25);
    bound.value = rate_ratio((double)now->total, now->exposure, (double)before->total,
                             before->exposure, alpha)
                      .value;
    if (least < BINS_LEAST)
        return bound;
    student = tails_student_at((double)(least - 1), alpha) / random_normal(alpha);
    dispersion *= student * student;
    bound = rate_ratio((double)now->total / dispersion, now->exposure,
                       (double)before->total / dispersion, before->exposure, alpha);
    bound.needed = BINS_LEAST;
    return bound;
}

struct chance statistics_fano(const struct bins *bins)
{
    enum { BINS_LEAST = 10, EVENTS_EACH = 10 };
    const uint64_t enough = bins->bins > BINS_LEAST ? bins->bins : BINS_LEAST;
    const double freedom = (double)bins->bins - 1;
    struct chance chance = { fano(bins), 1, enough * EVENTS_EACH };

    if (bins->bins >= BINS_LEAST && bins->total >= chance.needed)
        chance.p = exp(tails_gamma_above(freedom / 2, freedom * chance.value / 2));
    return chance;
}
