/* check_recovery: how long after the fault's end is the client back? */
#include <math.h>

#include "verdict/check.h"
#include "verdict/rates.h"

/* It is back when it has been so for that long, and for as long as so many of its good answers (or
 * bursts of them) usually take. */
#define STEADY (10 * SECOND)
#define STEADY_EVENTS 60
#define STEP (SECOND / 2)
/* … with so much of them, less half a standard deviation. A client with half of them is that by
 * chance in one of 50 runs. */
#define BACK 0.9
#define NOISE 0.5
/* So many seconds at least are compared with those before: what the statistics want, and one. */
#define COMPARED (21 * SECOND)

struct limits {
    usec within, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, within, usec, FIELD_DURATION, .name = "within", .fallback = "120s",
          .main = true, .clock = CLOCK_WALL,
          .help = "after the last fault's end, good answers come as before; later fails"),
    FIELD(struct limits, warn, usec, FIELD_DURATION, .name = "warn", .fallback = "60s",
          .clock = CLOCK_WALL, .help = "time from where it warns"),
    END_OF_FIELDS,
};

/* What is usual. */
struct usual {
    struct bins bins;
    double rate, clumps; /* good answers a second, and how many come at once */
    usec steady;         /* how long it takes to see that they are back */
};

static struct usual usual_of(const struct series *series, struct span calm)
{
    struct usual usual = { .bins = rates_bins(series, calm, RATE_OK) };
    double seconds;

    usual.rate = (double)usual.bins.total / usual.bins.exposure;
    usual.clumps = rates_clumps(&usual.bins);
    seconds = usual.rate > 0 ? fmin(STEADY_EVENTS * usual.clumps / usual.rate, 1e6) : 1e6;
    usual.steady = usec_max((usec)(seconds * (double)SECOND), STEADY);
    return usual;
}

static bool is_back(const struct series *series, usec at, const struct usual *usual)
{
    double wanted = usual->rate * (double)usual->steady / (double)SECOND;
    double least = BACK * wanted - NOISE * sqrt(wanted * usual->clumps);

    return (double)rates_count(series, at, at + usual->steady, RATE_OK) >= least;
}

/* NEVER: it was not. */
static usec time_back(const struct series *series, struct span after, const struct usual *usual)
{
    for (usec at = after.begins; at + usual->steady <= after.ends; at += STEP)
        if (is_back(series, at, usual))
            return at - after.begins;
    return NEVER;
}

/* That it was never steady for long enough may be chance; that it had less in all is none. */
static bool is_late(const struct series *series, struct span after, const struct usual *usual,
                    const struct judging *judging, struct bound *share)
{
    const struct limits *limits = judging->limits;
    struct bins now;

    after.ends = usec_min(after.ends, usec_after(after.begins, usec_max(limits->within, COMPARED)));
    now = rates_bins(series, after, RATE_OK);
    *share = statistics_rate_ratio_bins(&now, &usual->bins, judging->alpha);
    return share->high < BACK;
}

/* Clients of the calm of which nothing good was heard since. They may have been done. */
static uint64_t count_lost(const struct history *history, usec since)
{
    const struct history_client *client;
    uint64_t lost = 0;

    for (size_t i = 0; (client = history_client(history, i)) != NULL; i++)
        lost += client->first < since && (client->last_ok == NEVER || client->last_ok < since);
    return lost;
}

static void say(const struct judging *judging, struct span after, const struct usual *usual,
                usec back, struct finding *finding)
{
    if (back == NEVER)
        finding_say(finding,
                    "in the %.3g s after the faults it never had its %.3g good answers a "
                    "second again; %llu clients were not heard of",
                    rates_seconds(after), usual->rate,
                    (unsigned long long)count_lost(judging->history, after.begins));
    else
        finding_say(finding, "%.3g good answers a second again %.3g s after the faults' end",
                    usual->rate, (double)back / (double)SECOND);
}

static void conclude(const struct judging *judging, const struct series *series, struct span after,
                     const struct usual *usual, struct finding *finding)
{
    const struct limits *limits = judging->limits;
    usec back = time_back(series, after, usual),
         takes = usec_after(usec_max(limits->within, COMPARED), usual->steady);
    struct bound share;

    if (back == NEVER && after.ends - after.begins < takes) {
        finding_unclear(finding, 0, "the run ended %.3g s after the faults, and it takes %.3g",
                        rates_seconds(after), (double)takes / (double)SECOND);
        return;
    }
    finding_measure(finding, UNIT_TIME,
                    back == NEVER ? rates_seconds(after) : (double)back / (double)SECOND,
                    rates_count(series, after.begins, after.ends, RATE_ATTEMPTS), "requests");
    say(judging, after, usual, back, finding);
    if ((back == NEVER || back > limits->within) &&
        !is_late(series, after, usual, judging, &share)) {
        finding_unclear(finding, 0,
                        "x%.3g of the usual good answers in the first %.3g s after the faults: "
                        "too unsteady to tell it from x0.9",
                        share.value, (double)limits->within / (double)SECOND);
        return;
    }
    finding_at_most(finding, (double)limits->warn / (double)SECOND,
                    (double)limits->within / (double)SECOND, 0);
}

static void judge(void *state, const struct judging *judging, struct finding *finding)
{
    uint16_t service = judging->scope.service;
    const struct series *series = rates_series(judging->history, service);
    struct usual usual;

    (void)state;
    if (history_trouble(judging->history, service).begins == NEVER) {
        finding_unclear(finding, 0, "no fault was on");
        return;
    }
    if (!rates_calm_is_enough(judging->history, service, finding))
        return;
    usual = usual_of(series, history_calm(judging->history, service));
    conclude(judging, series, history_after(judging->history, service), &usual, finding);
}

const struct check check_recovery = {
    .name = "recovery",
    .title = "Recovery",
    .asks = "the client is back soon after the fault has ended",
    .about =
        "The time from the end of the last phase with faults until good answers come at 90 % of "
        "their rate before the first fault, less half a standard deviation, for 10 s and for as "
        "long as 60 of them (or of their bursts) usually take. It is late only if there were "
        "fewer by more than chance, in seconds with their dispersion. It takes a calm of 20 s and "
        "50 requests before, and a run that goes on for long enough after.",
    .pattern = "half-open breaker",
    .remedy = "cap back-off and breaker pauses well below a minute, re-resolve names, replace dead "
              "connections",
    .source = "gRPC connection back-off, "
              "https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md",
    .group = GROUP_RECOVERY,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "within=60s warn=30s",
                  [PROFILE_LENIENT] = "within=5m warn=2m",
                  [PROFILE_IOT] = "within=10m warn=5m" },
    .scopes = SCOPE_SERVICE,
    .judge = judge,
};
