/* latency: everything comes, but late, by a time drawn for each exchange. */
#include "base/random.h"
#include "faults/direction.h"
#include "faults/fault.h"
#include "faults/shape.h"

enum latency_place { AT_CONNECT, AT_REQUEST, AT_RESPONSE, AT_CHUNK };

struct latency {
    struct shape_params given;
    struct distribution distribution; /* by check, from the above */
    int at, on;
    usec burst;
};

static const char *const places[] = { "connect", "request", "response", "chunk", NULL };

/* 0 stands for "not given", so what must be given is at least 1. */
#define LENGTH(member, key, ...)                                                         \
    FIELD(struct latency, given.member, usec, FIELD_DURATION, .name = (key), .least = 1, \
          .most = (double)DISTRIBUTION_MOST, .clock = CLOCK_WALL, __VA_ARGS__)

static const struct field fields[] = {
    LENGTH(delay, "delay", .main = true, .help = "the same delay each time"),
    LENGTH(p50, "p50", .help = "the delay that half of the draws stay below"),
    LENGTH(p90, "p90", .help = "the delay that 90% stay below; optional, with p50 and p99"),
    LENGTH(p99, "p99", .help = "the delay that 99% stay below"),
    FIELD(struct latency, given.least, usec, FIELD_DURATION, .name = "min", .least = 0,
          .most = (double)DISTRIBUTION_MOST,
          .help = "the shortest delay: of evenly spread ones with max, of a Pareto distribution "
                  "with alpha"),
    LENGTH(most, "max", .help = "the longest of evenly spread delays"),
    LENGTH(mean, "mean",
           .help = "the average: of normally distributed delays with deviation, of exponentially "
                   "distributed ones alone"),
    LENGTH(deviation, "deviation", .help = "the standard deviation around the mean"),
    LENGTH(median, "median", .help = "the middle of lognormally distributed delays, with sigma"),
    FIELD(struct latency, given.sigma, double, FIELD_NUMBER, .name = "sigma", .least = 0.01,
          .most = 10,
          .help = "the standard deviation of their natural logarithm: 0.5 is moderate, 1 wild"),
    FIELD(struct latency, given.alpha, double, FIELD_NUMBER, .name = "alpha", .least = 0.1,
          .most = 100,
          .help = "the Pareto distribution's shape, with min: the smaller, the longer the tail; "
                  "1.16 is the 80/20 rule"),
    FIELD(struct latency, at, int, FIELD_CHOICE, .name = "at", .choices = places,
          .fallback = "response",
          .help = "before a client's connection is read, before the request goes on, before the "
                  "answer's first byte, or before each chunk of a body"),
    FIELD(struct latency, on, int, FIELD_CHOICE, .name = "on", .choices = direction_choices,
          .fallback = "response", .help = "whose chunks; with at: chunk"),
    FIELD(struct latency, burst, usec, FIELD_DURATION, .name = "burst", .least = (double)MSEC,
          .most = (double)(24 * HOUR), .clock = CLOCK_WALL,
          .help = "whatever is decided within the same so long draws alike; without it, each "
                  "draws for itself"),
    END_OF_FIELDS,
};

static bool check(void *params, struct buffer *complaint)
{
    struct latency *latency = params;

    if (latency->at != AT_CHUNK && latency->on != ON_RESPONSE) {
        buffer_add_string(complaint, "on says whose chunks are late: it goes with at: chunk");
        return false;
    }
    return shape_fit(&latency->given, &latency->distribution, complaint);
}

static unsigned stands(const void *params)
{
    const struct latency *latency = params;

    return latency->at == AT_CONNECT ? FAULT_ON_CONNECTION : FAULT_ON_HTTP | FAULT_ON_TUNNEL;
}

/* Bad times come together: what is decided within one burst has its bits from there. */
static uint64_t draw_bits(const struct latency *latency, const struct hit *hit, usec decided)
{
    if (latency->burst == 0)
        return hit->bits;
    return random_join(hit->rule_bits, (uint64_t)(decided / latency->burst));
}

