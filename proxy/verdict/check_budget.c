/* check_budget: whether retries run dry when nearly everything fails for long. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "verdict/by_client.h"
#include "verdict/check.h"
#include "verdict/sure.h"

/* Slots of equal length, that doubles when there are no more. */
#define SLOTS 4096
#define SLOT_FIRST SECOND
/* The stretch that is looked at, and how much of it fails. */
#define STRETCH MINUTE
#define FAILING 0.9

struct limits {
    double at_most, warn;
    uint64_t operations;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, double, FIELD_SHARE, .name = "at-most", .fallback = "20%",
          .most = 1, .main = true, .help = "of the attempts are retries; more fail"),
    FIELD(struct limits, warn, double, FIELD_SHARE, .name = "warn", .fallback = "10%", .most = 1,
          .help = "of the attempts are retries; more warn"),
    FIELD(struct limits, operations, uint64_t, FIELD_COUNT, .name = "operations", .fallback = "50",
          .least = 1, .most = 100000,
          .help = "of each client, until its budget can be expected to be spent"),
    END_OF_FIELDS,
};

struct slot {
    uint32_t attempts, failed, retries;
    uint64_t weight; /* the sum of the squares of the operations' attempts */
};

struct state {
    struct slot slots[SLOTS];
    size_t count;
    usec width;
    uint64_t failed, retries, tied;
    struct by_client seen; /* that had a failure, and how many they are */
    uint64_t clients;
    struct proofs proofs; /* the latest failed retries, a second apart */
    usec proved;
};

/* Slots from `begins` up to `ends`. */
struct stretch {
    size_t begins, ends;
};

static void add(struct slot *to, const struct slot *from)
{
    to->attempts += from->attempts;
    to->failed += from->failed;
    to->retries += from->retries;
    to->weight += from->weight;
}

static struct slot *slot_at(struct state *state, usec moment)
{
    size_t index;

    if (!state->width)
        state->width = SLOT_FIRST;
    while (moment / state->width >= SLOTS) {
        for (size_t i = 0; i < SLOTS; i += 2) {
            struct slot pair = state->slots[i];

            add(&pair, &state->slots[i + 1]);
            state->slots[i / 2] = pair;
        }
        memset(state->slots + SLOTS / 2, 0, SLOTS / 2 * sizeof *state->slots);
        state->count = (state->count + 1) / 2;
        state->width *= 2;
    }
    index = (size_t)(usec_max(moment, 0) / state->width);
    state->count = index >= state->count ? index + 1 : state->count;
    return &state->slots[index];
}

static void prove(struct state *state, const struct attempt *attempt)
{
    struct proofs latest = { 0 };

    if (attempt->began < state->proved)
        return;
    proofs_add(&latest, attempt, "attempt %u", attempt->index + 1);
    state->proofs.items[state->proofs.total++ % PROOFS] = latest.items[0];
    state->proofs.count += state->proofs.count < PROOFS;
    state->proved = attempt->began + SECOND;
}

static void take(void *user, const void *limits, const struct attempt *attempt,
                 const struct operation *operation)
{
    struct state *state = user;
    struct slot *slot = slot_at(state, attempt->began);

    (void)limits;
    slot->attempts++;
    slot->failed += attempt->failed;
    slot->retries += attempt->index > 0;
    slot->weight += 2 * (uint64_t)attempt->index + 1;
    state->failed += attempt->failed;
    state->retries += attempt->index > 0;
    state->tied += attempt->index > 0 && operation->tie == TIE_MARK;
    if (attempt->failed && attempt->client != HISTORY_NOBODY &&
        by_client_get(&state->seen, attempt->client) == NEVER) {
        by_client_set(&state->seen, attempt->client, attempt->began);
        state->clients++;
    }
    if (attempt->failed && attempt->index > 0)
        prove(state, attempt);
}

static struct slot between(const struct slot *sums, size_t begins, size_t ends)
{
    return (struct slot){ sums[ends].attempts - sums[begins].attempts,
                          sums[ends].failed - sums[begins].failed,
                          sums[ends].retries - sums[begins].retries,
                          sums[ends].weight - sums[begins].weight };
}

static bool fails(const struct slot *sums, size_t begins, size_t ends)
{
    struct slot sum = between(sums, begins, ends);

    return sum.attempts > 0 && sum.failed >= FAILING * sum.attempts;
}

/* The longest stretch of which each half fails, the first of several; begins == ends: there is
 * none. Both ends have failures in them. */
static struct stretch find(const struct state *state, const struct slot *sums)
{
    size_t least = (size_t)((STRETCH + state->width - 1) / state->width);
    struct stretch best = { 0, 0 };
    size_t longest = least < 2 ? 1 : least - 1;

