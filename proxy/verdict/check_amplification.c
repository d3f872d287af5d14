/* check_amplification: how many attempts the client makes for one operation while things fail. */
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "verdict/check.h"
#include "verdict/statistics.h"

/* Of an operation, so many retries at most come out of its client's allowance: clients that keep a
 * quota make 2 or 3 and then no more (AWS SDKs, gRPC). */
#define RETRIES_ALLOWED 3
/* Numbers of attempts that are told apart. */
#define CELLS 64

struct limits {
    double at_most, warn;
    uint64_t allowance;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, double, FIELD_NUMBER, .name = "at-most", .fallback = "3",
          .least = 1, .most = 20, .main = true,
          .help = "attempts for one operation, on average; beyond it fails"),
    FIELD(struct limits, warn, double, FIELD_NUMBER, .name = "warn", .fallback = "1.2", .least = 1,
          .most = 20, .help = "attempts for one operation from where it warns"),
    FIELD(struct limits, allowance, uint64_t, FIELD_COUNT, .name = "allowance", .fallback = "35",
          .most = 10000,
          .help = "retries of each client that do not count: a burst that its quota allows"),
    END_OF_FIELDS,
};

struct state {
    uint64_t counts[CELLS]; /* operations by attempts that count; the last: all that had more */
    uint64_t operations, attempts, charged, excused;
    uint64_t several, tied; /* operations of several attempts; … by markers */
    uint32_t *used;         /* of the allowance, by client */
    size_t client_count;
    struct proofs proofs;
};

static uint32_t *used_by(struct state *state, uint32_t client)
{
    if (client >= state->client_count) {
        size_t count = client + (size_t)client / 2 + 16;

        state->used = memory_grow(state->used, count * sizeof(*state->used));
        for (size_t i = state->client_count; i < count; i++)
            state->used[i] = 0;
        state->client_count = count;
    }
    return &state->used[client];
}

/* How many of its retries the client's allowance pays for. */
static uint32_t excuse(struct state *state, const struct limits *limits,
                       const struct operation *operation)
{
    uint32_t *used = used_by(state, operation->client);
    uint32_t left = *used < limits->allowance ? (uint32_t)limits->allowance - *used : 0;
    uint32_t excused = operation->attempts - 1;

    excused = excused > RETRIES_ALLOWED ? RETRIES_ALLOWED : excused;
    excused = excused > left ? left : excused;
    *used += excused;
    return excused;
}

static void take(void *user, const void *given, const struct operation *operation)
{
    struct state *state = user;
    uint32_t excused, charged;

    /* Past the bound nobody knows whose allowance it is. */
    if (!operation->in_trouble || operation->client == HISTORY_NOBODY)
        return;
    excused = excuse(state, given, operation);
    charged = operation->attempts - excused;
    state->counts[charged < CELLS ? charged : CELLS - 1]++;
    state->operations++;
    state->attempts += operation->attempts;
    state->charged += charged;
    state->excused += excused;
    state->several += operation->attempts > 1;
    state->tied += operation->attempts > 1 && operation->tie == TIE_MARK;
    if (charged > 1)
        proofs_add_operation(&state->proofs, operation, NULL);
}

/* The bounds are those of the mean of numbers cut at about twice the limit, for the more cells
 * there are, the wider they get. What was cut off is added to the upper one as it is. */
static struct bound bound_of(const struct state *state, const struct limits *limits, double alpha,
                             uint64_t *until)
{
    size_t cells = (size_t)ceil(2 * limits->at_most) + 2;
    uint64_t counts[CELLS] = { 0 };
    double mean = (double)state->charged / (double)state->operations;
    struct bound bound;

    for (size_t i = 0; i < CELLS; i++)
        counts[i < cells ? i : cells - 1] += state->counts[i];
    bound = statistics_mean(counts, cells, 1, alpha);
    *until = statistics_mean_until(counts, cells, 1, limits->at_most, alpha);
    bound.high += fmax(0, mean - bound.value);
    bound.value = mean;
    return bound;
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    uint64_t until, operations = state->operations;
    struct bound bound;

    if (operations == 0) {
        finding_unclear(finding, 0, "no operation began while faults were on");
        return;
    }
    bound = bound_of(state, limits, judging->alpha, &until);
    finding_measure(finding, UNIT_FACTOR, bound.value, operations, "operations");
    finding_bounds(finding, bound.low, bound.high);
    finding->grouped = state->several ? (double)state->tied / (double)state->several : 1;
    finding->proofs = state->proofs;
    finding_say(finding, "%llu attempts for %llu operations; %llu of the %llu retries do not count",
                (unsigned long long)state->attempts, (unsigned long long)operations,
                (unsigned long long)state->excused,
                (unsigned long long)(state->attempts - operations));
    if (until == UINT64_MAX || until <= operations)
        until = operations;
    finding_at_most(finding, limits->warn, limits->at_most, until - operations);
}

static void clear(void *user)
{
    free(((struct state *)user)->used);
}

const struct check check_amplification = {
    .name = "amplification",
    .title = "Retry amplification",
    .asks = "while things fail, the client does not make many attempts for each operation",
    .about =
        "Attempts divided by operations, of those operations that began while faults were on. A "
        "client may have a burst before it is judged: of each client's retries the first 35 "
        "(allowance) do not count, as an AWS SDK may make as many from its quota, but of one "
        "operation no more than 3 of them. Bounds of the mean are exact. It is inconclusive where "
        "they reach across the limit, which takes more operations to settle.",
    .pattern = "retry budget",
    .remedy =
        "allow retries only while they are less than 10 % of the requests, 3 attempts at most",
    .source = "Google SRE Book, Handling Overload, https://sre.google/sre-book/handling-overload/",
    .group = GROUP_LOAD,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "at-most=1.1 warn=1.05",
                  [PROFILE_LENIENT] = "at-most=5 warn=3",
                  [PROFILE_IOT] = "at-most=2 allowance=10" },
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .operation = take,
    .judge = judge,
    .clear = clear,
};
