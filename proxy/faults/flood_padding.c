/* flood_padding: zero bytes behind a body that nobody understands. */
#include "faults/flood.h"

static const char zeros[1024];

static void add_rest(struct flood_pace *pace, struct flow *flow, size_t length)
{
    while (length > 0) {
        size_t piece = length < sizeof(zeros) ? length : sizeof(zeros);

        flood_add(pace, flow, zeros, piece);
        length -= piece;
    }
}

static void pump(void *state, const void *params, struct flow *flow)
{
    struct flood_pace *pace = state;

    (void)params;
    while (flow_can_move(flow)) {
        if (flood_is_body(flow_front(flow)))
            flood_pass(pace, flow, SIZE_MAX);
        else if (!flood_pass_end(pace, flow, add_rest))
            return;
    }
}

const struct filter_ops flood_padding = {
    .name = "flood-padding",
    .state_size = sizeof(struct flood_pace),
    .open = flood_open,
    .pump = pump,
};
