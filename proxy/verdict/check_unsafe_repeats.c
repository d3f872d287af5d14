/* check_unsafe_repeats: is anything done twice that must be done once? */
#include "verdict/check.h"

struct limits {
    uint64_t at_most, samples;
    bool sdk_calls;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, uint64_t, FIELD_COUNT, .name = "at-most", .fallback = "0",
          .main = true, .help = "repeated operations; more of them fail"),
    FIELD(struct limits, samples, uint64_t, FIELD_COUNT, .name = "samples", .fallback = "5",
          .least = 1, .help = "operations that must have failed in doubt before it passes"),
    FIELD(struct limits, sdk_calls, bool, FIELD_FLAG, .name = "sdk-calls", .fallback = "no",
          .help = "calls that an AWS SDK marks as one may be repeated: it knows its API"),
    END_OF_FIELDS,
};

struct state {
    uint64_t doubtful; /* operations that may have been done, and nobody can know */
    uint64_t repeated; /* … of which were sent again */
    uint64_t keyed;    /* repeated with a key: no harm */
    uint64_t tied;
    uint64_t harmless; /* in doubt as well, but safe to send again */
    bool has_unsafe;
    struct proofs proofs;
};

/* It was sent, and the answer does not say what became of it. What never got there is not. */
static bool is_doubtful(const struct step *step)
{
    if (step->touched & (TOUCH_DIAL | TOUCH_TLS | TOUCH_CERTIFICATE))
        return false;
    if (step->end == ATTEMPT_BROKEN || step->end == ATTEMPT_LEFT)
        return true;
    return step->status == 500 || step->status == 502 || step->status == 504;
}

static const struct step *first_doubtful(const struct operation *operation)
{
    for (uint32_t i = 0; i < operation->step_count; i++)
        if (is_doubtful(&operation->steps[i]))
            return &operation->steps[i];
    return NULL;
}

static void take(void *user, const void *given, const struct operation *operation)
{
    const struct limits *limits = given;
    const struct step *step = first_doubtful(operation);
    struct state *state = user;
    bool again = step && step + 1 < operation->steps + operation->step_count;

    state->has_unsafe |= operation->method_class == METHOD_UNSAFE;
    state->harmless += step && operation->method_class != METHOD_UNSAFE;
    if (operation->method_class != METHOD_UNSAFE || !step || operation->repeatable ||
        (limits->sdk_calls && operation->sdk_call))
        return;
    if (step->key != 0) {
        state->keyed += again;
        return;
    }
    state->doubtful++;
    if (!again)
        return;
    state->repeated++;
    state->tied += operation->tie == TIE_MARK;
    proofs_add_operation(&state->proofs, operation, "no idempotency key");
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;

    if (state->doubtful == 0) {
        if (state->keyed > 0)
            finding_idle(finding, "%llu operations were repeated, all with an idempotency key",
                         (unsigned long long)state->keyed);
        else if (!state->has_unsafe && state->harmless >= limits->samples)
            finding_idle(finding,
                         "the client sent no POST or PATCH, and %llu others failed in doubt",
                         (unsigned long long)state->harmless);
        else
            finding_unclear(
                finding, limits->samples,
                "no POST or PATCH without a key failed such that it may have been done");
        return;
    }
    finding_measure(finding, UNIT_COUNT, (double)state->repeated, state->doubtful, "operations");
    finding->grouped = state->repeated > 0 ? (double)state->tied / (double)state->repeated : 1;
    finding->proofs = state->proofs;
    finding_say(finding,
                "%llu of %llu unsafe operations that may have been done were sent again, without "
                "an idempotency key",
                (unsigned long long)state->repeated, (unsigned long long)state->doubtful);
    finding_at_most(finding, (double)limits->at_most, (double)limits->at_most, 0);
    if (finding->outcome == OUTCOME_PASS && state->doubtful < limits->samples)
        finding_unclear(finding, limits->samples - state->doubtful,
                        "only %llu unsafe operations failed in doubt",
                        (unsigned long long)state->doubtful);
}

const struct check check_unsafe_repeats = {
    .name = "unsafe-repeats",
    .title = "Unsafe repeats",
    .asks = "what may have been done already is not sent again, unless a key makes it safe",
    .about =
        "Operations with POST, PATCH and other methods that RFC 9110 does not call idempotent, "
        "whose attempt was reset, hung, cut off, or answered with 500, 502 or 504, so that nobody "
        "knows whether it was done, and which were sent again without an Idempotency-Key. What "
        "never reached the service (refused connections, failed handshakes) and what it turned "
        "away (425, 429, 503) may be sent again. A service of the scenario that says repeatable: "
        "yes is left out. It is inconclusive until enough operations have failed in doubt, or "
        "enough "
        "others of a client that sends nothing unsafe.",
    .pattern = "idempotency key",
    .remedy = "send an Idempotency-Key with each POST, or do not repeat it",
    .source = "RFC 9110, 9.2.2, https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2",
    .group = GROUP_SAFETY,
    .gate = true,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_AWS_SDK] = "sdk-calls=yes" },
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .operation = take,
    .judge = judge,
};
