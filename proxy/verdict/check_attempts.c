/* check_attempts: how many attempts the client makes at most before it gives up. */
#include "verdict/check.h"
#include "verdict/exceed.h"

/* More attempts than that are a loop, even of a single operation. */
#define LOOP 20

struct limits {
    uint64_t at_most, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, uint64_t, FIELD_COUNT, .name = "at-most", .fallback = "5",
          .least = 1, .most = 60, .main = true,
          .help = "attempts of one operation; more of them fail"),
    FIELD(struct limits, warn, uint64_t, FIELD_COUNT, .name = "warn", .fallback = "3", .least = 1,
          .most = 60, .help = "attempts of one operation; more of them warn"),
    END_OF_FIELDS,
};

struct state {
    struct exceed exceed;
    uint64_t failed, retried, tied;
    struct proofs proofs;
};

/* Where the client stops is seen only where it stops by itself, or goes on too long: who succeeded
 * within the limit might have gone on. */
static void take(void *user, const void *given, const struct operation *operation)
{
    struct state *state = user;
    const struct limits *limits = given;
    uint64_t least = limits->warn < limits->at_most ? limits->warn : limits->at_most;
    bool failed = operation->attempts > 1;

    for (uint32_t i = 0; i < operation->step_count; i++)
        failed = failed || operation->steps[i].failed;
    state->failed += failed;
    state->retried += operation->attempts > 1;
    state->tied += operation->attempts > 1 && operation->tie == TIE_MARK;
    if (operation->close != CLOSE_GAVE_UP && operation->attempts <= least)
        return;
    exceed_take(&state->exceed, operation->attempts, operation->tie != TIE_PRINT);
    if (operation->attempts > least)
        proofs_add_operation(&state->proofs, operation, NULL);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    const struct state *state = user;
    const struct limits *limits = judging->limits;
    uint64_t loop = limits->at_most < LOOP ? LOOP : limits->at_most;

    finding->grouped = state->retried ? (double)state->tied / (double)state->retried : 1;
    finding->proofs = state->proofs;
    if (state->failed == 0)
        finding_unclear(finding, 0, "no operation failed, so there was nothing to try again");
    else if (state->retried == 0)
        finding_idle(finding, "%llu operations failed, none was tried again",
                     (unsigned long long)state->failed);
    else if (state->exceed.operations == 0)
        finding_unclear(finding, EXCEED_LEAST,
                        "no operation failed to its end: where the client stops was not seen");
    else
        exceed_judge(&state->exceed, limits->warn, limits->at_most, loop, judging->alpha, "",
                     finding);
}

const struct check check_attempts = {
    .name = "attempts",
    .title = "Attempts",
    .asks = "the client gives up after a few attempts at the same operation",
    .about =
        "The number of attempts that 99 % of the operations do not exceed (90 % unless nearly all "
        "were tied together by markers), of those that the client gave up or that went beyond the "
        "limit: how long it would have gone on with one that succeeded is not known. It is "
        "inconclusive below 10 such operations; only a single "
        "one of more than 20 attempts fails without others.",
    .pattern = "bounded retries",
    .remedy = "give up after 3 attempts, and tell the caller",
    .source = "Google SRE Book, Handling Overload, https://sre.google/sre-book/handling-overload/",
    .group = GROUP_LOAD,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "at-most=3 warn=3",
                  [PROFILE_LENIENT] = "at-most=10 warn=5",
                  [PROFILE_AWS_SDK] = "at-most=5 warn=4",
                  [PROFILE_BROWSER] = "at-most=5 warn=3",
                  [PROFILE_IOT] = "at-most=10 warn=5" },
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .operation = take,
    .judge = judge,
};
