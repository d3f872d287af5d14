/* check_final_errors: is anything repeated that cannot get better? */
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

struct state {
    uint64_t finals, repeated;
    struct proofs proofs;
};

static bool is_final(const struct step *step)
{
    return step->end == ATTEMPT_ANSWERED && !step->ok && !step->failed;
}

static void take(void *user, const void *limits, const struct attempt *attempt,
                 const struct operation *operation)
{
    struct state *state = user;

    (void)limits;
    state->finals += attempt->final;
    if (attempt->index == 0 || attempt->index >= operation->step_count ||
        !is_final(&operation->steps[attempt->index - 1]))
        return;
    state->repeated++;
    proofs_add(&state->proofs, attempt, "after a %u", operation->steps[attempt->index - 1].status);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    struct bound bound;
    uint64_t until;

    if (state->finals == 0) {
        finding_unclear(finding, statistics_needed_below(limits->at_most, judging->alpha),
                        "no answer was final: there was no 400, 403, 404 or the like");
        return;
    }
    bound = statistics_share(state->repeated, state->finals, judging->alpha);
    until = statistics_share_until(state->repeated, state->finals, limits->at_most, judging->alpha);
    finding_measure(finding, UNIT_SHARE, bound.value, state->finals, "final answers");
    finding_bounds(finding, bound.low, bound.high);
    finding->proofs = state->proofs;
    finding_say(finding, "%llu of %llu final answers (4xx) were asked for again within 5 s",
                (unsigned long long)state->repeated, (unsigned long long)state->finals);
    finding_at_most(finding, limits->warn, limits->at_most,
                    until > state->finals && until != UINT64_MAX ? until - state->finals : 0);
}

const struct check check_final_errors = {
    .name = "final-errors",
    .title = "Final errors",
    .asks = "an answer that another attempt will not change is not asked for again",
    .about = "Equal requests sent again within 5 s of an answer that is final: 4xx but 408, 425, "
             "429 and throttling, and 501 and 505. Bounds of the share are exact.",
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
