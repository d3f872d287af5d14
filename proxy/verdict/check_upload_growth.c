/* check_upload_growth: does the client send more for each request while things fail? */
#include <math.h>

#include "verdict/check.h"
#include "verdict/statistics.h"
#include "verdict/values.h"

struct limits {
    double at_most, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, double, FIELD_FACTOR, .name = "at-most", .fallback = "x2",
          .main = true, .help = "size of uploads, of that in the calm; beyond it fails"),
    FIELD(struct limits, warn, double, FIELD_FACTOR, .name = "warn", .fallback = "x1.2",
          .help = "size of uploads, of that in the calm, from where it warns"),
    END_OF_FIELDS,
};

struct state {
    struct values calm, trouble; /* bytes of uploads */
    struct values growth;        /* the last attempt's upload over the first's */
    struct proofs proofs;
    bool began; /* the trouble */
};

static void take(void *user, const void *given, const struct attempt *attempt,
                 const struct operation *operation)
{
    const struct limits *limits = given;
    struct state *state = user;
    double size = (double)attempt->bytes_up;

    state->began |= attempt->touched != 0;
    if (attempt->bytes_up == 0 || attempt->end != ATTEMPT_ANSWERED)
        return;
    if (!state->began)
        values_add(&state->calm, size);
    else if (operation->in_trouble)
        values_add(&state->trouble, size);
    if (attempt->index == 0 || operation->bytes_first == 0)
        return;
    values_add(&state->growth, size / (double)operation->bytes_first);
    if (size > limits->at_most * (double)operation->bytes_first)
        proofs_add(&state->proofs, attempt, "%llu bytes, first %llu",
                   (unsigned long long)attempt->bytes_up,
                   (unsigned long long)operation->bytes_first);
}

/* Uploads of the trouble beside those of the calm: the ratio of medians. */
static struct bound between(struct state *state, double alpha)
{
    return statistics_growth_apart(values_sorted(&state->calm), state->calm.count,
                                   values_sorted(&state->trouble), state->trouble.count, 1, alpha);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    struct bound bound, grown;

    if (state->trouble.seen == 0) {
        finding_unclear(finding, 0, "nothing was uploaded while faults were on");
        return;
    }
    bound = between(state, judging->alpha / 2);
    grown =
        statistics_median(values_sorted(&state->growth), state->growth.count, judging->alpha / 2);
    if (grown.low > bound.low)
        bound = grown;
    finding_measure(finding, UNIT_FACTOR, bound.value, state->trouble.seen, "uploads");
    finding_bounds(finding, fmax(0, bound.low), bound.high);
    finding->proofs = state->proofs;
    finding_say(finding, "uploads were %.3g times as large as in the calm (%llu there)",
                bound.value, (unsigned long long)state->calm.seen);
    finding_at_most(finding, limits->warn, limits->at_most,
                    bound.needed > state->trouble.seen ? bound.needed - state->trouble.seen : 0);
}

static void clear(void *user)
{
    struct state *state = user;

    values_clear(&state->calm);
    values_clear(&state->trouble);
    values_clear(&state->growth);
}

const struct check check_upload_growth = {
    .name = "upload-growth",
    .title = "Growing uploads",
    .asks = "the client does not send more for each request while things fail",
    .about = "The median size of uploads while faults are on, over that before the first fault; or "
             "the median growth from the first to a later attempt of one operation, whichever is "
             "surer to be large. Bounds are those of order statistics, exact.",
    .pattern = "shed load",
    .remedy = "send no more diagnostics while requests fail than otherwise; drop, do not queue up",
    .source = "Google SRE Book, Addressing Cascading Failures, "
              "https://sre.google/sre-book/addressing-cascading-failures/",
    .group = GROUP_LOAD,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .scopes = SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .calm = true,
    .attempt = take,
    .judge = judge,
    .clear = clear,
};
