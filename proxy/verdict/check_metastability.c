/* check_metastability: does the trouble go on when its cause is gone? */
#include <math.h>

#include "verdict/check.h"
#include "verdict/rates.h"

#define LEAST (10 * SECOND)

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

/* Failing on, with no fault to make it fail. */
static bool stays_down(const struct series *series, struct span late, const struct limits *limits,
                       double alpha, struct finding *finding)
{
    uint64_t attempts = rates_count(series, late.begins, late.ends, RATE_ATTEMPTS),
             failed = rates_count(series, late.begins, late.ends, RATE_FAILED);
    struct bound share = statistics_share(failed, attempts, alpha);

    if (share.low <= limits->failed)
        return false;
    finding_measure(finding, UNIT_SHARE, share.value, attempts, "requests");
    finding_bounds(finding, share.low, share.high);
    finding_say(finding, "%llu of %llu requests failed long after the faults' end",
                (unsigned long long)failed, (unsigned long long)attempts);
    finding_at_most(finding, limits->failed, limits->failed, 0);
    return true;
}

static void judge(void *state, const struct judging *judging, struct finding *finding)
{
    const struct limits *limits = judging->limits;
    const struct history *history = judging->history;
    const struct series *series = rates_series(history, judging->scope.service);
    struct span late = history_after(history, judging->scope.service);
    struct bins now, before;
    struct bound ratio;

    (void)state;
    late.begins += limits->settle;
    if (history_trouble(history, judging->scope.service).begins == NEVER ||
        late.ends - late.begins < LEAST) {
        finding_unclear(finding, 0, "the run did not go on for %.3g s after the faults",
                        (double)(limits->settle + LEAST) / (double)SECOND);
        return;
    }
    if (!rates_calm_is_enough(history, judging->scope.service, finding) ||
        stays_down(series, late, limits, judging->alpha / 2, finding))
        return;
    now = rates_bins(series, late, RATE_ATTEMPTS);
    before = rates_bins(series, history_calm(history, judging->scope.service), RATE_ATTEMPTS);
    ratio = statistics_rate_ratio_bins(&now, &before, judging->alpha / 2);
    finding_measure(finding, UNIT_FACTOR, ratio.value, now.bins, "seconds");
    finding_bounds(finding, fmax(0, ratio.low), ratio.high);
    finding_say(finding, "%.3g times the usual requests, %.3g s and more after the faults",
                ratio.value, (double)limits->settle / (double)SECOND);
    finding_at_most(finding, limits->warn, limits->at_most,
                    ratio.needed > now.bins ? ratio.needed - now.bins : 0);
}

const struct check check_metastability = {
    .name = "metastability",
    .title = "Metastability",
    .asks = "when the cause of the trouble is gone, the trouble ends",
    .about =
        "Requests and their failures from a minute after the last phase with faults on, beside "
        "those before the first fault. Rates are compared by seconds, with their dispersion; "
        "the share of failures by exact bounds. It takes 10 s behind that minute.",
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