static usec draw(const struct latency *latency, const struct hit *hit, usec decided)
{
    return distribution_draw(&latency->distribution, draw_bits(latency, hit, decided));
}

struct jitter {
    uint64_t bits, count;
    bool drawn; /* for the chunk at the front */
    usec due;
};

/* A chunk is what came at once. None overtakes another. */
static void pump(void *state, const void *params, struct flow *flow)
{
    struct jitter *jitter = state;
    const struct latency *latency = ((const struct hit *)params)->params;

    while (flow_can_move(flow)) {
        const struct chunk *chunk = flow_front(flow);

        if (!jitter->drawn && !chunk_is_final(chunk)) {
            uint64_t bits = random_join(jitter->bits, jitter->count++);
            usec delay = distribution_draw(&latency->distribution, bits);

            jitter->due = usec_max(jitter->due, usec_after(chunk->arrived, delay));
            jitter->drawn = true;
        }
        if (flow_must_wait(flow, jitter->due))
            return;
        flow_pass(flow);
        jitter->drawn = false;
    }
}

static const struct filter_ops filter = {
    .name = "latency",
    .state_size = sizeof(struct jitter),
    .pump = pump,
};

static void delay_chunks(const struct latency *latency, struct way_plan *way)
{
    struct stage *stage = plan_filter_past(way, &filter, 0);

    if (stage)
        ((struct jitter *)stage->state)->bits = draw_bits(latency, way->hit, way->decided);
}

static void at_connection(const void *params, struct connection_plan *plan)
{
    const struct latency *latency = params;

    if (latency->at == AT_CONNECT)
        plan_delay_connection(plan, draw(latency, plan->hit, plan->decided));
}

static void at_request(const void *params, struct request_plan *plan)
{
    const struct latency *latency = params;

    if (latency->at == AT_REQUEST)
        plan_delay_request(plan, draw(latency, plan->way.hit, plan->way.decided));
    else if (latency->at == AT_CHUNK && direction_has_request(latency->on))
        delay_chunks(latency, &plan->way);
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct latency *latency = params;

    if (latency->at == AT_RESPONSE)
        plan_delay_response(plan, draw(latency, plan->way.hit, plan->way.decided));
    else if (latency->at == AT_CHUNK && direction_has_response(latency->on))
        delay_chunks(latency, &plan->way);
}

const struct fault_kind fault_latency = {
    .name = "latency",
    .family = "time",
    .summary = "everything arrives, but late",
    .about =
        "There is a wait before a client's new connection is read (at: connect), before a request "
        "goes on to the origin (at: request), before the first byte of the answer leaves for the "
        "client (at: response), or before each chunk of a body (at: chunk); nothing else changes. "
        "A chunk is what came at once, at most 16 KiB; each has a wait of its own that begins "
        "when it comes, none overtakes another, and at most 256 KiB wait. In a tunnel the wait at "
        "the response is before the first bytes from the origin. "
        "The parameters that are given tell the shape: delay is the same each time; min and max "
        "are evenly spread; mean and deviation are normal; median and sigma are lognormal, where "
        "sigma is the standard deviation of the natural logarithm; mean alone is exponential; min "
        "and alpha are Pareto's; p50 and p99 are the one lognormal that has these percentiles, "
        "and where p90 is given too, all three are met exactly by two lognormals that join "
        "there. Choose one of these shapes. No wait is negative, and none is longer than 10 "
        "minutes. With a burst, time is cut into windows of that length from the run's start, and "
        "whatever the rule hits in the same window draws the same wait, so that bad times come "
        "together; the distribution is then one of windows. Waits and bursts are real time: a "
        "scenario's speed does not shorten them.",
    .example = "latency: {p50: 80ms, p99: 2s}",
    .fields = fields,
    .params_size = sizeof(struct latency),
    .stands_on = FAULT_ON_HTTP | FAULT_ON_TUNNEL | FAULT_ON_CONNECTION,
    .check = check,
    .stands = stands,
    .at_request = at_request,
    .at_response = at_response,
    .at_connection = at_connection,
};
