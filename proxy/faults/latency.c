/* latency: everything comes, but late, by a time drawn for each exchange. */
#include "faults/distribution.h"
#include "faults/fault.h"

enum latency_place { AT_REQUEST, AT_RESPONSE };

struct latency {
    usec delay;
    usec p50, p90, p99;
    usec least, most;
    usec mean, deviation;
    int at;
    struct distribution distribution; /* by check, from the above */
};

static const char *const places[] = { "request", "response", NULL };

/* 0 stands for "not given", so what must be given is at least 1. */
#define LENGTH(member, key, ...)                                                   \
    FIELD(struct latency, member, usec, FIELD_DURATION, .name = (key), .least = 1, \
          .most = (double)DISTRIBUTION_MOST, .clock = CLOCK_WALL, __VA_ARGS__)

static const struct field fields[] = {
    LENGTH(delay, "delay", .main = true, .help = "the same delay each time"),
    LENGTH(p50, "p50", .help = "the delay that half of the exchanges stay below"),
    LENGTH(p90, "p90", .help = "the delay that 90% stay below; optional, with p50 and p99"),
    LENGTH(p99, "p99", .help = "the delay that 99% stay below"),
    FIELD(struct latency, least, usec, FIELD_DURATION, .name = "min", .least = 0,
          .most = (double)DISTRIBUTION_MOST, .help = "the shortest of evenly spread delays"),
    LENGTH(most, "max", .help = "the longest of evenly spread delays"),
    LENGTH(mean, "mean", .help = "the average of normally distributed delays"),
    LENGTH(deviation, "deviation", .help = "their standard deviation"),
    FIELD(struct latency, at, int, FIELD_CHOICE, .name = "at", .choices = places,
          .fallback = "response",
          .help = "before the request goes on, or before the answer's first byte"),
    END_OF_FIELDS,
};

static bool refuse(struct buffer *complaint, const char *why)
{
    buffer_add_string(complaint, why);
    return false;
}

static bool fit(struct latency *latency, struct buffer *complaint)
{
    usec p90 = latency->p90 ? latency->p90 : latency->p50;

    if (latency->p50 == 0 || latency->p99 == 0)
        return refuse(complaint, "p50 and p99 belong together");
    if (p90 < latency->p50 || latency->p99 < p90)
        return refuse(complaint, "a higher percentile is less than a lower one");
    latency->distribution = latency->p90
                                ? distribution_fit_three(latency->p50, latency->p90, latency->p99)
                                : distribution_fit_two(latency->p50, latency->p99);
    return true;
}

static bool spread(struct latency *latency, struct buffer *complaint)
{
    if (latency->most == 0)
        return refuse(complaint, "min and max belong together");
    if (latency->most < latency->least)
        return refuse(complaint, "max is less than min");
    latency->distribution = distribution_uniform(latency->least, latency->most);
    return true;
}

static bool check(void *params, struct buffer *complaint)
{
    struct latency *latency = params;
    bool constant = latency->delay != 0;
    bool fitted = latency->p50 != 0 || latency->p90 != 0 || latency->p99 != 0;
    bool uniform = latency->least != 0 || latency->most != 0;
    bool normal = latency->mean != 0 || latency->deviation != 0;

    if (constant + fitted + uniform + normal != 1)
        return refuse(complaint, "wants exactly one of a delay, p50 with p99, min with max, and "
                                 "mean with deviation");
    if (fitted)
        return fit(latency, complaint);
    if (uniform)
        return spread(latency, complaint);
    if (normal && (latency->mean == 0 || latency->deviation == 0))
        return refuse(complaint, "mean and deviation belong together");
    latency->distribution = normal ? distribution_normal(latency->mean, latency->deviation)
                                   : distribution_constant(latency->delay);
    return true;
}

static void at_request(const void *params, struct request_plan *plan)
{
    const struct latency *latency = params;

    if (latency->at == AT_REQUEST)
        plan_delay_request(plan, distribution_draw(&latency->distribution, plan->way.hit->bits));
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct latency *latency = params;

    if (latency->at == AT_RESPONSE)
        plan_delay_response(plan, distribution_draw(&latency->distribution, plan->way.hit->bits));
}

const struct fault_kind fault_latency = {
    .name = "latency",
    .family = "time",
    .summary = "everything arrives, but late",
    .about =
        "The exchange waits before its request goes on to the origin, or before the first byte of "
        "the answer leaves for the client; nothing else changes. In a tunnel the wait is before "
        "the first bytes from the origin. The wait is the same each time (delay), spread evenly "
        "from min to max, normally distributed around a mean, or fitted to percentiles: p50 and "
        "p99 give the one lognormal distribution that has them, and where p90 is given too, all "
        "three are met exactly by two lognormals that join there. Choose one of these shapes. No "
        "wait is negative, and none is longer than 10 minutes. It is real time: a scenario's "
        "speed does not shorten it.",
    .example = "latency: {p50: 80ms, p99: 2s}",
    .fields = fields,
    .params_size = sizeof(struct latency),
    .stands_on = FAULT_ON_HTTP | FAULT_ON_TUNNEL,
    .check = check,
    .at_request = at_request,
    .at_response = at_response,
};
