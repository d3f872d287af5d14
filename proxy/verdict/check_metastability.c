/* check_metastability: does the trouble go on when its cause is gone? */
#include <math.h>

#include "verdict/check.h"
#include "verdict/rates.h"
#include "verdict/sure.h"

#define LEAST (21 * SECOND)

struct limits {
    double at_most, warn, failed;
    usec settle;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, double, FIELD_FACTOR, .name = "at-most", .fallback = "x1.5",
          .main = true, .help = "requests long after the fault, of the usual; beyond it fails"),
    FIELD(struct limits, warn, double, FIELD_FACTOR, .name = "warn", .fallback = "x1.2",
          .help = "requests, of the usual, from where it warns"),
    FIELD(struct limits, failed, double, FIELD_SHARE, .name = "failed", .fallback = "5%",
          .help = "share of them that may fail"),
    FIELD(struct limits, settle, usec, FIELD_DURATION, .name = "settle", .fallback = "60s",
          .clock = CLOCK_WALL, .help = "how long it may take to settle"),
    END_OF_FIELDS,
};

/* Failures that come together count for fewer. */
static struct bound failing(const struct series *series, struct span span, double alpha)
{
    struct bins failed = rates_bins(series, span, RATE_FAILED),
                attempts = rates_bins(series, span, RATE_ATTEMPTS);
    double clumps = rates_clumps(&failed);
    struct bound bound = statistics_share((uint64_t)((double)failed.total / clumps),
                                          (uint64_t)((double)attempts.total / clumps), alpha);

    bound.value = attempts.total > 0 ? (double)failed.total / (double)attempts.total : 0;
    bound.low = fmin(bound.low, bound.value);
    bound.high = fmax(bound.high, bound.value);
    return bound;
}

/* Failing on, with no fault to make it fail, and more than before the first. */
static bool stays_down(const struct judging *judging, const struct series *series, struct span late,
                       struct finding *finding)
{
    const struct limits *limits = judging->limits;
    struct span calm = history_calm(judging->history, judging->scope.service);
    /* Half of it is the rate's. */
    struct bound share = failing(series, late, judging->alpha / 4),
                 usual = failing(series, calm, judging->alpha / 4);
    uint64_t attempts = rates_count(series, late.begins, late.ends, RATE_ATTEMPTS);

    if (share.low <= fmax(limits->failed, usual.high))
        return false;
    finding_measure(finding, UNIT_SHARE, share.value, attempts, "requests");
    finding_bounds(finding, share.low, share.high);
    finding_say(finding, "%llu of %llu requests failed long after the faults' end",
                (unsigned long long)rates_count(series, late.begins, late.ends, RATE_FAILED),
                (unsigned long long)attempts);
    finding_at_most(finding, limits->failed, limits->failed, 0);
    return true;
}

/* To pass, few must be seen to fail, not only few asked. */
static void doubt(const struct judging *judging, const struct series *series, struct span late,
                  struct finding *finding)
{
    const struct limits *limits = judging->limits;
    struct bound share = failing(series, late, SURE_MISS / 2);
    uint64_t attempts = rates_count(series, late.begins, late.ends, RATE_ATTEMPTS);

    if (finding->outcome == OUTCOME_PASS && share.high > limits->failed)
        finding_unclear(
            finding, sure_missing(statistics_needed_below(limits->failed, SURE_MISS / 2), attempts),
            "%llu of %llu requests failed: that is not told from %.3g %%",
            (unsigned long long)rates_count(series, late.begins, late.ends, RATE_FAILED),
            (unsigned long long)attempts, 100 * limits->failed);
}

static bool is_too_short(const struct judging *judging, struct span late, struct finding *finding)
{
    const struct limits *limits = judging->limits;

    if (history_trouble(judging->history, judging->scope.service).begins != NEVER &&
        late.ends - late.begins >= LEAST)
        return false;
    finding_unclear(finding, 0, "the run did not go on for %.3g s after the faults",
                    (double)(limits->settle + LEAST) / (double)SECOND);
    return true;
}

static void judge(void *state, const struct judging *judging, struct finding *finding)
{
    const struct limits *limits = judging->limits;
    uint16_t service = judging->scope.service;
    const struct series *series = rates_series(judging->history, service);
    struct span late = history_after(judging->history, service);
    struct bins now, before;
    struct bound ratio;

    (void)state;
    late.begins = usec_after(late.begins, limits->settle);
    if (is_too_short(judging, late, finding) ||
        !rates_calm_is_enough(judging->history, service, finding) ||
        stays_down(judging, series, late, finding))
        return;
    now = rates_bins(series, late, RATE_ATTEMPTS);
    before = rates_bins(series, history_calm(judging->history, service), RATE_ATTEMPTS);
    ratio = sure_at_most(statistics_rate_ratio_bins(&now, &before, judging->alpha / 2),
                         statistics_rate_ratio_bins(&now, &before, SURE_MISS / 2));
    finding_measure(finding, UNIT_FACTOR, ratio.value, now.bins, "seconds");
    finding_bounds(finding, fmax(0, ratio.low), ratio.high);
    finding_say(finding, "%.3g times the usual requests, %.3g s and more after the faults",
                ratio.value, (double)limits->settle / (double)SECOND);
    finding_at_most(finding, limits->warn, limits->at_most, sure_missing(ratio.needed, now.bins));
    doubt(judging, series, late, finding);
}

const struct check check_metastability = {
    .name = "metastability",
    .title = "Metastability",
    .asks = "when the cause of the trouble is gone, the trouble ends",
    .about =
        "Requests and their failures from a minute (settle) after the last phase with faults on, "
        "beside those before the first fault. Rates are compared by seconds, with their "
        "dispersion; the share of failures by exact bounds, where failures that come together "
        "count for fewer, and it fails only if it was lower before, too. It takes a calm of 20 s "
        "and 50 requests before, and 21 s behind that minute.",
    .pattern = "retry budget, load shedding",
    .remedy = "bound what is queued and repeated, so that load falls when the service does",
    .source = "Bronson et al., Metastable failures in distributed systems, HotOS 2021, "
              "https://doi.org/10.1145/3458336.3465286",
    .group = GROUP_RECOVERY,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .scopes = SCOPE_SERVICE,
    .judge = judge,
};