    for (size_t begins = 0; begins + longest < state->count; begins++) {
        if (!state->slots[begins].failed)
            continue;
        for (size_t ends = state->count; ends > begins + longest; ends--) {
            size_t middle = begins + (ends - begins) / 2;

            if (!state->slots[ends - 1].failed || !fails(sums, begins, middle) ||
                !fails(sums, middle, ends))
                continue;
            best = (struct stretch){ begins, ends };
            longest = ends - begins;
            break;
        }
    }
    return best;
}

/* Retries of one operation come together: they are worth the fewer, the more there are of each. */
static struct bound share_of(const struct slot *half, double limit, double alpha, uint64_t *missing)
{
    double each = (double)half->weight / (double)half->attempts;
    uint64_t hits = (uint64_t)((double)half->retries / each);
    uint64_t worth = (uint64_t)((double)half->attempts / each);
    uint64_t until = statistics_share_until(hits, worth, limit, alpha);

    *missing = (uint64_t)((double)sure_missing(until, worth) * each);
    return sure_at_most(statistics_share(hits, worth, alpha),
                        statistics_share(hits, worth, SURE_MISS));
}

/* A client that had too little to do to spend its budget may pass, but not fail. */
static void conclude(const struct state *state, const struct judging *judging,
                     const struct stretch *stretch, const struct slot *first,
                     const struct slot *second, struct finding *finding)
{
    const struct limits *limits = judging->limits;
    uint64_t operations = first->attempts - first->retries, missing;
    uint64_t wanted = limits->operations * state->clients;
    struct bound bound = share_of(second, limits->at_most, judging->alpha, &missing);

    if (operations < wanted && bound.high > limits->at_most) {
        finding_unclear(finding, wanted - operations,
                        "%llu operations of %llu clients are too few to spend a budget",
                        (unsigned long long)operations, (unsigned long long)state->clients);
        return;
    }
    finding->proofs = state->proofs;
    finding_measure(finding, UNIT_SHARE, (double)second->retries / (double)second->attempts,
                    second->attempts, "attempts");
    finding_bounds(finding, bound.low, bound.high);
    finding_say(finding, "in the second half of %lld s of failure, %u of %u attempts were retries",
                (long long)((usec)(stretch->ends - stretch->begins) * state->width / SECOND),
                second->retries, second->attempts);
    finding_at_most(finding, limits->warn, limits->at_most, missing);
}

static void judge_stretch(const struct state *state, const struct judging *judging,
                          const struct slot *sums, struct finding *finding)
{
    struct stretch stretch = find(state, sums);
    size_t middle = stretch.begins + (stretch.ends - stretch.begins) / 2;
    struct slot first = between(sums, stretch.begins, middle);
    struct slot second = between(sums, middle, stretch.ends);

    if (stretch.begins == stretch.ends)
        finding_unclear(finding, 0, "90 %% of the attempts never failed for 60 s on end");
    else
        conclude(state, judging, &stretch, &first, &second, finding);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    const struct state *state = user;
    struct slot *sums;

    finding->grouped = state->retries ? (double)state->tied / (double)state->retries : 1;
    if (state->failed == 0) {
        finding_unclear(finding, 0, "nothing failed, so there was nothing to try again");
        return;
    }
    if (state->retries == 0) {
        finding_idle(finding, "%llu attempts failed, none was made again",
                     (unsigned long long)state->failed);
        return;
    }
    sums = memory_take((state->count + 1) * sizeof *sums);
    for (size_t i = 0; i < state->count; i++) {
        sums[i + 1] = sums[i];
        add(&sums[i + 1], &state->slots[i]);
    }
    judge_stretch(state, judging, sums, finding);
    free(sums);
}

static void clear(void *user)
{
    by_client_clear(&((struct state *)user)->seen);
}

const struct check check_budget = {
    .name = "budget",
    .title = "Retry budget",
    .asks = "in a long outage the client all but stops retrying",
    .about =
        "The share of attempts that are retries, in the second half of the longest stretch of 60 s "
        "or more in which 90 % of the attempts failed: by then a budget is spent. The attempts "
        "count for fewer where operations have many, as they are not independent. It is "
        "inconclusive without such a stretch; where its first half has fewer than 50 operations "
        "(operations) for each client, the client can pass, but not fail.",
    .pattern = "retry budget",
    .remedy = "keep a token bucket for each client: a retry costs 1, a success earns 0.1",
    .source = "Marc Brooker, Fixing retries with token buckets and circuit breakers, "
              "https://brooker.co.za/blog/2022/02/28/retries.html",
    .group = GROUP_LOAD,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "at-most=10%", [PROFILE_LENIENT] = "at-most=50% warn=20%" },
    .scopes = SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .attempt = take,
    .judge = judge,
    .clear = clear,
};
