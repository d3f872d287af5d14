/* ratelimit: a bucket of tokens, and what a client gets when it is empty.
 *
 * The bucket is the generic cell rate algorithm (ITU-T I.371): one word says when, if requests had
 * come evenly, the next one would have been due. It lies in the engine's counters, so all workers
 * share it. */
#include <math.h>
#include <stdatomic.h>

#include "base/counters.h"
#include "base/random.h"
#include "faults/error_form.h"
#include "faults/fault.h"

enum limit_for { FOR_CLIENT, FOR_ALL };
enum limit_retry { RETRY_SECONDS, RETRY_DATE, RETRY_NONE };
enum limit_fields { FIELDS_DRAFT, FIELDS_X, FIELDS_BOTH, FIELDS_NONE };

/* Keeps the words of one rule apart. */
enum { SALT_BUCKET = 0x6c69, SALT_TOLD };

#define NSEC_PER_USEC 1000
#define LEAST_RATE (1.0 / 3600)

struct ratelimit {
    double rate;
    uint64_t burst, status;
    struct text reason;
    int scope, retry, fields;
    usec punish, punish_most;
    struct error_form form;
    /* Completed by check. In nanoseconds: how far apart requests are at the rate, and how much
     * sooner than that a burst may come. */
    uint64_t apart, ahead;
    uint64_t window, quota; /* the policy, in whole seconds and requests */
};

static const char *const scopes[] = { "client", "all", NULL };
static const char *const retries[] = { "seconds", "date", "none", NULL };
static const char *const field_sets[] = { "draft", "x", "both", "none", NULL };

static const struct field fields[] = {
    FIELD(struct ratelimit, rate, double, FIELD_RATE, .name = "rate", .fallback = "10/s",
          .least = 0, .most = 1e6, .main = true,
          .help = "so many requests pass in the long run, at least 1/h"),
    FIELD(struct ratelimit, burst, uint64_t, FIELD_COUNT, .name = "burst", .fallback = "1",
          .least = 1, .most = 1e6, .help = "so many pass at once after a rest"),
    FIELD(struct ratelimit, scope, int, FIELD_CHOICE, .name = "for", .choices = scopes,
          .fallback = "client", .help = "each client has a bucket of its own, or all share one"),
    FIELD(struct ratelimit, status, uint64_t, FIELD_COUNT, .name = "status", .fallback = "429",
          .least = 400, .most = 599, .help = "the status code of the others' answer"),
    FIELD(struct ratelimit, reason, struct text, FIELD_TEXT, .name = "reason",
          .help = "the words behind the status code; without it, the usual ones"),
    ERROR_FORM_FIELDS(struct ratelimit),
    FIELD(struct ratelimit, retry, int, FIELD_CHOICE, .name = "retry-after", .choices = retries,
          .fallback = "seconds",
          .help = "how Retry-After says when the next request would pass, if at all"),
    FIELD(struct ratelimit, fields, int, FIELD_CHOICE, .name = "fields", .choices = field_sets,
          .fallback = "draft",
          .help = "RateLimit and RateLimit-Policy as the IETF drafts them, X-RateLimit-*, or both"),
    FIELD(struct ratelimit, punish, usec, FIELD_DURATION, .name = "punish", .fallback = "0",
          .least = 0, .most = (double)HOUR, .clock = CLOCK_WALL,
          .help = "how much later the next one passes for each that comes before its time"),
    FIELD(struct ratelimit, punish_most, usec, FIELD_DURATION, .name = "punish-most",
          .fallback = "1m", .least = 1, .most = (double)(24 * HOUR), .clock = CLOCK_WALL,
          .help = "the longest wait that punishment leads to"),
    END_OF_FIELDS,
};

static bool check(void *params, struct buffer *complaint)
{
    static const char *const draft[] = { "retry-after", NULL };
    struct ratelimit *limit = params;

    if (limit->rate < LEAST_RATE) {
        buffer_add_string(complaint, "rate wants at least 1/h");
        return false;
    }
    limit->apart = (uint64_t)llround(1e9 / limit->rate);
    limit->ahead = limit->apart * (limit->burst - 1);
    limit->window = (uint64_t)ceil((double)limit->burst / limit->rate - 1e-9);
    limit->window += limit->window == 0;
    limit->quota = (uint64_t)floor(limit->rate * (double)limit->window + 1e-9);
    if (!error_form_check(&limit->form, (unsigned)limit->status,
                          limit->retry == RETRY_NONE ? NULL : draft, complaint))
        return false;
    if (error_form_is_value(limit->reason))
        return true;
    buffer_add_string(complaint, "reason has a byte that no status line can have");
    return false;
}

static uint64_t key_for(const struct bite *bite, uint64_t salt, bool client)
{
    return random_join(bite->key + salt, client ? bite->client : 0);
}

/* Whether this client was told to stay away for longer, and still came. From now on it has been
 * told until `until`. */
static bool comes_early(struct bite *bite, uint64_t now, uint64_t until)
{
    _Atomic uint64_t *told = counters_slot(bite->counters, key_for(bite, SALT_TOLD, true));
    uint64_t before = atomic_exchange_explicit(told, until, memory_order_relaxed);

    return now < before;
}

