/* corrupt: bits flip on the way. */
#include <math.h>

#include "base/random.h"
#include "faults/direction.h"
#include "faults/fault.h"

struct corrupt {
    double rate;
    uint64_t bits, after;
    int on;
};

static const struct field fields[] = {
    FIELD(struct corrupt, rate, double, FIELD_SHARE, .name = "rate", .least = 1e-6, .most = 1,
          .fallback = "0.1%", .main = true, .help = "the share of bytes that are changed"),
    FIELD(struct corrupt, bits, uint64_t, FIELD_COUNT, .name = "bits", .least = 1, .most = 8,
          .fallback = "1", .help = "how many neighboring bits of such a byte flip"),
    FIELD(struct corrupt, after, uint64_t, FIELD_SIZE, .name = "after", .fallback = "0",
          .help = "how much passes unharmed before that"),
    FIELD(struct corrupt, on, int, FIELD_CHOICE, .name = "on", .choices = direction_choices,
          .fallback = "response", .help = "which way"),
    END_OF_FIELDS,
};

/* Where the next byte is hit hangs on the draws alone, and not on how the stream is cut. */
struct spots {
    uint64_t seed, draws;
    uint64_t position; /* of the next byte to come */
    uint64_t next;     /* of the next one to be hit */
    unsigned char mask;
};

/* How many bytes are spared between two hits, where each is hit by itself with this chance, is
 * distributed geometrically. */
static uint64_t draw_gap(uint64_t bits, double rate)
{
    double gap = floor(log1p(-random_unit(bits)) / log1p(-rate));

    return gap < 0x1p60 ? (uint64_t)gap : UINT64_C(1) << 60;
}

/* `count` ones out of eight, turned by `turn`. */
static unsigned char mask_of(uint64_t count, unsigned turn)
{
    unsigned ones = (1U << count) - 1;

    return (unsigned char)(ones << turn | ones >> (8 - turn));
}

static void draw_next(struct spots *spots, const struct corrupt *corrupt)
{
    uint64_t bits = random_join(spots->seed, spots->draws++);

    spots->next += draw_gap(bits, corrupt->rate);
    spots->mask = mask_of(corrupt->bits, (unsigned)(bits & 7)); /* the gap uses higher ones */
}

static void damage(struct spots *spots, const struct corrupt *corrupt, struct flow *flow)
{
    const struct chunk *front = flow_front(flow);
    uint64_t end = spots->position + front->length;

    if (front->kind == CHUNK_BYTES && spots->next < end) {
        queue_own_front(flow->in);
        for (; spots->next < end; draw_next(spots, corrupt)) {
            front->start[spots->next - spots->position] ^= spots->mask;
            spots->next++;
            flow->touched++;
        }
    }
    spots->position = end;
}

static void pump(void *state, const void *params, struct flow *flow)
{
    const struct corrupt *corrupt = ((const struct hit *)params)->params;

    while (flow_can_move(flow)) {
        damage(state, corrupt, flow);
        flow_pass(flow);
    }
}

static const struct filter_ops filter = {
    .name = "corrupt",
    .state_size = sizeof(struct spots),
    .pump = pump,
};

static void add(const struct corrupt *corrupt, struct way_plan *way, enum direction_choice on)
{
    struct stage *stage = plan_filter_past(way, &filter, corrupt->after);
    struct spots *spots;

    if (!stage)
        return;
    spots = stage->state;
    spots->seed = random_join(way->hit->bits, on);
    spots->next = corrupt->after;
    draw_next(spots, corrupt);
}

static void at_request(const void *params, struct request_plan *plan)
{
    const struct corrupt *corrupt = params;

    if (direction_has_request(corrupt->on))
        add(corrupt, &plan->way, ON_REQUEST);
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct corrupt *corrupt = params;

    if (direction_has_response(corrupt->on))
        add(corrupt, &plan->way, ON_RESPONSE);
}

const struct fault_kind fault_corrupt = {
    .name = "corrupt",
    .family = "bytes",
    .summary = "bits flip on the way",
    .about =
        "Bytes of the body are changed by flipping bits in them, each byte with the same chance. "
        "Length and framing stay right, so only a digest, a decoder or a parser finds out: text "
        "may be no UTF-8 any more, and JSON no JSON; what is packed does not unpack. Which bytes "
        "and bits are hit hangs on the seed and on what was asked, and not on how the network cut "
        "the stream. In a tunnel that carries TLS one bit is enough to end it. A body in which no "
        "byte was hit is logged as not exercised.",
    .example = "corrupt: {rate: 0.1%, after: 1KiB}",
    .fields = fields,
    .params_size = sizeof(struct corrupt),
    .stands_on = FAULT_ON_HTTP | FAULT_ON_TUNNEL,
    .at_request = at_request,
    .at_response = at_response,
};
