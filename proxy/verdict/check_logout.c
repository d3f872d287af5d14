/* check_logout: does a failing server cost its user the session? */
#include <string.h>

#include "verdict/by_client.h"
#include "verdict/check.h"
#include "verdict/paths.h"
#include "verdict/statistics.h"

struct limits {
    uint64_t at_most, samples;
    usec within;
    struct text paths;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, uint64_t, FIELD_COUNT, .name = "at-most", .fallback = "0",
          .main = true, .help = "log-outs after a failure; more of them fail"),
    FIELD(struct limits, samples, uint64_t, FIELD_COUNT, .name = "samples", .fallback = "20",
          .least = 1, .help = "failures that it takes before it passes"),
    FIELD(struct limits, within, usec, FIELD_DURATION, .name = "within", .fallback = "30s",
          .clock = CLOCK_WALL, .help = "how long after a failure a log-out is put down to it"),
    FIELD(struct limits, paths, struct text, FIELD_TEXT, .name = "paths",
          .fallback = "**/logout** **/log-out** **/signout** **/sign-out** **/revoke** "
                      "**/revocation**",
          .help = "patterns of the paths that end a session, separated by blanks"),
    END_OF_FIELDS,
};

struct state {
    struct paths paths;
    struct by_client failed; /* when its last failure ended */
    uint64_t failures, after, calm, calm_attempts, attempts;
    struct proofs proofs;
};

/* 5xx and broken connections say nothing about who the user is; a 401 does. */
static bool says_nothing(const struct attempt *attempt)
{
    return attempt->failed && attempt->touched != 0;
}

static void take(void *user, const void *given, const struct attempt *attempt,
                 const struct operation *operation)
{
    const struct limits *limits = given;
    struct state *state = user;
    usec failed = by_client_get(&state->failed, attempt->client);

    (void)operation;
    if (paths_match(&state->paths, limits->paths, attempt) && attempt->index == 0) {
        bool blamed = failed != NEVER && attempt->began >= failed &&
                      attempt->began - failed <= limits->within;

        state->after += blamed;
        state->calm += failed == NEVER;
        if (blamed)
            proofs_add(&state->proofs, attempt, "%.1f s after a failure",
                       (double)(attempt->began - failed) / (double)SECOND);
    }
    state->calm_attempts += failed == NEVER;
    state->attempts += failed != NEVER;
    if (says_nothing(attempt)) {
        state->failures++;
        by_client_set(&state->failed, attempt->client, attempt->ended);
    } else if (attempt->status == 401) {
        by_client_set(&state->failed, attempt->client, NEVER); /* that is reason enough */
    }
}

/* A client that logs out now and then anyway may do so after a failure, too. */
static bool is_usual(const struct state *state, double alpha)
{
    struct bound ratio = statistics_rate_ratio(state->after, (double)state->attempts, state->calm,
                                               (double)state->calm_attempts, alpha);

    return state->calm > 0 && ratio.low <= 1;
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;

    if (state->failures == 0) {
        finding_unclear(finding, limits->samples, "no request failed by a fault");
        return;
    }
    finding_measure(finding, UNIT_COUNT, (double)state->after, state->failures, "failures");
    finding->proofs = state->proofs;
    finding_say(finding, "%llu log-outs soon after one of %llu failures",
                (unsigned long long)state->after, (unsigned long long)state->failures);
    finding_at_most(finding, (double)limits->at_most, (double)limits->at_most, 0);
    if (finding->outcome == OUTCOME_FAIL && is_usual(state, judging->alpha))
        finding_unclear(finding, 0, "the client logs out as often when all is well");
    if (finding->outcome == OUTCOME_PASS && state->failures < limits->samples)
        finding_unclear(finding, limits->samples - state->failures, "only %llu requests failed",
                        (unsigned long long)state->failures);
}

static void clear(void *user)
{
    by_client_clear(&((struct state *)user)->failed);
}

const struct check check_logout = {
    .name = "logout",
    .title = "Log-outs",
    .asks = "a failing server does not cost the user the session",
    .about = "Requests that end a session (by their path) within 30 s of a 5xx, a time-out or a "
             "broken connection of the same client, with no 401 between. A client that logs out as "
             "often in the calm before is not blamed.",
    .pattern = "keep the session through an outage",
    .remedy = "treat 401 alone as the end of a session; a 5xx says nothing about the user",
    .source = "Tesla, 19 November 2021: owners were locked out by 500s; RFC 6750, 3.1, "
              "https://www.rfc-editor.org/rfc/rfc6750#section-3.1",
    .group = GROUP_SAFETY,
    .gate = true,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .calm = true,
    .attempt = take,
    .judge = judge,
    .clear = clear,
};
