/* check_truncated: is half an answer taken for a whole one? */
#include "base/map.h"
#include "base/random.h"
#include "verdict/check.h"

enum { TAGS_MOST = 1 << 14 };

struct limits {
    uint64_t at_most, samples;
};

static const struct field fields[] = {
    FIELD(struct limits, at_most, uint64_t, FIELD_COUNT, .name = "at-most", .fallback = "0",
          .main = true, .help = "answers cut short and yet used; more of them fail"),
    FIELD(struct limits, samples, uint64_t, FIELD_COUNT, .name = "samples", .fallback = "5",
          .least = 1, .help = "answers that must be asked for again before it passes"),
    END_OF_FIELDS,
};

/* What the client has of the answer with a tag. */
enum { UNKNOWN, WHOLE, IN_PART };

struct state {
    struct map tags; /* of answers: WHOLE, or, of one that the client has only in part, IN_PART */
    uint64_t cut, again, used;
    struct proofs proofs;
};

static bool is_cut(const struct attempt *attempt)
{
    return attempt->end == ATTEMPT_BROKEN && (attempt->touched & TOUCH_CUT) &&
           attempt->bytes_down > 0;
}

/* A tag tells apart what one path has to say, and no more. */
static uint64_t tag_of(const struct attempt *attempt, uint64_t tag)
{
    return random_join(random_join(tag, attempt->client), text_hash(1, attempt->path));
}

static unsigned has(const struct state *state, uint64_t key)
{
    return (unsigned)(uintptr_t)map_find(&state->tags, key);
}

/* Who names the tag when it asks has the answer already, and who has once got it keeps it. */
static void note_tag(struct state *state, const struct attempt *attempt)
{
    uint64_t key = tag_of(attempt, attempt->tag);
    unsigned had = attempt->tag ? has(state, key) : UNKNOWN, now = had;

    if (attempt->tag == 0)
        return;
    if (attempt->ok)
        now = WHOLE;
    else if (is_cut(attempt) && had == UNKNOWN)
        now = attempt->known_tag == attempt->tag ? WHOLE : IN_PART;
    if (now != had && (had != UNKNOWN || state->tags.count < TAGS_MOST))
        map_put(&state->tags, key, (void *)(uintptr_t)now);
}

static void take(void *user, const void *limits, const struct attempt *attempt,
                 const struct operation *operation)
{
    struct state *state = user;
    bool known = attempt->known_tag != 0 && state->tags.count > 0 &&
                 has(state, tag_of(attempt, attempt->known_tag)) == IN_PART;

    (void)limits;
    state->cut += is_cut(attempt);
    if (attempt->index > 0 && attempt->index < operation->step_count &&
        (operation->steps[attempt->index - 1].touched & TOUCH_CUT))
        state->again++;
    /* With a part asked for (206) it knows that it lacks the rest. */
    if (known && attempt->status != 206) {
        state->used++;
        proofs_add(&state->proofs, attempt, "names the tag of an answer it got in part");
    }
    note_tag(state, attempt);
}

static void judge(void *user, const struct judging *judging, struct finding *finding)
{
    struct state *state = user;
    const struct limits *limits = judging->limits;

    if (state->cut == 0) {
        finding_unclear(finding, limits->samples, "no answer was cut short");
        return;
    }
    finding_measure(finding, UNIT_COUNT, (double)state->used, state->cut, "answers cut short");
    finding->proofs = state->proofs;
    finding_say(finding,
                "of %llu answers cut short %llu were asked for again; %llu requests relied on one",
                (unsigned long long)state->cut, (unsigned long long)state->again,
                (unsigned long long)state->used);
    finding_at_most(finding, (double)limits->at_most, (double)limits->at_most, 0);
    if (finding->outcome == OUTCOME_PASS && state->again < limits->samples)
        finding_unclear(finding, limits->samples - state->again,
                        "what the client made of %llu answers cut short cannot be seen",
                        (unsigned long long)(state->cut - state->again));
}

static void clear(void *user)
{
    map_free(&((struct state *)user)->tags);
}

const struct check check_truncated = {
    .name = "truncated",
    .title = "Answers cut short",
    .asks = "an answer that was cut short is not taken for a whole one",
    .about = "After an answer that was cut off, a conditional request with its ETag shows that the "
             "client has kept it as whole; asking again, or for the rest of it, that it has not. "
             "What a client does with it otherwise cannot be seen from the wire, so with few "
             "repeats it is inconclusive.",
    .pattern = "check the length",
    .remedy = "compare what came with Content-Length, or wait for the last chunk, before using it",
    .source = "RFC 9112, 8, https://www.rfc-editor.org/rfc/rfc9112#section-8",
    .group = GROUP_SAFETY,
    .limits = fields,
    .limits_size = sizeof(struct limits),
    .scopes = SCOPE_PHASE | SCOPE_SERVICE | SCOPE_CLIENT,
    .state_size = sizeof(struct state),
    .attempt = take,
    .judge = judge,
    .clear = clear,
};
