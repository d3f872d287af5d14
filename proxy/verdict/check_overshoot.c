/* check_overshoot: does everybody come back at once? */
#include "verdict/check.h"
#include "verdict/rates.h"

#define LOOKED_AT (60 * SECOND)

struct limits {
    double at_most, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, double, FIELD_FACTOR, .name = "at-most", .fallback = "x3",
          .main = true,
          .help = "requests in any second after the fault, of the usual; beyond it "
                  "fails"),
    FIELD(struct limits, warn, double, FIELD_FACTOR, .name = "warn", .fallback = "x2",
          .help = "requests in any second, of the usual, from where it warns"),
    END_OF_FIELDS,
};

struct peak {
    uint64_t count;
    usec at;
    size_t seconds; /* looked at */
};

static struct peak find_peak(const struct series *series, struct span span, usec width)
{
    struct peak peak = { 0 };

    for (usec at = span.begins; at + width <= span.ends; at += width, peak.seconds++) {
        uint64_t count = rates_count(series, at, at + width, RATE_ATTEMPTS);

        if (count > peak.count) {
            peak.count = count;
            peak.at = at;
        }
    }
    return peak;
}

static void judge(void *state, const struct judging *judging, struct finding *finding)
{
    const struct limits *limits = judging->limits;
    const struct history *history = judging->history;
    const struct series *series = rates_series(history, judging->scope.service);
    struct span after = history_after(history, judging->scope.service),
                calm = history_calm(history, judging->scope.service);
    usec width = usec_max(series->width, SECOND);
    uint64_t usual;
    struct bound now, before;
    struct peak peak;

    (void)state;
    after.ends = usec_min(after.ends, after.begins + LOOKED_AT);
    if (history_trouble(history, judging->scope.service).begins == NEVER ||
        after.ends - after.begins < 2 * width) {
        finding_unclear(finding, 0, "the run did not go on after the faults");
        return;
    }
    if (!rates_calm_is_enough(history, judging->scope.service, finding))
        return;
    peak = find_peak(series, after, width);
    usual = rates_count(series, calm.begins, calm.ends, RATE_ATTEMPTS);
    before = statistics_rate(usual, rates_seconds(calm), judging->alpha / 2);
    /* The highest of many seconds: each may be it. */
    now = statistics_rate(peak.count, (double)width / (double)SECOND,
                          judging->alpha / 2 / (double)peak.seconds);
    finding_measure(finding, UNIT_FACTOR, now.value / before.value, peak.seconds, "seconds");
    finding_bounds(finding, now.low / before.high, now.value / before.value);
    finding_say(finding, "%.3g requests in a second, %.3g s after the faults; usual are %.3g",
                now.value, (double)(peak.at - after.begins) / (double)SECOND, before.value);
    finding_at_most(finding, limits->warn, limits->at_most, 0);
}

const struct check check_overshoot = {
    .name = "overshoot",
    .title = "Overshoot",
    .asks = "clients do not come back all at once",
    .about = "The second with most requests within a minute after the last phase with faults, over "
             "the usual rate before the first. The lower bound (Garwood 1936) allows for chance in "
             "as many seconds as were looked at. Where the rate is so low that chance alone makes "
             "such seconds, it is inconclusive.",
    .pattern = "ramp up slowly",
    .remedy = "spread the first requests after an outage by jitter, and drop what has gone stale",
    .source = "Amazon Builders' Library, Using load shedding to avoid overload, "
              "https://aws.amazon.com/builders-library/using-load-shedding-to-avoid-overload/",
    .group = GROUP_RECOVERY,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "at-most=x2 warn=x1.5" },
    .scopes = SCOPE_SERVICE,
    .judge = judge,
};
