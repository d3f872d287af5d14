/* check_overshoot: does everybody come back at once? */
#include <math.h>

#include "verdict/check.h"
#include "verdict/rates.h"
#include "verdict/sure.h"

#define LOOKED_AT (60 * SECOND)
/* Seconds after the fault, before which nobody may have come back. */
#define LEAST 10

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
    size_t looked_at;
};

/* Any second may be it, so they overlap by half. */
static struct peak find_peak(const struct series *series, struct span span, usec width)
{
    struct peak peak = { 0 };

    for (usec at = span.begins; at + width <= span.ends; at += width / 2, peak.looked_at++) {
        uint64_t count = rates_count(series, at, at + width, RATE_ATTEMPTS);

        if (count > peak.count) {
            peak.count = count;
            peak.at = at;
        }
    }
    return peak;
}

/* What comes at once counts once. Rounded away from the value. */
static struct bound rate_of(uint64_t count, double exposure, double clumps, double alpha)
{
    double few = (double)count / clumps;
    struct bound low = statistics_rate((uint64_t)floor(few), exposure / clumps, alpha),
                 high = statistics_rate((uint64_t)ceil(few), exposure / clumps, alpha);

    return (struct bound){ low.low, (double)count / exposure, high.high, 1 };
}

static void conclude(const struct judging *judging, struct span after, usec width,
                     const struct bins *calm, const struct peak *peak, struct finding *finding)
{
    const struct limits *limits = judging->limits;
    double seconds = (double)width / (double)SECOND, clumps = rates_clumps(calm);
    struct bound usual = rate_of(calm->total, calm->exposure, clumps, judging->alpha / 2);
    /* The highest of many: each may be it. */
    struct bound low =
        rate_of(peak->count, seconds, clumps, judging->alpha / 2 / (double)peak->looked_at);
    struct bound high = rate_of(peak->count, seconds, clumps, SURE_MISS);

    finding_measure(finding, UNIT_FACTOR, low.value / usual.value,
                    (uint64_t)llround(rates_seconds(after)), "seconds");
    finding_bounds(finding, low.low / usual.high, high.high / usual.value);
    finding_say(finding, "%.3g requests in a second, %.3g s after the faults; usual are %.3g",
                low.value, (double)(peak->at - after.begins) / (double)SECOND, usual.value);
    finding_at_most(finding, limits->warn, limits->at_most, 0);
    if (finding->outcome == OUTCOME_INCONCLUSIVE)
        finding_unclear(finding, 0,
                        "with %.3g requests a second, %.3g at once, chance makes such seconds: it "
                        "takes more of them to tell",
                        usual.value, clumps);
}

static void judge(void *state, const struct judging *judging, struct finding *finding)
{
    const struct history *history = judging->history;
    uint16_t service = judging->scope.service;
    const struct series *series = rates_series(history, service);
    struct span after = rates_aligned(series, history_after(history, service));
    usec width = rates_width(series);
    struct bins calm;
    struct peak peak;

    (void)state;
    after.ends = usec_min(after.ends, usec_after(after.begins, LOOKED_AT));
    if (history_trouble(history, service).begins == NEVER ||
        after.ends - after.begins < LEAST * width) {
        finding_unclear(finding, 0, "the run did not go on for %d s after the faults", LEAST);
        return;
    }
    if (!rates_calm_is_enough(history, service, finding))
        return;
    calm = rates_bins(series, history_calm(history, service), RATE_ATTEMPTS);
    peak = find_peak(series, after, width);
    conclude(judging, after, width, &calm, &peak, finding);
}

const struct check check_overshoot = {
    .name = "overshoot",
    .title = "Overshoot",
    .asks = "clients do not come back all at once",
    .about = "The second with most requests within a minute after the last phase with faults, over "
             "the usual rate before the first. The lower bound (Garwood 1936) allows for chance in "
             "as many seconds as were looked at, and for bursts as large as those before the first "
             "fault. It takes a calm of 20 s and 50 requests, and 10 s after the faults. Where the "
             "rate is so low that chance alone makes such seconds (below some 10 a second), it is "
             "inconclusive.",
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
