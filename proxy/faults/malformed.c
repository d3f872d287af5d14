/* malformed: answers that break the rules of HTTP itself. */
#include "faults/fault.h"

struct malformed_answer {
    int what;
    uint64_t size; /* 0: the kind's usual one */
};

/* In the order of enum malformed, without MALFORMED_NONE. */
static const char *const names[] = {
    "length-long",    "length-short",   "chunk-size", "last-chunk",       "empty",
    "garbage-before", "garbage-after",  "version",    "duplicate-length", "folded",
    "bare-lf",        "oversized-head", NULL,
};

struct shape {
    uint64_t usual, most; /* of `size`; 0: it says nothing here */
};

#define KIB 1024u
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* By enum malformed. Garbage and heads are made whole, in memory. */
static const struct shape shapes[] = {
    [MALFORMED_LENGTH_LONG] = { 16, GIB },         [MALFORMED_LENGTH_SHORT] = { 1, GIB },
    [MALFORMED_GARBAGE_BEFORE] = { 64, 64 * KIB }, [MALFORMED_GARBAGE_AFTER] = { 64, 64 * KIB },
    [MALFORMED_DUPLICATE_LENGTH] = { 1, GIB },     [MALFORMED_OVERSIZED_HEAD] = { 128 * KIB, MIB },
};

static enum malformed kind_of(const struct malformed_answer *malformed)
{
    return (enum malformed)(malformed->what + 1);
}

static const struct field fields[] = {
    FIELD(struct malformed_answer, what, int, FIELD_CHOICE, .name = "what", .choices = names,
          .fallback = "empty", .main = true, .help = "which rule the answer breaks"),
    FIELD(struct malformed_answer, size, uint64_t, FIELD_SIZE, .name = "size", .least = 1,
          .most = GIB,
          .help = "by how many bytes a length is wrong (16B too long, 1B too short or different), "
                  "how much garbage comes (64B), or how long the oversized field is (128KiB)"),
    END_OF_FIELDS,
};

static bool check(void *params, struct buffer *complaint)
{
    const struct malformed_answer *malformed = params;
    const struct shape *shape = &shapes[kind_of(malformed)];
    const char *name = names[malformed->what];

    if (malformed->size == 0 || malformed->size <= shape->most)
        return true;
    if (shape->most == 0)
        buffer_format(complaint, "size says nothing about %s: leave it out", name);
    else
        buffer_format(complaint, "size wants at most %s with %s",
                      shape->most == MIB ? "1MiB" : "64KiB", name);
    return false;
}

static bool wants_chunks(enum malformed kind)
{
    return kind == MALFORMED_CHUNK_SIZE || kind == MALFORMED_LAST_CHUNK;
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct malformed_answer *malformed = params;
    enum malformed kind = kind_of(malformed);

    if (!plan->way.head)
        return;
    if (plan->malformed_by) {
        plan->way.hit->shadowed = true;
        return;
    }
    plan->malformed_by = plan->way.hit;
    plan->malformation = (struct malformation){
        .kind = kind,
        .size = malformed->size ? malformed->size : shapes[kind].usual,
    };
    if (wants_chunks(kind) && plan->way.has_body)
        plan->chunked = true;
}

const struct fault_kind fault_malformed = {
    .name = "malformed",
    .family = "protocol",
    .summary = "answers that break the rules of HTTP",
    .about =
        "The client gets an answer that is wrong in one way, and right otherwise. length-long and "
        "length-short: Content-Length says size bytes more or less than come. chunk-size: the "
        "first chunk's size is no number. last-chunk: the body's last chunk never comes. empty: "
        "not a byte of an answer. garbage-before and garbage-after: size bytes that are no HTTP "
        "stand before the status line or behind the answer. version: the answer says HTTP/4.2. "
        "duplicate-length: two Content-Length fields that differ by size; the right one comes "
        "first. folded: a field's value goes on in a second line. bare-lf: the header's lines end "
        "in LF alone. oversized-head: one field, X-Oversized, is size bytes long. The connection "
        "stays open behind garbage-after, version, folded, bare-lf and oversized-head. With the "
        "others nobody can tell where the answer ends, or it has no end: the connection is closed "
        "in an orderly way, without saying so in the header. A length can be wrong only where it "
        "is known (and, for length-short, not 0), and chunks are forced where a body is to have "
        "them, "
        "but never for clients of HTTP/1.0; where a malformation finds nothing to spoil (a length "
        "in an answer to HEAD, chunks in status 204) the answer is left alone and the fault "
        "logged as not exercised. An answer is malformed in one way: the first such fault counts, "
        "the others are logged as shadowed. Answers that panne makes up are spoiled, too.",
    .example = "malformed: {what: length-long, size: 100B}",
    .fields = fields,
    .params_size = sizeof(struct malformed_answer),
    .stands_on = FAULT_ON_HTTP,
    .check = check,
    .at_response = at_response,
};
