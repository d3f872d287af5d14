/* check_final_errors: is anything repeated that cannot get better? */
#include <math.h>

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

/* Final answers of late, by client and fingerprint: a later one takes an older one's place. */
enum { PLACES = 1 << 13 };
/* A retry comes within SOON. What comes between CALM and LATE is what the client asks anyway. */
#define SOON SECOND
#define CALM (2 * SECOND)
#define LATE (8 * SECOND)

struct answer {
    uint64_t key, mark;
    usec ended;
};

struct state {
    struct answer recent[PLACES];
    uint64_t answers; /* that were final */
    uint64_t soon, later;
    double exposure; /* seconds between CALM and LATE in which nothing had been asked again yet */
    struct proofs proofs;
};

static void note_again(struct state *state, const struct answer *before,
                       const struct attempt *attempt)
{
    usec gap = attempt->began - before->ended;

    if (gap < 0 || gap >= LATE || (attempt->distinct && before->mark != attempt->mark))
        return;
    /* Six seconds were counted beforehand. */
    state->exposure -= (double)(LATE - usec_max(gap, CALM)) / (double)SECOND;
    state->later += gap >= CALM;
    if (gap > SOON)
        return;
    state->soon++;
    proofs_add(&state->proofs, attempt, "%lld ms after the same", (long long)(gap / MSEC));
}

static void take(void *user, const void *limits, const struct attempt *attempt,
                 const struct operation *operation)
{
    uint64_t key = attempt->pair;
    struct state *state = user;
    struct answer *answer = &state->recent[key / 2 % PLACES];

    (void)limits;
    (void)operation;
    if (!attempt->final && state->answers == 0) /* nothing to come again */
        return;
    if (!attempt->print || attempt->client == HISTORY_NOBODY)
        return;
    if (answer->key == key) {
        note_again(state, answer, attempt);
        answer->key = 0;
    }
    if (!attempt->final)
        return;
    *answer = (struct answer){ key, attempt->mark, attempt->ended };
    state->answers++;
    state->exposure += (double)(LATE - CALM) / (double)SECOND;
}

/* Beyond what the client asks for anyway, as seconds later show. */
static struct bound excess(const struct state *state, double alpha)
{
    struct bound soon = statistics_share(state->soon, state->answers, alpha / 2),
                 later = statistics_rate(state->later, fmax(state->exposure, 1), alpha / 2);

    soon.low = fmax(0, soon.low - later.high);
    soon.high = fmax(0, soon.high - later.low);
    soon.value = fmax(0, soon.value - later.value);
    return soon;
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    uint64_t finals = state->answers, until;
    struct bound bound;

    if (finals == 0) {
        finding_unclear(finding, statistics_needed_below(limits->at_most, judging->alpha),
                        "no answer was final: there was no 400, 403, 404 or the like");
        return;
    }
    bound = excess(state, judging->alpha);
    until = statistics_share_until(state->soon, finals, limits->at_most, judging->alpha);
    finding_measure(finding, UNIT_SHARE, bound.value, finals, "final answers");
    finding_bounds(finding, bound.low, bound.high);
    finding->proofs = state->proofs;
    finding_say(finding,
                "%llu of %llu final answers (4xx) were asked for again within 1 s, and %llu from "
                "2 to 8 s later",
                (unsigned long long)state->soon, (unsigned long long)finals,
                (unsigned long long)state->later);
    finding_at_most(finding, limits->warn, limits->at_most,
                    until > finals && until != UINT64_MAX ? until - finals : 0);
}

const struct check check_final_errors = {
    .name = "final-errors",
    .title = "Final errors",
    .asks = "an answer that another attempt will not change is not asked for again",
    .about = "Equal requests of one client within 1 s of an answer that is final: 4xx but 408, "
             "425, 429 and throttling, and 501 and 505. What the client asks for again of its own "
             "accord is taken off: that goes on at the same rate from 2 to 8 s after. Bounds of "
             "share and rate are exact.",
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
