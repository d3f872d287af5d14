/* check_hot_loop: whether the client repeats a request so fast that it is a loop. */
#include "verdict/check.h"
#include "verdict/exceed.h"

struct limits {
    uint64_t at_most, warn, loop;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, uint64_t, FIELD_COUNT, .name = "at-most", .fallback = "5",
          .least = 1, .most = 60, .main = true,
          .help = "attempts of one operation within a second; more of them fail"),
    FIELD(struct limits, warn, uint64_t, FIELD_COUNT, .name = "warn", .fallback = "3", .least = 1,
          .most = 60, .help = "attempts of one operation within a second; more of them warn"),
    FIELD(struct limits, loop, uint64_t, FIELD_COUNT, .name = "loop", .fallback = "20", .least = 1,
          .most = 1000, .help = "so many within a second fail even once"),
    END_OF_FIELDS,
};

struct state {
    struct exceed exceed;
    uint64_t failed, tied;
    struct proofs proofs;
};

/* Of the attempts that are kept one by one, the most that began within a second; of those past
 * them, no more is known than that they were not fewer than on average. */
static uint64_t fastest(const struct operation *operation)
{
    const struct step *steps = operation->steps;
    uint64_t most = 1;

    for (uint32_t first = 0, last = 0; last < operation->step_count; last++) {
        while (steps[last].began - steps[first].began >= SECOND)
            first++;
        most = last - first + 1 > most ? last - first + 1 : most;
    }
    if (operation->attempts > operation->step_count) {
        usec lasted = operation->ended - steps[operation->step_count - 1].ended;
        uint64_t seconds = lasted > 0 ? (uint64_t)lasted / (uint64_t)SECOND + 1 : 1;
        uint64_t mean = (operation->attempts - operation->step_count) / seconds;

        most = mean > most ? mean : most;
    }
    return most;
}

static void take(void *user, const void *given, const struct operation *operation)
{
    struct state *state = user;
    const struct limits *limits = given;
    bool failed = operation->attempts > 1;
    uint64_t most;

    for (uint32_t i = 0; i < operation->step_count; i++)
        failed = failed || operation->steps[i].failed;
    state->failed += failed;
    if (operation->attempts < 2)
        return;
    most = fastest(operation);
    exceed_take(&state->exceed, most, operation->tie != TIE_PRINT);
    state->tied += operation->tie == TIE_MARK;
    if (most > limits->warn)
        proofs_add_operation(&state->proofs, operation, "%llu of them within a second",
                             (unsigned long long)most);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    const struct state *state = user;
    const struct limits *limits = judging->limits;
    uint64_t retried = state->exceed.operations;

    finding->grouped = retried ? (double)state->tied / (double)retried : 1;
    finding->proofs = state->proofs;
    if (state->failed == 0)
        finding_unclear(finding, 0, "no operation failed, so there was nothing to try again");
    else if (retried == 0)
        finding_idle(finding, "%llu operations failed, none was tried again",
                     (unsigned long long)state->failed);
    else
        exceed_judge(&state->exceed, limits->warn, limits->at_most, limits->loop, judging->alpha,
                     " within a second", finding);
}

const struct check check_hot_loop = {
    .name = "hot-loop",
    .title = "Hot loops",
    .asks = "the client does not repeat a request many times within a second",
    .about =
        "For each operation that was tried again, the most attempts that began within one second; "
        "then the number that 99 % of these operations do not exceed. One short gap is no loop: "
        "SDKs begin with 25 to 50 ms. It is inconclusive below 10 operations that were tried "
        "again; only a single one of more than 20 attempts within a second (loop) fails without "
        "others.",
    .pattern = "exponential back-off",
    .remedy = "pause before each retry, from 50 ms or more up, and give up after 3 attempts",
    .source = "Amazon Builders' Library, Timeouts, retries and backoff with jitter, "
              "https://aws.amazon.com/builders-library/"
              "timeouts-retries-and-backoff-with-jitter/",
    .group = GROUP_PACE,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "at-most=3 warn=3",
                  [PROFILE_LENIENT] = "at-most=10 warn=5",
                  [PROFILE_AWS_SDK] = "warn=4",
                  [PROFILE_IOT] = "at-most=3 warn=2" },
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .operation = take,
    .judge = judge,
};
