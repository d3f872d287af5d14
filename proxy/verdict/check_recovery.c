/* check_recovery: how long after the fault's end is the client back? */
#include <math.h>

#include "verdict/check.h"
#include "verdict/rates.h"

/* It is back when it has been so for that long. */
#define STEADY (5 * SECOND)
#define STEP (SECOND / 2)
/* … with so much of its good answers, and Poisson's noise besides. */
#define BACK 0.9

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

static bool is_back(const struct series *series, usec at, double usual)
{
    double wanted = usual * (double)STEADY / (double)SECOND;
    double most_missing = (1 - BACK) * wanted + 2 * sqrt(wanted);

    return (double)rates_count(series, at, at + STEADY, RATE_OK) >= wanted - most_missing;
}

/* NEVER: it was not. */
static usec time_back(const struct series *series, struct span after, double usual)
{
    for (usec at = after.begins; at + STEADY <= after.ends; at += STEP)
        if (is_back(series, at, usual))
            return at - after.begins;
    return NEVER;
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

static void judge(void *state, const struct judging *judging, struct finding *finding)
{
    const struct limits *limits = judging->limits;
    const struct history *history = judging->history;
    const struct series *series = rates_series(history, judging->scope.service);
    struct span after = history_after(history, judging->scope.service),
                calm = history_calm(history, judging->scope.service);
    double usual, seconds = rates_seconds(after);
    usec back;

    (void)state;
    if (history_trouble(history, judging->scope.service).begins == NEVER) {
        finding_unclear(finding, 0, "no fault was on");
        return;
    }
    if (!rates_calm_is_enough(history, judging->scope.service, finding))
        return;
    usual = (double)rates_count(series, calm.begins, calm.ends, RATE_OK) / rates_seconds(calm);
    back = time_back(series, after, usual);
    if (back == NEVER && seconds * (double)SECOND < (double)(limits->within + STEADY)) {
        finding_unclear(finding, 0, "the run ended %.3g s after the faults: too soon to tell",
                        seconds);
        return;
    }
    finding_measure(finding, UNIT_TIME, back == NEVER ? seconds : (double)back / (double)SECOND,
                    rates_count(series, after.begins, after.ends, RATE_ATTEMPTS), "requests");
    if (back == NEVER)
        finding_say(finding,
                    "in the %.3g s after the faults it never had its %.3g good answers a "
                    "second again; %llu clients were not heard of",
                    seconds, usual, (unsigned long long)count_lost(history, after.begins));
    else
        finding_say(finding, "%.3g good answers a second again %.3g s after the faults' end", usual,
                    (double)back / (double)SECOND);
    finding_at_most(finding, (double)limits->warn / (double)SECOND,
                    (double)limits->within / (double)SECOND, 0);
}

const struct check check_recovery = {
    .name = "recovery",
    .title = "Recovery",
    .asks = "the client is back soon after the fault has ended",
    .about =
        "The time from the end of the last phase with faults until, for 5 s, good answers come "
        "at 90 % of their rate before the first fault, less two standard deviations of "
        "Poisson's noise. It takes a calm of 5 s and 50 requests before, and a run that goes "
        "on for long enough after.",
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
