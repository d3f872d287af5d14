/* check_bulkhead: does what works go on working? */
#include <math.h>

#include "verdict/check.h"
#include "verdict/rates.h"

struct limits {
    double at_least, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_least, double, FIELD_SHARE, .name = "at-least", .fallback = "80%",
          .main = true, .help = "good answers of services that stay up, of the usual; fewer fail"),
    FIELD(struct limits, warn, double, FIELD_SHARE, .name = "warn", .fallback = "95%",
          .help = "share below which it warns"),
    END_OF_FIELDS,
};

/* Its good answers while others were in trouble, over those before. */
static struct bound compare(const struct history *history, const struct history_service *service,
                            double alpha)
{
    struct bins now = rates_bins(service->series, history_trouble(history, HISTORY_NONE), RATE_OK),
                before = rates_bins(service->series, history_calm(history, HISTORY_NONE), RATE_OK);

    return statistics_rate_ratio_bins(&now, &before, alpha);
}

static bool is_asked_for(const struct judging *judging, const struct history_service *service,
                         size_t index)
{
    if (judging->scope.service != HISTORY_NONE)
        return index == judging->scope.service;
    return service->terms.stays_up;
}

static size_t count_asked(const struct judging *judging)
{
    const struct history_service *service;
    size_t count = 0;

    for (size_t i = 0; (service = history_service(judging->history, i)) != NULL; i++)
        count += is_asked_for(judging, service, i);
    return count;
}

/* The one that did worst; NULL: there is none. */
static const struct history_service *find_worst(const struct judging *judging, size_t count,
                                                struct bound *worst)
{
    const struct history_service *service, *found = NULL;

    for (size_t i = 0; (service = history_service(judging->history, i)) != NULL; i++) {
        struct bound bound;

        if (!is_asked_for(judging, service, i))
            continue;
        bound = compare(judging->history, service, judging->alpha / (double)count);
        if (found && bound.high >= worst->high)
            continue;
        found = service;
        *worst = bound;
    }
    return found;
}

static void judge(void *state, const struct judging *judging, struct finding *finding)
{
    const struct limits *limits = judging->limits;
    size_t count = count_asked(judging);
    const struct history_service *service;
    struct bound bound = { 0 };

    (void)state;
    if (count == 0) {
        finding_unclear(finding, 0, "no service of the scenario stays up (stays-up: yes)");
        return;
    }
    if (history_trouble(judging->history, HISTORY_NONE).begins == NEVER) {
        finding_unclear(finding, 0, "no fault was on");
        return;
    }
    service = find_worst(judging, count, &bound);
    if (service->cell.attempts == 0) {
        finding_unclear(finding, 0, "%.*s was never asked for anything", (int)service->name.length,
                        service->name.at);
        return;
    }
    if (!isfinite(bound.high)) {
        finding_unclear(
            finding, bound.needed,
            "too few seconds of %.*s, in the calm or in the trouble: it takes %llu each",
            (int)service->name.length, service->name.at, (unsigned long long)bound.needed);
        return;
    }
    finding_measure(finding, UNIT_SHARE, bound.value, service->cell.ok, "good answers");
    finding_bounds(finding, fmax(0, bound.low), bound.high);
    finding_say(finding,
                "%.*s, which stayed up, gave %.3g %% of its usual good answers while "
                "others failed",
                (int)service->name.length, service->name.at, 100 * bound.value);
    finding_at_least(finding, limits->warn, limits->at_least, 0);
}

const struct check check_bulkhead = {
    .name = "bulkhead",
    .title = "Bulkhead",
    .asks = "services that work are used on while others fail",
    .about =
        "For each service that stays up (stays-up: yes, or the one that the expectation names): "
        "its good answers a second from the first fault on, over those before. Rates are "
        "compared by seconds, with their dispersion. The worst service counts.",
    .pattern = "bulkhead",
    .remedy = "give each dependency a pool, threads and a queue of its own",
    .source = "Nygard, Release It!, 2nd edition, Bulkheads; Amazon Kinesis, 25 November 2020, "
              "https://aws.amazon.com/message/11201/",
    .group = GROUP_RECOVERY,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .scopes = SCOPE_SERVICE,
    .judge = judge,
};
