/* check_churn: does the client open more connections while things fail? */
#include <math.h>

#include "verdict/check.h"
#include "verdict/rates.h"

struct limits {
    double at_most, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, double, FIELD_FACTOR, .name = "at-most", .fallback = "x3",
          .main = true, .help = "new connections a second, of the usual; beyond it fails"),
    FIELD(struct limits, warn, double, FIELD_FACTOR, .name = "warn", .fallback = "x1.5",
          .help = "new connections, of the usual, from where it warns"),
    END_OF_FIELDS,
};

struct state {
    uint64_t excused; /* connections that had to be replaced: broken, or given up with a hang */
};

static void take(void *user, const void *limits, const struct attempt *attempt,
                 const struct operation *operation)
{
    struct state *state = user;

    (void)limits;
    (void)operation;
    state->excused += attempt->end == ATTEMPT_BROKEN || attempt->end == ATTEMPT_LEFT;
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    const struct state *state = user;
    const struct limits *limits = judging->limits;
    const struct history *history = judging->history;
    struct span trouble = history_trouble(history, HISTORY_NONE);
    struct bins now = rates_bins(history_series(history), trouble, RATE_CONNECTIONS),
                before = rates_bins(history_series(history), history_calm(history, HISTORY_NONE),
                                    RATE_CONNECTIONS);
    uint64_t opened = now.total;
    double forced;
    struct bound ratio;

    if (trouble.begins == NEVER) {
        finding_unclear(finding, 0, "no fault was on");
        return;
    }
    if (!rates_calm_is_enough(history, HISTORY_NONE, finding))
        return;
    forced = (double)state->excused / (now.exposure > 0 ? now.exposure : 1);
    bins_add(&before, before.total > 0 ? 0 : 1, before.total > 0 ? 0 : 1); /* never none at all */
    ratio = statistics_rate_ratio_bins(&now, &before, judging->alpha);
    /* What had to be opened is taken off, as if it had been usual. */
    forced /= (double)before.total / before.exposure;
    finding_measure(finding, UNIT_FACTOR, fmax(0, ratio.value - forced), opened, "connections");
    finding_bounds(finding, fmax(0, ratio.low - forced), fmax(0, ratio.high - forced));
    finding_say(finding,
                "%llu connections while faults were on, %llu of them in place of broken ones",
                (unsigned long long)opened,
                (unsigned long long)(state->excused < opened ? state->excused : opened));
    finding_at_most(finding, limits->warn, limits->at_most,
                    ratio.needed > now.bins ? ratio.needed - now.bins : 0);
}

const struct check check_churn = {
    .name = "churn",
    .title = "Connection churn",
    .asks = "failing requests do not cost new connections",
    .about = "New connections a second while faults were on, over those before the first fault, "
             "without those that took the place of connections that broke off or hung. Rates are "
             "compared by seconds, with their dispersion.",
    .pattern = "connection pool",
    .remedy = "keep connections after an error answer; bound the pool, and the rate of dialing",
    .source = "AWS, 7 December 2021, https://aws.amazon.com/message/12721/",
    .group = GROUP_CONNECTIONS,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .state_size = sizeof(struct state),
    .attempt = take,
    .judge = judge,
};