static uint64_t later_by(const struct ratelimit *limit, uint64_t wait)
{
    uint64_t most = (uint64_t)limit->punish_most * NSEC_PER_USEC;
    uint64_t punished = wait + (uint64_t)limit->punish * NSEC_PER_USEC;

    if (wait >= most)
        return 0;
    return (punished < most ? punished : most) - wait;
}

/* What the client is told: whole seconds. */
static usec told_wait(uint64_t wait)
{
    uint64_t second = (uint64_t)SECOND * NSEC_PER_USEC;

    return (usec)((wait + second - 1) / second) * SECOND;
}

/* The bucket is empty for so long yet. */
static uint64_t refuse(const struct ratelimit *limit, struct bite *bite, _Atomic uint64_t *bucket,
                       uint64_t now, uint64_t wait)
{
    uint64_t more, until;

    if (limit->punish == 0)
        return wait;
    more = later_by(limit, wait);
    until = now + (uint64_t)told_wait(wait) * NSEC_PER_USEC;
    if (!comes_early(bite, now, until) || more == 0)
        return wait;
    atomic_fetch_add_explicit(bucket, more, memory_order_relaxed);
    wait += more;
    (void)comes_early(bite, now, now + (uint64_t)told_wait(wait) * NSEC_PER_USEC);
    return wait;
}

/* `found`: how long until the next one passes, in microseconds, rounded up. */
static bool bites(const void *params, struct bite *bite)
{
    const struct ratelimit *limit = params;
    _Atomic uint64_t *bucket =
        counters_slot(bite->counters, key_for(bite, SALT_BUCKET, limit->scope == FOR_CLIENT));
    /* A worker's clock may lag behind the one that started the run. */
    uint64_t now = bite->now > 0 ? (uint64_t)bite->now * NSEC_PER_USEC : 0;
    uint64_t due = atomic_load_explicit(bucket, memory_order_relaxed);
    uint64_t next, wait;

    do {
        if (due > now + limit->ahead) {
            wait = refuse(limit, bite, bucket, now, due - now - limit->ahead);
            bite->found = (wait + NSEC_PER_USEC - 1) / NSEC_PER_USEC;
            return true;
        }
        next = (due > now ? due : now) + limit->apart;
    } while (!atomic_compare_exchange_weak_explicit(bucket, &due, next, memory_order_relaxed,
                                                    memory_order_relaxed));
    return false;
}

static void add_fields(const struct ratelimit *limit, struct request_plan *plan,
                       unsigned long long seconds)
{
    struct arena *arena = plan->way.arena;
    unsigned long long quota = limit->quota;
    unsigned long long window = limit->window;

    if (limit->fields == FIELDS_DRAFT || limit->fields == FIELDS_BOTH) {
        error_form_add(plan, "RateLimit-Policy",
                       arena_format(arena, "\"default\";q=%llu;w=%llu", quota, window));
        error_form_add(plan, "RateLimit", arena_format(arena, "\"default\";r=0;t=%llu", seconds));
    }
    if (limit->fields == FIELDS_X || limit->fields == FIELDS_BOTH) {
        error_form_add(plan, "X-RateLimit-Limit", arena_format(arena, "%llu", quota));
        error_form_add(plan, "X-RateLimit-Remaining", text_from("0"));
        error_form_add(plan, "X-RateLimit-Reset", arena_format(arena, "%llu", seconds));
    }
}

static void at_request(const void *params, struct request_plan *plan)
{
    const struct ratelimit *limit = params;
    usec wait = told_wait(plan->way.hit->found * NSEC_PER_USEC);

    if (!error_form_answer(&limit->form, (unsigned)limit->status, limit->reason, plan))
        return;
    if (limit->retry != RETRY_NONE)
        plan->answer.retry_after = wait;
    plan->answer.retry_date = limit->retry == RETRY_DATE;
    add_fields(limit, plan, (unsigned long long)(wait / SECOND));
}

const struct fault_kind fault_ratelimit = {
    .name = "ratelimit",
    .family = "answers",
    .summary = "only so many requests pass in a time",
    .about =
        "Requests pass untouched, and are not logged as hit, while a bucket has tokens: it holds "
        "`burst` of them and is filled at `rate`. Who comes when it is empty gets an answer that "
        "panne makes up, of the same parts as error's, and the origin is not asked. Retry-After "
        "says when the next request would pass, in whole seconds, rounded up; RateLimit-Policy and "
        "RateLimit say the same as draft-ietf-httpapi-ratelimit-headers has it, "
        "X-RateLimit-Limit, -Remaining and -Reset (seconds from now) as many services do. With "
        "`punish`, each request that comes before the time that its client was told has the "
        "bucket filled so much later, until the wait is punish-most; a request that finds a token "
        "is let through even then. Shares count first: of a share of 10% of the requests, those "
        "above the rate are refused. All times are real: a scenario's speed does not shorten them.",
    .example = "ratelimit: {rate: 10/s, burst: 20, punish: 5s}",
    .fields = fields,
    .params_size = sizeof(struct ratelimit),
    .stands_on = FAULT_ON_HTTP,
    .needs = FAULT_NEEDS_TURNS,
    .answers = true,
    .check = check,
    .bites = bites,
    .at_request = at_request,
};
