/* check_key_stability: does an operation keep its idempotency key, and a key its operation? */
#include "base/map.h"
#include "base/random.h"
#include "verdict/check.h"

enum { KEYS_MOST = 1 << 16 };

struct limits {
    uint64_t at_most, samples;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, uint64_t, FIELD_COUNT, .name = "at-most", .fallback = "0",
          .main = true, .help = "keys that changed or were used twice; more of them fail"),
    FIELD(struct limits, samples, uint64_t, FIELD_COUNT, .name = "samples", .fallback = "5",
          .least = 1, .help = "retries with a key that it takes before it passes"),
    END_OF_FIELDS,
};

struct state {
    struct map prints; /* of keys: the fingerprint that each came with, as a pointer */
    uint64_t retries, changed, reused;
    struct proofs proofs;
};

static void note_key(struct state *state, const struct attempt *attempt)
{
    uint64_t key = random_join(attempt->key, attempt->client);
    uint64_t print = attempt->print | 1;
    uint64_t known = (uint64_t)(uintptr_t)map_find(&state->prints, key);

    if (!attempt->print) /* its body did not come */
        return;
    if (known == 0 && state->prints.count < KEYS_MOST)
        map_put(&state->prints, key, (void *)(uintptr_t)print);
    if (known == 0 || known == print)
        return;
    state->reused++;
    proofs_add(&state->proofs, attempt, "a key that came with another request before");
}

static void take(void *user, const void *limits, const struct attempt *attempt,
                 const struct operation *operation)
{
    struct state *state = user;
    const struct step *last;

    (void)limits;
    if (attempt->key != 0)
        note_key(state, attempt);
    if (attempt->index == 0 || attempt->index >= operation->step_count)
        return;
    last = &operation->steps[attempt->index - 1];
    if (last->key == 0 || !last->failed)
        return;
    state->retries++;
    if (last->key == attempt->key)
        return;
    state->changed++;
    proofs_add(&state->proofs, attempt,
               attempt->key ? "with another key than before" : "without the key it had");
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;
    uint64_t wrong = state->changed + state->reused;

    if (state->retries == 0 && wrong == 0) {
        finding_unclear(finding, limits->samples, "no request with a key was repeated");
        return;
    }
    finding_measure(finding, UNIT_COUNT, (double)wrong, state->retries, "retries with a key");
    finding->proofs = state->proofs;
    finding_say(finding, "%llu of %llu retries changed the key; %llu keys came with two requests",
                (unsigned long long)state->changed, (unsigned long long)state->retries,
                (unsigned long long)state->reused);
    finding_at_most(finding, (double)limits->at_most, (double)limits->at_most, 0);
    if (finding->outcome == OUTCOME_PASS && state->retries < limits->samples)
        finding_unclear(finding, limits->samples - state->retries,
                        "only %llu requests with a key were repeated",
                        (unsigned long long)state->retries);
}

static void clear(void *user)
{
    map_free(&((struct state *)user)->prints);
}

const struct check check_key_stability = {
    .name = "key-stability",
    .title = "Stable keys",
    .asks = "all attempts at an operation carry one idempotency key, and no other operation does",
    .about = "Retries whose Idempotency-Key differs from that of the attempt before, or is "
             "missing, and keys that come with a different request (method, target or body). The "
             "first 65,536 keys are kept.",
    .pattern = "idempotency key",
    .remedy = "make the key when the operation begins, and keep it until it ends",
    .source = "draft-ietf-httpapi-idempotency-key-header-07",
    .group = GROUP_SAFETY,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .attempt = take,
    .judge = judge,
    .clear = clear,
};
