/* check_retry_after: whether the client waits as long as an answer asks it to. */
#include "verdict/check.h"
#include "verdict/gaps.h"
#include "verdict/sure.h"

/* Waits below which nothing is said. */
#define LEAST 10
/* So much too early is the clock's fault; a date has no parts of seconds. */
#define CLOCK (50 * MSEC)
#define CLOCK_DATE SECOND

enum { DATED = 1024, WAITING = 512 };

struct limits {
    double at_most, warn;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, double, FIELD_SHARE, .name = "at-most", .fallback = "10%",
          .most = 1, .main = true, .help = "of the retries came too early; more fail"),
    FIELD(struct limits, warn, double, FIELD_SHARE, .name = "warn", .fallback = "1%", .most = 1,
          .help = "of the retries came too early; more warn"),
    END_OF_FIELDS,
};

/* A client was asked to leave a service alone. */
struct waiting {
    uint32_t client;
    uint16_t service;
    usec since, until;
};

struct state {
    uint64_t asked, followed, early, tied;
    uint64_t meanwhile;              /* new requests that came while the client was to wait */
    uint64_t dated[DATED];           /* exchanges whose answer gave a date, by their number */
    struct waiting waiting[WAITING]; /* by client and service; the newest stays */
    struct proofs proofs;
};

static struct waiting *waiting_of(struct state *state, const struct attempt *attempt)
{
    return &state->waiting[(attempt->client * 31U + attempt->service) % WAITING];
}

static void take_new(struct state *state, const struct attempt *attempt)
{
    const struct waiting *waiting = waiting_of(state, attempt);

    if (waiting->client == attempt->client && waiting->service == attempt->service &&
        attempt->began > waiting->since && attempt->began < waiting->until - CLOCK)
        state->meanwhile++;
}

static void take_answer(struct state *state, const struct attempt *attempt)
{
    state->asked++;
    if (attempt->retry_date)
        state->dated[attempt->exchange % DATED] = attempt->exchange;
    if (attempt->status == 429 || attempt->status == 503)
        *waiting_of(state, attempt) =
            (struct waiting){ attempt->client, attempt->service, attempt->ended,
                              usec_after(attempt->ended, attempt->retry_after) };
}

static void take_retry(struct state *state, const struct attempt *attempt,
                       const struct operation *operation, const struct step *before)
{
    bool dated = state->dated[before->exchange % DATED] == before->exchange;
    usec due = usec_after(before->ended, before->retry_after), waited = attempt->gap;

    state->followed++;
    state->tied += operation->tie == TIE_MARK;
    if (attempt->began >= due - (dated ? CLOCK_DATE : CLOCK))
        return;
    state->early++;
    proofs_add(&state->proofs, attempt, "after %s, asked to wait %s",
               gap_words((double)usec_max(waited, 0) / (double)SECOND).text,
               gap_words((double)before->retry_after / (double)SECOND).text);
}

static void take(void *user, const void *limits, const struct attempt *attempt,
                 const struct operation *operation)
{
    struct state *state = user;
    uint32_t index = attempt->index;

    (void)limits;
    if (index == 0)
        take_new(state, attempt);
    else if (index <= operation->step_count && !operation->steps[index - 1].ok &&
             operation->steps[index - 1].retry_after != NEVER)
        take_retry(state, attempt, operation, &operation->steps[index - 1]);
    if (!attempt->ok && attempt->retry_after != NEVER)
        take_answer(state, attempt);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    const struct state *state = user;
    const struct limits *limits = judging->limits;
    struct bound bound =
        sure_at_most(statistics_share(state->early, state->followed, judging->alpha),
                     statistics_share(state->early, state->followed, SURE_MISS));
    uint64_t until =
        statistics_share_until(state->early, state->followed, limits->at_most, SURE_MISS);

    finding->grouped = state->followed ? (double)state->tied / (double)state->followed : 1;
    finding->proofs = state->proofs;
    if (state->asked == 0) {
        finding_unclear(finding, 0, "no answer asked the client to wait");
    } else if (state->followed == 0) {
        finding_idle(finding, "%llu answers asked the client to wait; it did not try again",
                     (unsigned long long)state->asked);
    } else if (state->followed < LEAST) {
        finding_unclear(finding, LEAST - state->followed,
                        "%llu retries came after an answer that asked to wait, and it takes %d",
                        (unsigned long long)state->followed, LEAST);
    } else {
        finding_measure(finding, UNIT_SHARE, bound.value, state->followed, "retries");
        finding_bounds(finding, bound.low, bound.high);
        finding_say(finding,
                    "%llu of %llu retries came before the time that Retry-After asked for; %llu "
                    "new requests came meanwhile",
                    (unsigned long long)state->early, (unsigned long long)state->followed,
                    (unsigned long long)state->meanwhile);
        finding_at_most(finding, limits->warn, limits->at_most,
                        sure_missing(until, state->followed));
    }
}

const struct check check_retry_after = {
    .name = "retry-after",
    .title = "Retry-After",
    .asks = "the client waits as long as an answer asks it to before it tries again",
    .about =
        "Of the retries that follow an answer with Retry-After (or what SDKs take for it), the "
        "share that began too early: by more than 50 ms, or more than 1 s where the answer gave a "
        "date. Only the same operation is judged; how many new requests of the client to the "
        "service came meanwhile is told, for not every client can hold them back. It is "
        "inconclusive where no answer asked to wait, or fewer than 10 retries followed.",
    .pattern = "obey Retry-After",
    .remedy = "take Retry-After (seconds or date) as the least pause before the next attempt",
    .source = "RFC 9110, 10.2.3, https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3",
    .group = GROUP_PACE,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .profiles = { [PROFILE_STRICT] = "at-most=5%", [PROFILE_LENIENT] = "at-most=50% warn=10%" },
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .attempt = take,
    .judge = judge,
};
