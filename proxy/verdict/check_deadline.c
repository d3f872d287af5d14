/* check_deadline: for how long does the client go on with one operation? */
#include "verdict/check.h"
#include "verdict/statistics.h"
#include "verdict/values.h"

/* Of so many operations out of ten, time is judged: single ones may be late for reasons that the
 * wire does not show. */
#define MOST 0.9

struct limits {
    usec at_most, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, usec, FIELD_DURATION, .name = "at-most", .fallback = "60s",
          .main = true, .clock = CLOCK_WALL,
          .help = "from the first attempt to the end of the last, for nine of ten operations; "
                  "beyond it fails"),
    FIELD(struct limits, warn, usec, FIELD_DURATION, .name = "warn", .fallback = "60s",
          .clock = CLOCK_WALL, .help = "time from where it warns"),
    END_OF_FIELDS,
};

struct state {
    struct values times; /* seconds */
    uint64_t several, tied;
    struct proofs proofs;
};

static void take(void *user, const void *given, const struct operation *operation)
{
    const struct limits *limits = given;
    struct state *state = user;
    usec took = operation->ended - operation->began;

    /* One that is still going on counts where it is late already. */
    if (!operation->touched || (operation->close == CLOSE_OPEN && took <= limits->at_most))
        return;
    values_add(&state->times, (double)took / (double)SECOND);
    state->several += operation->attempts > 1;
    state->tied += operation->attempts > 1 && operation->tie == TIE_MARK;
    if (took > limits->at_most)
        proofs_add_operation(&state->proofs, operation, NULL);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    struct bound bound;

    if (state->times.seen == 0) {
        finding_unclear(finding, 0, "no operation that faults had hit came to its end");
        return;
    }
    bound =
        statistics_quantile(values_sorted(&state->times), state->times.count, MOST, judging->alpha);
    finding_measure(finding, UNIT_TIME, bound.value, state->times.seen, "operations");
    finding_bounds(finding, bound.low, bound.high);
    finding->grouped = state->several ? (double)state->tied / (double)state->several : 1;
    finding->proofs = state->proofs;
    finding_say(finding,
                "nine of ten operations that faults had hit were over after %.3g s, the "
                "longest after %.3g s",
                bound.value, state->times.items[state->times.count - 1]);
    finding_at_most(finding, (double)limits->warn / (double)SECOND,
                    (double)limits->at_most / (double)SECOND,
                    bound.needed > state->times.seen ? bound.needed - state->times.seen : 0);
}

static void clear(void *user)
{
    values_clear(&((struct state *)user)->times);
}

const struct check check_deadline = {
    .name = "deadline",
    .title = "Deadline",
    .asks = "an operation comes to its end, good or bad, while somebody still waits for it",
    .about = "The time from the beginning of the first attempt to the end of the last, of "
             "operations that faults had hit: the time that nine of ten stay within, in exact "
             "bounds of order statistics.",
    .pattern = "deadline",
    .remedy = "give each operation one deadline, and pass what is left of it to each attempt",
    .source = "Google SRE Book, Addressing Cascading Failures (Latency and Deadlines), "
              "https://sre.google/sre-book/addressing-cascading-failures/",
    .group = GROUP_PATIENCE,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "at-most=30s warn=30s",
                  [PROFILE_LENIENT] = "at-most=120s warn=60s",
                  [PROFILE_BROWSER] = "at-most=30s warn=10s",
                  [PROFILE_IOT] = "at-most=5m warn=2m" },
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .operation = take,
    .judge = judge,
    .clear = clear,
};
