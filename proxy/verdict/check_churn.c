/* check_churn: does the client open more connections while things fail? */
#include <math.h>

#include "verdict/check.h"
#include "verdict/rates.h"
#include "verdict/sure.h"

/* As many as the statistics want of either. */
#define SECONDS 20
#define FILLING (10 * SECOND)

struct limits {
    double at_most, warn, share;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, double, FIELD_FACTOR, .name = "at-most", .fallback = "x3",
          .main = true, .help = "new connections a second, of the usual; beyond it fails"),
    FIELD(struct limits, warn, double, FIELD_FACTOR, .name = "warn", .fallback = "x1.5",
          .help = "new connections a second, of the usual, from where it warns"),
    FIELD(struct limits, share, double, FIELD_SHARE, .name = "share", .fallback = "5%",
          .help = "of the requests may cost a new connection, whatever is usual"),
    END_OF_FIELDS,
};

struct state {
    struct series excused; /* connections that had to be replaced, when they ended */
};

/* Those that the client itself ended without need are its own affair. */
static void take(void *user, const void *limits, const struct link *link)
{
    struct state *state = user;

    (void)limits;
    if (!link->left || link->touched != 0 || link->failed)
        series_at(&state->excused, link->opened + link->lasted)->connections++;
}

/* Connections second by second, less one for each that had ended by then and had to be replaced.
 * What is excused once is not excused again. */
static struct bins count(const struct series *series, const struct series *excused,
                         struct span span)
{
    usec width = rates_width(series);
    uint64_t credit = 0;
    struct bins bins = { 0 };

    span = rates_aligned(series, span);
    if (span.begins == NEVER)
        return bins;
    for (usec at = span.begins; at + width <= span.ends; at += width) {
        uint64_t opened = rates_count(series, at, at + width, RATE_CONNECTIONS), used;

        credit += rates_count(excused, at, at + width, RATE_CONNECTIONS);
        used = credit < opened ? credit : opened;
        credit -= used;
        bins_add(&bins, opened - used, (double)width / (double)SECOND);
    }
    return bins;
}

/* Few for so many requests are no churn, however few were usual. */
static void judge_share(const struct limits *limits, uint64_t opened, uint64_t attempts,
                        const struct bound *share, struct finding *finding)
{
    finding_measure(finding, UNIT_SHARE, share->value, attempts, "requests");
    finding_bounds(finding, fmin(share->low, limits->share), share->high);
    finding_say(finding, "%llu connections more than had to be, for %llu requests",
                (unsigned long long)opened, (unsigned long long)attempts);
    finding_at_most(
        finding, limits->share, limits->share,
        sure_missing(statistics_share_until(opened, attempts, limits->share, SURE_MISS / 2),
                     attempts));
}

static void judge_ratio(const struct judging *judging, const struct bins *now,
                        const struct bins *before, struct finding *finding)
{
    const struct limits *limits = judging->limits;
    struct bound ratio = sure_at_most(statistics_rate_ratio_bins(now, before, judging->alpha),
                                      statistics_rate_ratio_bins(now, before, SURE_MISS / 2));

    finding_measure(finding, UNIT_FACTOR, fmax(ratio.value, ratio.low), now->total, "connections");
    finding_bounds(finding, fmax(0, ratio.low), ratio.high);
    finding_say(finding,
                "%.3g connections a second more than had to be while faults were on, %.3g before",
                (double)now->total / now->exposure, (double)before->total / before->exposure);
    finding_at_most(finding, limits->warn, limits->at_most, 0);
}

/* Pools are filled at first: where there is time enough without that, it is no part of what is
 * usual. */
static struct span without_filling(struct span calm)
{
    usec spare = calm.ends - calm.begins - (SECONDS + 1) * SECOND;

    calm.begins += usec_max(usec_min(spare, FILLING), 0);
    return calm;
}

static void conclude(const struct judging *judging, const struct state *state, struct span trouble,
                     struct finding *finding)
{
    const struct limits *limits = judging->limits;
    const struct series *series = history_series(judging->history);
    struct bins now = count(series, &state->excused, trouble),
                before = count(series, &state->excused,
                               without_filling(history_calm(judging->history, HISTORY_NONE)));
    uint64_t attempts = rates_bins(series, trouble, RATE_ATTEMPTS).total;
    struct bound share = sure_at_most(statistics_share(now.total, attempts, judging->alpha),
                                      statistics_share(now.total, attempts, SURE_MISS / 2));

    if (now.bins < SECONDS)
        finding_unclear(finding, SECONDS - now.bins, "faults were on for %llu s, and it takes %d",
                        (unsigned long long)now.bins, SECONDS);
    else if (share.low > limits->share)
        judge_ratio(judging, &now, &before, finding);
    else
        judge_share(limits, now.total, attempts, &share, finding);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct span trouble = history_trouble(judging->history, HISTORY_NONE);

    if (trouble.begins == NEVER)
        finding_unclear(finding, 0, "no fault was on");
    else if (rates_calm_is_enough(judging->history, HISTORY_NONE, finding))
        conclude(judging, user, trouble, finding);
}

static void clear(void *user)
{
    series_clear(&((struct state *)user)->excused);
}

const struct check check_churn = {
    .name = "churn",
    .title = "Connection churn",
    .asks = "failing requests do not cost new connections",
    .about =
        "New connections a second while faults were on, over those before the first fault. One is "
        "left out for each connection that had ended before it, unless the client ended that "
        "without need: those that broke off, hung until they were given up, or were refused. Rates "
        "are compared by seconds, with their dispersion; those before leave out up to 10 s in "
        "which "
        "pools are filled. Where no more than 5 % (share) of the "
        "requests cost a connection, it passes. It takes a calm of 20 s and 50 requests, and "
        "faults for 20 s.",
    .pattern = "connection pool",
    .remedy = "keep connections after an error answer; bound the pool, and the rate of dialing",
    .source = "AWS, 7 December 2021, https://aws.amazon.com/message/12721/",
    .group = GROUP_CONNECTIONS,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .state_size = sizeof(struct state),
    .calm = true,
    .connection = take,
    .judge = judge,
    .clear = clear,
};
