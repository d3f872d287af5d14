/* check_load_factor: how much more the client asks while faults are on than when all is well, by
 * rates alone, however its attempts are tied together. */
#include <math.h>

#include "verdict/check.h"
#include "verdict/statistics.h"

/* What calm it takes to know the usual rate. */
#define CALM (30 * SECOND)
#define CALM_ATTEMPTS 100
/* Both times are cut into bins: as many as the statistics want, longer than most bursts of retries,
 * if there is time for that. */
#define BINS 20
#define BIN_LONGEST (10 * SECOND)
#define BIN_SHORTEST SECOND

struct limits {
    double at_most, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, double, FIELD_FACTOR, .name = "at-most", .fallback = "x3",
          .least = 0.1, .most = 1000, .main = true,
          .help = "the usual rate of requests; beyond it fails"),
    FIELD(struct limits, warn, double, FIELD_FACTOR, .name = "warn", .fallback = "x1.2",
          .least = 0.1, .most = 1000, .help = "the usual rate of requests from where it warns"),
    END_OF_FIELDS,
};

static usec length_of(struct span span)
{
    return span.begins == NEVER || span.ends <= span.begins ? 0 : span.ends - span.begins;
}

/* Of the service that is asked about; else of those that faults were on, for one that is turned to
 * instead may well be asked more. Where none is known by name, of all. */
static double count(const struct judging *judging, usec begins, usec ends)
{
    const struct history *history = judging->history;
    const struct history_service *service;
    double attempts = 0;
    bool known = false;

    for (size_t i = 0; (service = history_service(history, i)) != NULL; i++) {
        bool asked = judging->scope.service == HISTORY_NONE ? service->faults.begins != NEVER
                                                            : i == judging->scope.service;

        known = known || asked;
        if (asked)
            attempts += series_sum(service->series, begins, ends).attempts;
    }
    return known ? attempts : series_sum(history_series(history), begins, ends).attempts;
}

static struct bins cut(const struct judging *judging, struct span span, usec width)
{
    struct bins bins = { 0 };

    for (usec begins = span.begins; begins + width <= span.ends; begins += width)
        bins_add(&bins, (uint64_t)llround(count(judging, begins, begins + width)),
                 (double)width / (double)SECOND);
    return bins;
}

/* A whole number of the series' own bins. */
static usec width_for(const struct series *series, usec shorter)
{
    usec width = usec_max(usec_min(shorter / BINS, BIN_LONGEST), BIN_SHORTEST);

    return usec_max(width / series->width, 1) * series->width;
}

static struct span trouble_of(const struct judging *judging)
{
    struct span trouble = history_trouble(judging->history, judging->scope.service);

    if (judging->scope.phase != HISTORY_NONE && trouble.begins != NEVER) {
        struct span phase = history_phase(judging->history, judging->scope.phase)->span;

        trouble.begins = usec_max(trouble.begins, phase.begins);
        trouble.ends = usec_min(trouble.ends, phase.ends);
    }
    return trouble;
}

static void conclude(const struct judging *judging, struct span calm, struct span trouble,
                     struct finding *finding)
{
    const struct limits *limits = judging->limits;
    usec width =
        width_for(history_series(judging->history), usec_min(length_of(calm), length_of(trouble)));
    struct bins before = cut(judging, calm, width), now = cut(judging, trouble, width);
    struct bound bound = statistics_rate_ratio_bins(&now, &before, judging->alpha);

    if (now.bins < BINS) {
        finding_unclear(finding, 0, "faults were on for %.0f s, and it takes %d",
                        (double)length_of(trouble) / (double)SECOND, BINS);
        return;
    }
    finding_measure(finding, UNIT_FACTOR, bound.value, now.total, "attempts");
    finding_bounds(finding, bound.low, bound.high);
    finding_say(finding, "%.3g requests a second while faults were on, %.3g before",
                (double)now.total / now.exposure, (double)before.total / before.exposure);
    finding_at_most(finding, limits->warn, limits->at_most, 0);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    uint16_t service = judging->scope.service;
    struct span calm = history_calm(judging->history, service);
    struct span trouble = trouble_of(judging);
    double usual = count(judging, calm.begins, calm.ends);

    (void)user;
    if (length_of(trouble) == 0)
        finding_unclear(finding, 0, "no fault was exercised");
    else if (length_of(calm) < CALM)
        finding_unclear(finding, 0,
                        "it was calm for %.0f s before the first fault, and it takes 30",
                        (double)length_of(calm) / (double)SECOND);
    else if (usual < CALM_ATTEMPTS)
        finding_unclear(finding, (uint64_t)(CALM_ATTEMPTS - usual),
                        "%.0f requests before the first fault, and it takes %d", usual,
                        CALM_ATTEMPTS);
    else
        conclude(judging, calm, trouble, finding);
}

const struct check check_load_factor = {
    .name = "load-factor",
    .title = "Load factor",
    .asks = "the client does not ask much more often while things fail",
    .about =
        "Requests a second to the services that faults were on, from the first fault to the end of "
        "the last phase with one, divided by those a second before the first fault. Nothing has to "
        "be tied together for that, but the "
        "client's own work should be steady. Both times are cut into at least 20 bins of 1 to "
        "10 s, and the bounds allow for bursts. It is inconclusive with less than 30 s or 100 "
        "requests before the first fault, or faults of less than 20 s.",
    .pattern = "retry budget",
    .remedy = "bound retries as a share of all requests (10 %), not only for each operation",
    .source = "Bronson and others, Metastable Failures in Distributed Systems, HotOS 2021, "
              "https://doi.org/10.1145/3458336.3465286",
    .group = GROUP_LOAD,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "at-most=x2 warn=x1.1",
                  [PROFILE_LENIENT] = "at-most=x5 warn=x2" },
    .scopes = SCOPE_PHASE | SCOPE_SERVICE,
    .judge = judge,
};
