/* flood_events: an event stream with comments (HTML, 9.2.5: lines that start with a colon) or whole
 * events between its own. */
#include <string.h>

#include "faults/flood.h"

/* An event stands between others with its empty line. None of either is shorter than its least. */
static const struct text opening = TEXT("event: debug\ndata: ");
enum { COMMENT_LEAST = 24, COMMENT_MOST = 120, EVENT_LEAST = 40, EVENT_MOST = 160 };

struct events {
    struct flood_pace pace;
    bool in_line;  /* bytes stand in the present line */
    bool in_event; /* lines stand since the last empty one */
    bool speaks;   /* adds events, not comments */
};

static void add_comment(struct flood_pace *pace, struct flow *flow, size_t length)
{
    char line[COMMENT_MOST] = ": ";

    if (length > 3)
        flood_words(pace, line + 2, length - 3);
    if (length > 1)
        line[length - 1] = '\n';
    flood_add(pace, flow, line, length);
}

static void add_event(struct flood_pace *pace, struct flow *flow, size_t length)
{
    char event[EVENT_MOST];

    memcpy(event, opening.at, opening.length);
    flood_words(pace, event + opening.length, length - opening.length - 2);
    memset(event + length - 2, '\n', 2);
    flood_add(pace, flow, event, length);
}

/* Between two events; gives how long it came to. */
static size_t add_between(struct events *events, struct flow *flow, size_t left)
{
    size_t most = events->speaks ? EVENT_MOST : COMMENT_MOST;
    size_t piece = left < most ? left : most;

    if (events->speaks && piece >= EVENT_LEAST) {
        add_event(&events->pace, flow, piece);
        return piece;
    }
    piece = piece < COMMENT_MOST ? piece : COMMENT_MOST;
    add_comment(&events->pace, flow, piece);
    return piece;
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
    if (events->in_event)
        add_comment(pace, flow, length < COMMENT_MOST ? length : COMMENT_MOST);
    else if (events->speaks && length == 1)
        flood_add(pace, flow, "\n", 1);
    else
        add_between(events, flow, length);
}

/* How many bytes of the front chunk pass before something is to be added, or all of them. */
static size_t scan(struct events *events, const struct flow *flow, bool *between)
{
    const struct chunk *chunk = flow_front(flow);
    uint64_t due = flood_due(&events->pace, events->speaks ? EVENT_LEAST : COMMENT_LEAST);

    *between = true;
    for (size_t i = 0; i < chunk->length; i++) {
        unsigned char byte = chunk->start[i];

        if (byte == '\n' && !events->in_line) {
            events->in_event = false;
            if (events->pace.passed + i + 1 >= due)
                return i + 1;
        }
        if (byte != '\r')
            events->in_line = byte != '\n';
        if (events->in_line)
            events->in_event = true;
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
    left = flood_afford(&events->pace, flow, flood_owed(&events->pace));
    while (left >= (events->speaks ? EVENT_LEAST : COMMENT_LEAST))
        left -= add_between(events, flow, left);
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

static void pump_messages(void *state, const void *params, struct flow *flow)
{
    ((struct events *)state)->speaks = true;
    pump(state, params, flow);
}

const struct filter_ops flood_events = {
    .name = "flood-events",
    .state_size = sizeof(struct events),
    .open = flood_open,
    .pump = pump,
};

const struct filter_ops flood_messages = {
    .name = "flood-messages",
    .state_size = sizeof(struct events),
    .open = flood_open,
    .pump = pump_messages,
};
