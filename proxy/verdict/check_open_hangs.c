/* check_open_hangs: does the client wait for ever? */
#include "verdict/check.h"

struct limits {
    uint64_t at_most, samples;
    usec patience;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, uint64_t, FIELD_COUNT, .name = "at-most", .fallback = "0",
          .main = true, .help = "hung requests that are never given up; more of them fail"),
    FIELD(struct limits, patience, usec, FIELD_DURATION, .name = "patience", .fallback = "2m",
          .clock = CLOCK_WALL, .help = "what has been open for so long counts as never given up"),
    FIELD(struct limits, samples, uint64_t, FIELD_COUNT, .name = "samples", .fallback = "5",
          .least = 1, .help = "hung requests that must be given up before it passes"),
    END_OF_FIELDS,
};

struct state {
    uint64_t open, left, unknown;
    struct proofs proofs;
};

static void take(void *user, const void *given, const struct attempt *attempt,
                 const struct operation *operation)
{
    const struct limits *limits = given;
    struct state *state = user;
    usec waited = attempt->ended - attempt->began;

    (void)operation;
    if (!(attempt->touched & TOUCH_HANG))
        return;
    if (attempt->end == ATTEMPT_LEFT && waited < limits->patience) {
        state->left++;
    } else if (waited < limits->patience) {
        state->unknown++;
    } else {
        state->open++;
        proofs_add(&state->proofs, attempt, "open for %.0f s", (double)waited / (double)SECOND);
    }
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    uint64_t known = state->open + state->left;

    if (known == 0) {
        finding_unclear(finding, limits->samples,
                        state->unknown > 0 ? "hangs ended before the client gave any up"
                                           : "no request was left without an answer");
        return;
    }
    finding_measure(finding, UNIT_COUNT, (double)state->open, known, "hung requests");
    finding->proofs = state->proofs;
    finding_say(finding, "%llu of %llu hung requests were never given up",
                (unsigned long long)state->open, (unsigned long long)known);
    finding_at_most(finding, (double)limits->at_most, (double)limits->at_most, 0);
    if (finding->outcome == OUTCOME_PASS && state->left < limits->samples)
        finding_unclear(finding, limits->samples - state->left,
                        "only %llu hung requests were given up", (unsigned long long)state->left);
}

const struct check check_open_hangs = {
    .name = "open-hangs",
    .title = "Open hangs",
    .asks = "no request stays open for good",
    .about = "Requests that a fault left without an answer and that were still open after two "
             "minutes, whether the hang ended by itself, the run did, or the client gave up later. "
             "Hangs that ended sooner say nothing.",
    .pattern = "time-out",
    .remedy = "set a time-out for each attempt, and one for the whole operation",
    .source = "Amazon Builders' Library, Timeouts, retries and backoff with jitter, "
              "https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/",
    .group = GROUP_PATIENCE,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_LENIENT] = "patience=5m", [PROFILE_IOT] = "patience=5m" },
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .attempt = take,
    .judge = judge,
};
