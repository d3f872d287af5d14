/* check_synchrony: whether many clients retry in step. */
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/random.h"
#include "verdict/by_client.h"
#include "verdict/check.h"
#include "verdict/gaps.h"
#include "verdict/sure.h"

/* Clients and retries below which nobody is in step. */
#define LEAST_CLIENTS 10
#define LEAST_RETRIES 50
/* Gaps are taken to be no shorter: the time in which retries without a pause come. */
#define LEAST_GAP (20 * MSEC)
/* Bins of retries, each with so many on average. */
#define BINS_MOST 600
#define RETRIES_EACH 12

struct limits {
    double at_most, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, double, FIELD_NUMBER, .name = "at-most", .fallback = "0.6",
          .least = 0, .most = 1, .main = true,
          .help = "how much in step first retries are, 0 to 1; beyond it fails"),
    FIELD(struct limits, warn, double, FIELD_NUMBER, .name = "warn", .fallback = "0.3", .least = 0,
          .most = 1, .help = "how much in step from where it warns"),
    END_OF_FIELDS,
};

struct state {
    uint64_t failed, retries, asked, tied, clients; /* asked: retries that are left out */
    struct by_client moments, gaps;                 /* of each client's first retry after a fault */
    struct series series;                           /* of retries */
    usec begins, ends;                              /* of them */
    struct proofs proofs;
};

static void take_first(struct state *state, const struct attempt *attempt)
{
    if (by_client_get(&state->moments, attempt->client) != NEVER)
        return;
    by_client_set(&state->moments, attempt->client, attempt->began);
    by_client_set(&state->gaps, attempt->client, attempt->gap);
    state->clients++;
    proofs_add(&state->proofs, attempt, "the client's first retry, at %.3f s",
               (double)attempt->began / (double)SECOND);
}

/* All who are told to come back at one time do: how they spread is retry-after-herd's. */
static bool was_asked(const struct attempt *attempt, const struct operation *operation)
{
    usec asked = attempt->index > 0 && attempt->index <= operation->step_count
                     ? operation->steps[attempt->index - 1].retry_after
                     : NEVER;

    return asked > 0 && asked != NEVER;
}

static void take(void *user, const void *limits, const struct attempt *attempt,
                 const struct operation *operation)
{
    struct state *state = user;

    (void)limits;
    state->failed += attempt->failed;
    if (was_asked(attempt, operation))
        state->asked++;
    if (attempt->index == 0 || was_asked(attempt, operation))
        return;
    state->begins = state->retries ? usec_min(state->begins, attempt->began) : attempt->began;
    state->ends = usec_max(state->ends, attempt->began);
    state->retries++;
    state->tied += operation->tie == TIE_MARK;
    series_at(&state->series, attempt->began)->retries++;
    if (attempt->client != HISTORY_NOBODY && attempt->index == 1 && attempt->gap >= 0 &&
        operation->steps[0].touched)
        take_first(state, attempt);
}

/* The usual gap, in usec. */
static double period_of(const struct state *state)
{
    double *gaps = memory_take((state->clients + 1) * sizeof *gaps);
    size_t count = 0;
    double period;

    for (size_t i = 0; i < state->gaps.count; i++)
        if (state->gaps.moments[i] != NEVER)
            gaps[count++] = (double)state->gaps.moments[i];
    gaps_sort(gaps, count);
    period = fmax(gaps_median(gaps, count), (double)LEAST_GAP);
    free(gaps);
    return period;
}

/* Do retries come in heaps, more than chance would have it? */
static struct chance heaps(const struct state *state)
{
    uint64_t wanted = state->retries / RETRIES_EACH;
    usec width = (state->ends - state->begins) / (usec)(wanted < BINS_MOST ? wanted : BINS_MOST);
    struct bins bins = { 0 };

    width = (width / state->series.width + 1) * state->series.width;
    for (usec at = state->begins / width * width; at <= state->ends; at += width)
        bins_add(&bins, (uint64_t)llround(series_sum(&state->series, at, at + width).retries),
                 (double)width / (double)SECOND);
    return statistics_fano(&bins);
}

static void conclude(const struct state *state, const struct judging *judging,
                     struct finding *finding)
{
    const struct limits *limits = judging->limits;
    double period = period_of(state), spread, low, high;
    struct chance heaped = heaps(state), step;
    struct phases phases = { 0 };

    for (size_t i = 0; i < state->moments.count; i++)
        if (state->moments.moments[i] != NEVER)
            phases_add(&phases, (double)state->moments.moments[i] / period);
    step = statistics_rayleigh(&phases);
    spread = (1 - step.value * step.value) / sqrt(2 * (double)phases.n);
    low = step.p <= judging->alpha ? step.value + random_normal(judging->alpha) * spread : 0;
    high = step.p > SURE_MISS ? step.value : step.value - random_normal(SURE_MISS) * spread;
    if (heaped.p > judging->alpha)
        low = fmin(low, limits->at_most);
    finding_measure(finding, UNIT_NONE, step.value, phases.n, "clients");
    finding_bounds(finding, fmax(low, 0), fmin(high, 1));
    finding_say(finding,
                "first retries of %llu clients, by their gap of %s, are in step by %.2f (1: all at "
                "once); retries vary %.3g times as much as by chance",
                (unsigned long long)phases.n, gap_words(period / (double)SECOND).text, step.value,
                heaped.value);
    finding_at_most(finding, limits->warn, limits->at_most, 0);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    const struct state *state = user;

    finding->grouped = state->retries ? (double)state->tied / (double)state->retries : 1;
    finding->proofs = state->proofs;
    if (state->failed == 0)
        finding_unclear(finding, 0, "nothing failed, so there was nothing to try again");
    else if (state->retries + state->asked == 0)
        finding_idle(finding, "%llu attempts failed, none was made again",
                     (unsigned long long)state->failed);
    else if (state->clients < LEAST_CLIENTS)
        finding_unclear(finding, LEAST_CLIENTS - state->clients,
                        "%llu clients retried after a fault, and it takes %d",
                        (unsigned long long)state->clients, LEAST_CLIENTS);
    else if (state->retries < LEAST_RETRIES)
        finding_unclear(finding, LEAST_RETRIES - state->retries,
                        "%llu retries were seen, and it takes %d",
                        (unsigned long long)state->retries, LEAST_RETRIES);
    else
        conclude(state, judging, finding);
}

static void clear(void *user)
{
    struct state *state = user;

    series_clear(&state->series);
    by_client_clear(&state->moments);
    by_client_clear(&state->gaps);
}

const struct check check_synchrony = {
    .name = "synchrony",
    .title = "Synchrony",
    .asks = "many clients do not retry in step",
    .about =
        "Each client's first retry after a fault is a moment on a circle whose length is the usual "
        "gap before it; the measure is the length of their mean (Rayleigh), 0 where they are "
        "spread and 1 where all retry at once. It fails only where all retries together vary more "
        "than chance would have it, too (Fano). Retries after an answer that asked to wait "
        "are left out (see retry-after-herd). Bounds are approximate. It is inconclusive below 10 "
        "clients or 50 retries.",
    .pattern = "full jitter",
    .remedy = "draw each pause at random between 0 and the back-off, on each client by itself",
    .source = "AWS Architecture Blog, Exponential Backoff and Jitter, "
              "https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/",
    .group = GROUP_PACE,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "at-most=0.4", [PROFILE_LENIENT] = "at-most=0.9 warn=0.6" },
    .scopes = SCOPE_PHASE | SCOPE_SERVICE,
    .state_size = sizeof(struct state),
    .attempt = take,
    .judge = judge,
    .clear = clear,
};
