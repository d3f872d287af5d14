/* check_final_errors: is anything repeated that cannot get better? */
#include <math.h>

#include "base/random.h"
#include "verdict/check.h"
#include "verdict/statistics.h"

struct limits {
    double at_most, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, double, FIELD_SHARE, .name = "at-most", .fallback = "5%",
          .main = true, .help = "share of final answers that are asked for again; beyond it fails"),
    FIELD(struct limits, warn, double, FIELD_SHARE, .name = "warn", .fallback = "1%",
          .help = "share from where it warns"),
    END_OF_FIELDS,
};

/* Answers of late, by client and fingerprint: a later one takes an older one's place. */
enum { PLACES = 1 << 13 };
/* A retry comes within that. */
#define SOON SECOND

/* Of so few good answers nobody knows the client's habits: every other one may be followed by the
 * same again. */
enum { HABIT_FEWEST = 50 };
#define HABIT_WORST 0.5

struct answer {
    uint64_t key;
    usec ended;
    bool final;
};

struct asked {
    uint64_t answers, again;
};

struct state {
    struct answer recent[PLACES];
    struct asked final, good;
    struct proofs proofs;
};

static void note_again(struct state *state, struct answer *before, const struct attempt *attempt)
{
    struct asked *asked = before->final ? &state->final : &state->good;

    if (attempt->began - before->ended > SOON || attempt->began < before->ended)
        return;
    asked->again++;
    if (before->final)
        proofs_add(&state->proofs, attempt, "%lld ms after the same",
                   (long long)((attempt->began - before->ended) / MSEC));
}

static void take(void *user, const void *limits, const struct attempt *attempt,
                 const struct operation *operation)
{
    uint64_t key = random_join(attempt->print, attempt->client);
    struct state *state = user;
    struct answer *answer = &state->recent[key % PLACES];

    (void)limits;
    (void)operation;
    if (!attempt->print || attempt->client == HISTORY_NOBODY)
        return;
    if (answer->key == key)
        note_again(state, answer, attempt);
    if (!attempt->final && !attempt->ok)
        return;
    *answer = (struct answer){ key, attempt->ended, attempt->final };
    state->final.answers += attempt->final;
    state->good.answers += attempt->ok;
}

/* Beyond what the client asks for again after good answers. */
static struct bound excess(const struct state *state, double alpha)
{
    struct bound final = statistics_share(state->final.again, state->final.answers, alpha / 2),
                 good = statistics_share(state->good.again, state->good.answers, alpha / 2);

    if (state->good.answers < HABIT_FEWEST) {
        good.low = 0;
        good.high = fmin(good.high, HABIT_WORST);
    }
    final.low = fmax(0, final.low - good.high);
    final.high = fmax(0, final.high - good.low);
    final.value = fmax(0, final.value - good.value);
    return final;
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    uint64_t finals = state->final.answers, until;
    struct bound bound;

    if (finals == 0) {
        finding_unclear(finding, statistics_needed_below(limits->at_most, judging->alpha),
                        "no answer was final: there was no 400, 403, 404 or the like");
        return;
    }
    bound = excess(state, judging->alpha);
    until = statistics_share_until(state->final.again, finals, limits->at_most, judging->alpha);
    finding_measure(finding, UNIT_SHARE, bound.value, finals, "final answers");
    finding_bounds(finding, bound.low, bound.high);
    finding->proofs = state->proofs;
    finding_say(finding,
                "%llu of %llu final answers (4xx) were asked for again within 1 s, and %llu of "
                "%llu good ones",
                (unsigned long long)state->final.again, (unsigned long long)finals,
                (unsigned long long)state->good.again, (unsigned long long)state->good.answers);
    finding_at_most(finding, limits->warn, limits->at_most,
                    until > finals && until != UINT64_MAX ? until - finals : 0);
}

const struct check check_final_errors = {
    .name = "final-errors",
    .title = "Final errors",
    .asks = "an answer that another attempt will not change is not asked for again",
    .about = "Equal requests sent again within 1 s of an answer that is final: 4xx but 408, 425, "
             "429 and throttling, and 501 and 505; less the share of good answers after which the "
             "same client asks as soon. Bounds of both shares are exact.",
    .pattern = "retry only what may pass",
    .remedy = "repeat 408, 425, 429, 500, 502, 503, 504 and broken connections, and nothing else",
    .source = "Amazon Builders' Library, Timeouts, retries and backoff with jitter, "
              "https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/",
    .group = GROUP_SAFETY,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "at-most=1% warn=0.5%" },
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .calm = true,
    .attempt = take,
    .judge = judge,
};
