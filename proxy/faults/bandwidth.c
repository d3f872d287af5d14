/* bandwidth: bodies pass no faster than a link of so many bytes per second would let them. */
#include "base/random.h"
#include "faults/bucket.h"
#include "faults/direction.h"
#include "faults/fault.h"

/* A piece is what the link takes so long for, and no more than a bucket takes at once. */
#define PIECE_LASTS (10 * MSEC)
#define PIECE_MOST ((uint64_t)64 * 1024)
/* A fast link is looked at so often: what is late is caught up with. */
#define NAP ((usec)250)

enum shared { SHARED_EXCHANGE, SHARED_CONNECTION, SHARED_ALL };

/* Keep the buckets of both ways, and of one rule's kinds, apart. */
enum { SALT_UP = 0x62616e64, SALT_DOWN };

struct bandwidth {
    uint64_t rate, burst;
    int on, shared;
};

static const char *const scopes[] = { "exchange", "connection", "all", NULL };

static const struct field fields[] = {
    FIELD(struct bandwidth, rate, uint64_t, FIELD_BANDWIDTH, .name = "rate", .least = 1,
          .most = (double)BUCKET_RATE_MOST, .main = true, .help = "how much passes in a second"),
    FIELD(struct bandwidth, on, int, FIELD_CHOICE, .name = "on", .choices = direction_choices,
          .fallback = "response", .help = "whose bytes; each direction has the rate for itself"),
    FIELD(struct bandwidth, shared, int, FIELD_CHOICE, .name = "shared", .choices = scopes,
          .fallback = "exchange",
          .help = "who has the rate together: nobody, the exchanges of a client's connection, or "
                  "all that the rule hits"),
    FIELD(struct bandwidth, burst, uint64_t, FIELD_SIZE, .name = "burst", .fallback = "0",
          .least = 0, .most = (double)BUCKET_BURST_MOST,
          .help = "how much passes at once after enough idle time, as at the start"),
    END_OF_FIELDS,
};

static bool check(void *params, struct buffer *complaint)
{
    const struct bandwidth *bandwidth = params;

    if (bandwidth->rate > 0)
        return true;
    buffer_add_string(complaint, "wants a rate such as 64KiB/s");
    return false;
}

struct link {
    _Atomic uint64_t *bucket;
    _Atomic uint64_t own;
    uint64_t taken; /* bytes of the front chunk that the link has been taken for */
    usec due;
    usec full_at, full_due; /* when we came late to a queue that took no more, and since when */
};

static uint64_t piece_size(const struct bandwidth *bandwidth, uint64_t length)
{
    uint64_t piece = bandwidth->rate / (uint64_t)(SECOND / PIECE_LASTS);

    piece = piece < 1 ? 1 : piece;
    piece = piece < PIECE_MOST ? piece : PIECE_MOST;
    return piece < length ? piece : length;
}

/* While we are late, no more comes than there is room for. What follows at once would have come in
 * time. */
static void note_full(struct link *link, const struct flow *flow)
{
    if (link->taken == 0 || link->due >= flow->now || flow_room(flow) > 0)
        return;
    link->full_at = flow->now;
    link->full_due = link->due;
}

static usec came(const struct link *link, const struct chunk *chunk)
{
    return chunk->arrived == link->full_at ? link->full_due : chunk->arrived;
}

/* Bytes pass when the time that they take is over, so never too early; a link that is free again
 * before we look is taken from then on, so what the clock makes late is caught up with. */
static void pump(void *state, const void *params, struct flow *flow)
{
    struct link *link = state;
    const struct bandwidth *bandwidth = ((const struct hit *)params)->params;

    note_full(link, flow);
    while (flow_can_move(flow)) {
        const struct chunk *chunk = flow_front(flow);

        if (link->taken == 0 && !chunk_is_final(chunk)) {
            link->taken = piece_size(bandwidth, chunk->length);
            link->due = bucket_take(link->bucket, bandwidth->rate, bandwidth->burst, link->taken,
                                    came(link, chunk));
        }
        if (link->due > flow->now && flow_must_wait(flow, usec_max(link->due, flow->now + NAP)))
            return;
        flow_pass_up_to(flow, (size_t)link->taken);
        link->taken = 0;
    }
}

static const struct filter_ops filter = {
    .name = "bandwidth",
    .state_size = sizeof(struct link),
    .pump = pump,
};

static void limit(const struct bandwidth *bandwidth, struct way_plan *way, uint64_t salt)
{
    struct stage *stage = plan_filter_past(way, &filter, 0);
    struct link *link = stage ? stage->state : NULL;

    if (!link)
        return;
    if (bandwidth->shared == SHARED_EXCHANGE)
        link->bucket = &link->own;
    else if (bandwidth->shared == SHARED_CONNECTION)
        link->bucket = plan_slot(way, random_join(salt, way->connection));
    else
        link->bucket = plan_slot(way, salt);
}

static void at_request(const void *params, struct request_plan *plan)
{
    const struct bandwidth *bandwidth = params;

    if (direction_has_request(bandwidth->on))
        limit(bandwidth, &plan->way, SALT_UP);
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct bandwidth *bandwidth = params;

    if (direction_has_response(bandwidth->on))
        limit(bandwidth, &plan->way, SALT_DOWN);
}

const struct fault_kind fault_bandwidth = {
    .name = "bandwidth",
    .family = "time",
    .summary = "bodies pass no faster than a slow link would let them",
    .about =
        "The bytes of an answer's body, of a request's, or of both pass as through a link of this "
        "rate: never faster, and over a long transfer as fast, in pieces of at most 10 ms each "
        "where the rate is 100 B/s or more. A wait that the machine makes longer is caught up "
        "with. Heads and the framing of chunks do not count, and are not slowed. In a tunnel all "
        "bytes count; request is what the client sends. Each exchange has a link of its own, or "
        "all exchanges of one client's connection share one, or all that the rule hits do, in "
        "turns. After idle time, and at the start, as much as `burst` says passes at once. Of "
        "several rates on one way the slowest tells. It is real time: a scenario's speed does not "
        "change it.",
    .example = "bandwidth: {rate: 64KiB/s, shared: connection}",
    .fields = fields,
    .params_size = sizeof(struct bandwidth),
    .stands_on = FAULT_ON_HTTP | FAULT_ON_TUNNEL,
    .check = check,
    .at_request = at_request,
    .at_response = at_response,
};
