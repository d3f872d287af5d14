/* check_token_storm: does a failing server make clients ask for new tokens? */
#include "verdict/by_client.h"
#include "verdict/check.h"
#include "verdict/paths.h"
#include "verdict/statistics.h"

struct limits {
    double at_most, warn;
    usec within;
    struct text paths;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, double, FIELD_FACTOR, .name = "at-most", .fallback = "x2",
          .main = true, .help = "tokens asked for, of those in the calm; beyond it fails"),
    FIELD(struct limits, warn, double, FIELD_FACTOR, .name = "warn", .fallback = "x1.5",
          .help = "tokens asked for, of those in the calm, from where it warns"),
    FIELD(struct limits, within, usec, FIELD_DURATION, .name = "within", .fallback = "60s",
          .clock = CLOCK_WALL, .help = "how long after a failure a request is put down to it"),
    FIELD(struct limits, paths, struct text, FIELD_TEXT, .name = "paths",
          .fallback = "**/token **/token/** **/oauth/access_token** **/login** **/signin**",
          .help = "patterns of the paths that give tokens, separated by blanks"),
    END_OF_FIELDS,
};

struct state {
    struct paths paths;
    struct by_client since, failed; /* ends of failures, not too far apart: the first, the last */
    uint64_t storm, calm;           /* tokens asked for: after failures, before the first */
    uint64_t attempts, peaceful;    /* first attempts at all else: likewise */
    struct proofs proofs;
};

static bool is_upset(const struct state *state, const struct limits *limits,
                     const struct attempt *attempt)
{
    usec failed = by_client_get(&state->failed, attempt->client);

    return failed != NEVER && attempt->began >= by_client_get(&state->since, attempt->client) &&
           attempt->began - failed <= limits->within;
}

static void note_failure(struct state *state, const struct limits *limits,
                         const struct attempt *attempt)
{
    usec failed = by_client_get(&state->failed, attempt->client);

    if (failed == NEVER || attempt->ended - failed > limits->within)
        by_client_set(&state->since, attempt->client, attempt->ended);
    by_client_set(&state->failed, attempt->client, attempt->ended);
}

static void take(void *user, const void *given, const struct attempt *attempt,
                 const struct operation *operation)
{
    const struct limits *limits = given;
    struct state *state = user;
    bool token = attempt->method_class == METHOD_UNSAFE &&
                 paths_match(&state->paths, limits->paths, attempt);
    bool upset = is_upset(state, limits, attempt);

    (void)operation;
    if (token) {
        state->storm += upset;
        state->calm += !upset;
    } else if (attempt->index == 0) {
        state->attempts += upset;
        state->peaceful += !upset;
    }
    if (token && upset)
        proofs_add(&state->proofs, attempt, "after a failure, and without a 401");
    if (attempt->failed && attempt->touched != 0)
        note_failure(state, limits, attempt);
    else if (attempt->status == 401)
        by_client_set(&state->failed, attempt->client, NEVER);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    struct bound bound;

    if (state->attempts == 0) {
        finding_unclear(finding, 0, "no request followed a failure");
        return;
    }
    if (state->storm == 0) {
        finding_idle(finding, "no token was asked for after a failure, in %llu requests",
                     (unsigned long long)state->attempts);
        return;
    }
    if (state->peaceful == 0) {
        finding_unclear(finding, 0, "there was no calm to compare with");
        return;
    }
    bound = statistics_rate_ratio(state->storm, (double)state->attempts, state->calm,
                                  (double)state->peaceful, judging->alpha);
    finding_measure(finding, UNIT_FACTOR, bound.value, state->storm, "requests for tokens");
    finding_bounds(finding, bound.low, bound.high);
    finding->proofs = state->proofs;
    finding_say(finding,
                "%llu tokens asked for with %llu requests after failures; %llu with %llu otherwise",
                (unsigned long long)state->storm, (unsigned long long)state->attempts,
                (unsigned long long)state->calm, (unsigned long long)state->peaceful);
    finding_at_most(finding, limits->warn, limits->at_most, 0);
}

static void clear(void *user)
{
    by_client_clear(&((struct state *)user)->since);
    by_client_clear(&((struct state *)user)->failed);
}

const struct check check_token_storm = {
    .name = "token-storm",
    .title = "Token storms",
    .asks = "clients do not ask for new tokens because a server fails",
    .about = "Requests for tokens (unsafe methods, by their path) for each other request, within "
             "60 s of a failure of the same client without a 401, and otherwise. Bounds of the "
             "ratio of the two rates are exact (Przyborowski and Wilenski 1940).",
    .pattern = "keep the token until it expires or a 401 comes",
    .remedy = "do not refresh credentials on 5xx or time-outs; back off at the token service, too",
    .source = "RFC 6749, 5.2 and 6, https://www.rfc-editor.org/rfc/rfc6749#section-6",
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
