/* check_retry_after_herd: whether clients that were all asked to wait come back all at once. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "verdict/check.h"
#include "verdict/gaps.h"
#include "verdict/sure.h"

/* Clients below which there is no herd. */
#define LEAST 10
/* Too early by no more than that is the clock's fault. */
#define CLOCK (50 * MSEC)
/* Sharp: within so much of the time asked for, after it. */
#define SHARP 0.05

struct limits {
    double at_most, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, double, FIELD_SHARE, .name = "at-most", .fallback = "60%",
          .most = 1, .main = true, .help = "of the clients come back sharp; more fail"),
    FIELD(struct limits, warn, double, FIELD_SHARE, .name = "warn", .fallback = "30%", .most = 1,
          .help = "of the clients come back sharp; more warn"),
    END_OF_FIELDS,
};

struct party {
    uint32_t waited, sharp; /* retries that came when the time was over; … right then */
};

struct state {
    uint64_t asked, waited, tied;
    struct party *parties; /* by client */
    size_t count;
    struct proofs proofs;
};

static struct party *party_of(struct state *state, uint32_t client)
{
    if (client >= state->count) {
        size_t count = client + (size_t)client / 2 + 16;

        state->parties = memory_grow(state->parties, count * sizeof *state->parties);
        memset(state->parties + state->count, 0, (count - state->count) * sizeof *state->parties);
        state->count = count;
    }
    return &state->parties[client];
}

static void take(void *user, const void *limits, const struct attempt *attempt,
                 const struct operation *operation)
{
    struct state *state = user;
    const struct step *before;
    struct party *party;
    usec late, sharp;

    (void)limits;
    state->asked += !attempt->ok && attempt->retry_after != NEVER;
    if (attempt->client == HISTORY_NOBODY || attempt->index == 0 ||
        attempt->index > operation->step_count)
        return;
    before = &operation->steps[attempt->index - 1];
    if (before->ok || before->retry_after == NEVER)
        return;
    late = attempt->began - usec_after(before->ended, before->retry_after);
    if (late < -CLOCK)
        return;
    sharp = usec_max((usec)((double)before->retry_after * SHARP), CLOCK);
    party = party_of(state, attempt->client);
    party->waited++;
    state->waited++;
    state->tied += operation->tie == TIE_MARK;
    if (late > sharp)
        return;
    party->sharp++;
    proofs_add(&state->proofs, attempt, "%s after the time to wait was over",
               gap_words((double)usec_max(late, 0) / (double)SECOND).text);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    const struct state *state = user;
    const struct limits *limits = judging->limits;
    uint64_t clients = 0, sharp = 0;
    struct bound bound;

    for (size_t i = 0; i < state->count; i++) {
        clients += state->parties[i].waited > 0;
        sharp += 2 * state->parties[i].sharp > state->parties[i].waited;
    }
    bound = sure_at_most(statistics_share(sharp, clients, judging->alpha),
                         statistics_share(sharp, clients, SURE_MISS));
    finding->grouped = state->waited ? (double)state->tied / (double)state->waited : 1;
    finding->proofs = state->proofs;
    if (state->asked == 0) {
        finding_unclear(finding, 0, "no answer asked a client to wait");
    } else if (clients == 0) {
        finding_idle(finding, "%llu answers asked to wait; nobody came back when the time was over",
                     (unsigned long long)state->asked);
    } else if (clients < LEAST) {
        finding_unclear(finding, LEAST - clients,
                        "%llu clients came back after they had waited, and a herd takes %d",
                        (unsigned long long)clients, LEAST);
    } else {
        finding_measure(finding, UNIT_SHARE, bound.value, clients, "clients");
        finding_bounds(finding, bound.low, bound.high);
        finding_say(
            finding,
            "%llu of %llu clients came back within 5 %% of the time they were asked to wait",
            (unsigned long long)sharp, (unsigned long long)clients);
        finding_at_most(
            finding, limits->warn, limits->at_most,
            sure_missing(statistics_share_until(sharp, clients, limits->at_most, judging->alpha),
                         clients));
    }
}

static void clear(void *user)
{
    free(((struct state *)user)->parties);
}

const struct check check_retry_after_herd = {
    .name = "retry-after-herd",
    .title = "Retry-After herd",
    .asks = "clients that were asked to wait do not all come back at the same moment",
    .about =
        "Of the clients that waited as long as Retry-After asked, the share that came back sharp: "
        "most of their retries within 5 % of that time (or 50 ms) after it was over. Retries that "
        "came too early are the matter of retry-after. It is inconclusive where no answer asked to "
        "wait, or fewer than 10 clients did.",
    .pattern = "jitter on top of Retry-After",
    .remedy = "add a random pause to Retry-After, only ever upward: 10 to 50 % of it",
    .source = "Google SRE Book, Addressing Cascading Failures, "
              "https://sre.google/sre-book/addressing-cascading-failures/",
    .group = GROUP_PACE,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "at-most=30%", [PROFILE_LENIENT] = "at-most=90% warn=60%" },
    .scopes = SCOPE_PHASE | SCOPE_SERVICE,
    .state_size = sizeof(struct state),
    .attempt = take,
    .judge = judge,
    .clear = clear,
};
