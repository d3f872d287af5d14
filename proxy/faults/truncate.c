/* truncate: the tail is missing. */
#include "faults/direction.h"
#include "faults/fault.h"

enum truncate_end { END_CLEAN, END_CUT, END_RESET };

struct truncate {
    uint64_t after;
    double share;
    int end, on;
};

static const char *const ends[] = { "clean", "cut", "reset", NULL };

static const struct field fields[] = {
    FIELD(struct truncate, after, uint64_t, FIELD_SIZE, .name = "after", .main = true,
          .fallback = "0", .help = "how much still passes"),
    FIELD(struct truncate, share, double, FIELD_SHARE, .name = "share",
          .help = "how much still passes, as a share of the body's length, in place of after"),
    FIELD(struct truncate, end, int, FIELD_CHOICE, .name = "end", .choices = ends,
          .fallback = "cut",
          .help = "as if that were the whole, by closing the connection, or by an RST"),
    FIELD(struct truncate, on, int, FIELD_CHOICE, .name = "on", .choices = direction_choices,
          .fallback = "response", .help = "which way"),
    END_OF_FIELDS,
};

static bool check(void *params, struct buffer *complaint)
{
    const struct truncate *truncate = params;

    if (truncate->share > 0 && truncate->after > 0) {
        buffer_add_string(complaint, "wants after or share, not both");
        return false;
    }
    if (truncate->share >= 1) {
        buffer_add_string(complaint, "share: 100% leaves nothing to cut off: wants less");
        return false;
    }
    return true;
}

struct cut {
    uint64_t passed, keep;
    uint64_t lost; /* what is cut off, 0 where that is not known */
};

static void end(const struct cut *cut, const struct truncate *truncate, struct flow *flow)
{
    static const enum chunk_kind kinds[] = {
        [END_CLEAN] = CHUNK_END,
        [END_CUT] = CHUNK_CUT,
        [END_RESET] = CHUNK_RESET,
    };

    flow_end(flow, kinds[truncate->end]);
    if (cut->lost > 0)
        flow->touched += cut->lost - 1; /* the end itself has counted one */
}

/* It waits for the byte too many: a body that ends by itself at this place is whole. */
static void pump(void *state, const void *params, struct flow *flow)
{
    struct cut *cut = state;
    const struct truncate *truncate = ((const struct hit *)params)->params;

    while (flow_can_move(flow)) {
        uint64_t left = cut->keep - cut->passed;

        if (left == 0 && !chunk_is_final(flow_front(flow))) {
            end(cut, truncate, flow);
            return;
        }
        cut->passed += flow_pass_up_to(flow, left < SIZE_MAX ? (size_t)left : SIZE_MAX);
    }
}

static const struct filter_ops filter = {
    .name = "truncate",
    .state_size = sizeof(struct cut),
    .pump = pump,
};

static void shorten(const struct truncate *truncate, struct way_plan *way)
{
    uint64_t keep = truncate->after;
    struct stage *stage;
    struct cut *cut;

    if (truncate->share > 0) {
        if (!way->head || !way->length_known)
            return;
        keep = (uint64_t)((double)way->length * truncate->share);
    }
    stage = plan_filter_past(way, &filter, keep);
    if (!stage)
        return;
    cut = stage->state;
    cut->keep = keep;
    if (!way->head || !way->length_known)
        return;
    cut->lost = way->length - keep;
    if (truncate->end == END_CLEAN)
        way->length = keep;
}

static void at_request(const void *params, struct request_plan *plan)
{
    const struct truncate *truncate = params;

    if (direction_has_request(truncate->on))
        shorten(truncate, &plan->way);
}

static void at_response(const void *params, struct response_plan *plan)
{
    const struct truncate *truncate = params;

    if (direction_has_response(truncate->on))
        shorten(truncate, &plan->way);
}

const struct fault_kind fault_truncate = {
    .name = "truncate",
    .family = "bytes",
    .summary = "the end of the body is missing",
    .about =
        "So much of the body passes, in bytes or as a share of its length, and then it ends. With "
        "end: cut the connection is closed in good order before what the head has promised, with "
        "end: reset it breaks with an RST. With end: clean nothing tells the receiver: the length "
        "in the head is made right before it leaves, chunks get their last one, and the connection "
        "goes on; only digests, and what the text means, still speak of the whole. A body that is "
        "no longer than that is left alone, and so is one of unknown length where a share is "
        "wanted. Where only the end of the connection ends a body, a cut cannot be told from a "
        "clean end. On the request's way it is the origin that misses the end. In a tunnel, "
        "which has no length, end: clean ends that way alone, and end: cut the tunnel.",
    .example = "truncate: {share: 50%, end: clean}",
    .fields = fields,
    .params_size = sizeof(struct truncate),
    .stands_on = FAULT_ON_HTTP | FAULT_ON_TUNNEL,
    .check = check,
    .at_request = at_request,
    .at_response = at_response,
};
