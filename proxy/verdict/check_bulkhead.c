/* check_bulkhead: does what works go on working? */
#include <math.h>

#include "verdict/check.h"
#include "verdict/rates.h"
#include "verdict/sure.h"

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
struct compared {
    const struct history_service *service; /* NULL: there is none */
    struct bins now, before;
    struct bound bound;
};

static struct compared compare(const struct history *history, const struct history_service *service,
                               double alpha)
{
    struct compared compared = {
        .service = service,
        .now = rates_bins(service->series, history_trouble(history, HISTORY_NONE), RATE_OK),
        .before = rates_bins(service->series, history_calm(history, HISTORY_NONE), RATE_OK),
    };

    compared.bound =
        sure_at_least(statistics_rate_ratio_bins(&compared.now, &compared.before, alpha),
                      statistics_rate_ratio_bins(&compared.now, &compared.before, SURE_MISS));
    return compared;
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

/* The surest failure; else what is surest to have lost anything; else what is known least. */
static double badness(const struct compared *compared, const struct limits *limits)
{
    const struct bound *bound = &compared->bound;

    if (bound->high < limits->at_least)
        return 4 - bound->high;
    if (bound->high < limits->warn)
        return 3 - bound->high;
    return 1 - fmin(bound->low, 1);
}

static struct compared find_worst(const struct judging *judging)
{
    double count = (double)count_asked(judging);
    const struct history_service *service;
    struct compared worst = { 0 };

    for (size_t i = 0; (service = history_service(judging->history, i)) != NULL; i++) {
        struct compared compared;

        if (!is_asked_for(judging, service, i))
            continue;
        compared = compare(judging->history, service, judging->alpha / count);
        if (!worst.service ||
            badness(&compared, judging->limits) > badness(&worst, judging->limits))
            worst = compared;
    }
    return worst;
}

/* Whether the worst says anything; else `because` is said. */
static bool is_known(const struct compared *worst, struct finding *finding)
{
    struct text name = worst->service->name;
    uint64_t bins = worst->now.bins < worst->before.bins ? worst->now.bins : worst->before.bins;

    if (bins < worst->bound.needed)
        finding_unclear(finding, worst->bound.needed - bins,
                        "%llu s without a fault and %llu s with one: it takes %llu each",
                        (unsigned long long)worst->before.bins, (unsigned long long)worst->now.bins,
                        (unsigned long long)worst->bound.needed);
    else if (worst->before.total == 0)
        finding_unclear(finding, 0, "%.*s gave no good answer before the first fault",
                        (int)name.length, name.at);
    else
        return true;
    return false;
}

static void judge(void *state, const struct judging *judging, struct finding *finding)
{
    const struct limits *limits = judging->limits;
    struct compared worst = find_worst(judging);

    (void)state;
    if (!worst.service) {
        finding_unclear(finding, 0, "no service of the scenario stays up (stays-up: yes)");
        return;
    }
    if (history_trouble(judging->history, HISTORY_NONE).begins == NEVER) {
        finding_unclear(finding, 0, "no fault was on");
        return;
    }
    if (!is_known(&worst, finding))
        return;
    finding_measure(finding, UNIT_SHARE, worst.bound.value, worst.now.total + worst.before.total,
                    "good answers");
    finding_bounds(finding, fmax(0, worst.bound.low), worst.bound.high);
    finding_say(finding,
                "%.*s, which stayed up, gave %.3g %% of its usual good answers while "
                "others failed",
                (int)worst.service->name.length, worst.service->name.at, 100 * worst.bound.value);
    finding_at_least(finding, limits->warn, limits->at_least, 0);
}

const struct check check_bulkhead = {
    .name = "bulkhead",
    .title = "Bulkhead",
    .asks = "services that work are used on while others fail",
    .about =
        "For each service that stays up (stays-up: yes, or the one that the expectation names): "
        "its good answers a second from the first fault on, over those before. Rates are "
        "compared by seconds, with their dispersion: it takes 20 s of either. The worst service "
        "counts.",
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
