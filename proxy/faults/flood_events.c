/* flood_events: an event stream with comments between its events (HTML, 9.2.5: lines that start
 * with a colon). */
#include <string.h>

#include "base/random.h"
#include "faults/filler.h"
#include "faults/flood.h"

/* A comment with its line end; between events none is shorter than COMMENT_LEAST. */
enum { COMMENT_LEAST = 24, COMMENT_MOST = 120 };

struct events {
    struct flood_pace pace;
    bool in_line; /* bytes stand in the present line */
};

static void add_comment(struct flood_pace *pace, struct flow *flow, size_t length)
{
    char line[COMMENT_MOST] = ": ";

    if (length > 3)
        filler_write(line + 2, length - 3, random_join(pace->bits, pace->added));
    if (length > 1)
        line[length - 1] = '\n';
    flood_add(pace, flow, line, length);
}

/* An event that was never finished must not be finished by us: a line end behind its last line does
 * not do that, an empty line would. */
static void add_rest(struct flood_pace *pace, struct flow *flow, size_t length)
{
    struct events *events = (struct events *)pace;

    if (events->in_line) {
        events->in_line = false;
        flood_add(pace, flow, "\n", 1);
        return;
    }
    add_comment(pace, flow, length < COMMENT_MOST ? length : COMMENT_MOST);
}

/* How many bytes of the front chunk pass before comments are to be added, or all of them. */
static size_t scan(struct events *events, const struct flow *flow, bool *between)
{
    const struct chunk *chunk = flow_front(flow);
    uint64_t due = flood_due(&events->pace, COMMENT_LEAST);

    *between = true;
    for (size_t i = 0; i < chunk->length; i++) {
        unsigned char byte = chunk->start[i];

        if (byte == '\n' && !events->in_line && events->pace.passed + i + 1 >= due)
            return i + 1;
        if (byte != '\r')
            events->in_line = byte != '\n';
    }
    *between = false;
    return chunk->length;
}

static void move(struct events *events, struct flow *flow)
{
    bool between;
    size_t left;

    flood_pass(&events->pace, flow, scan(events, flow, &between));
    if (!between)
        return;
    left = flood_afford(flow, flood_owed(&events->pace));
    while (left >= COMMENT_LEAST) {
        size_t piece = left < COMMENT_MOST ? left : COMMENT_MOST;

        add_comment(&events->pace, flow, piece);
        left -= piece;
    }
}

static void pump(void *state, const void *params, struct flow *flow)
{
    struct events *events = state;

    (void)params;
    while (flow_can_move(flow)) {
        if (flood_is_body(flow_front(flow)))
            move(events, flow);
        else if (!flood_pass_end(&events->pace, flow, add_rest))
            return;
    }
}

const struct filter_ops flood_events = {
    .name = "flood-events",
    .state_size = sizeof(struct events),
    .open = flood_open,
    .pump = pump,
};
