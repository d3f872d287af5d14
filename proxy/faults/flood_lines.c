/* flood_lines: plain text with lines that nobody asked for. */
#include <string.h>

#include "faults/flood.h"

/* A line with its end; in the midst of a text none is shorter than LINE_LEAST. */
enum { LINE_LEAST = 24, LINE_MOST = 120 };

struct lines {
    struct flood_pace pace;
    bool in_line; /* the last byte that passed was no line end */
};

static void add_line(struct flood_pace *pace, struct flow *flow, size_t length)
{
    char line[LINE_MOST];

    flood_words(pace, line, length - 1);
    line[length - 1] = '\n';
    flood_add(pace, flow, line, length);
}

static void add_rest(struct flood_pace *pace, struct flow *flow, size_t length)
{
    struct lines *lines = (struct lines *)pace;

    if (lines->in_line) {
        lines->in_line = false;
        flood_add(pace, flow, "\n", 1);
        return;
    }
    add_line(pace, flow, length < LINE_MOST ? length : LINE_MOST);
}

/* How many bytes of the front chunk pass before lines are to be added, or all of them. */
static size_t scan(struct lines *lines, struct flow *flow)
{
    const struct chunk *chunk = flow_front(flow);
    uint64_t due = flood_due(&lines->pace, LINE_LEAST), ahead;
    const unsigned char *found;
    size_t skipped;

    ahead = due > lines->pace.passed ? due - lines->pace.passed - 1 : 0;
    if (ahead >= chunk->length || flood_room(&lines->pace, flow) < LINE_LEAST)
        return chunk->length;
    skipped = (size_t)ahead;
    found = memchr(chunk->start + skipped, '\n', chunk->length - skipped);
    return found ? (size_t)(found - chunk->start) + 1 : chunk->length;
}

static void move(struct lines *lines, struct flow *flow)
{
    const struct chunk *chunk = flow_front(flow);
    size_t length = scan(lines, flow), left;

    lines->in_line = chunk->start[length - 1] != '\n';
    flood_pass(&lines->pace, flow, length);
    if (lines->in_line)
        return;
    left = flood_afford(&lines->pace, flow, flood_owed(&lines->pace));
    while (left >= LINE_LEAST) {
        size_t piece = left < LINE_MOST ? left : LINE_MOST;

        add_line(&lines->pace, flow, piece);
        left -= piece;
    }
}

static void pump(void *state, const void *params, struct flow *flow)
{
    struct lines *lines = state;

    (void)params;
    while (flow_can_move(flow)) {
        if (flood_is_body(flow_front(flow)))
            move(lines, flow);
        else if (!flood_pass_end(&lines->pace, flow, add_rest))
            return;
    }
}

const struct filter_ops flood_lines = {
    .name = "flood-lines",
    .state_size = sizeof(struct lines),
    .open = flood_open,
    .pump = pump,
};
