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
    (void)params;
    flood_pump_behind(state, flow, add_rest);
}

const struct filter_ops flood_padding = {
    .name = "flood-padding",
    .state_size = sizeof(struct flood_pace),
    .open = flood_open,
    .pump = pump,
};
