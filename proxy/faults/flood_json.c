/* flood_json: JSON with white space that means nothing, where JSON allows it (RFC 8259, 2).
 *
 * Line ends are only added to a document that comes as a whole: what is sent bit by bit may be read
 * line by line, whatever it calls itself. For the same reason nothing stands behind a last line
 * end: what is owed then goes before it. */
#include <string.h>

#include "faults/flood.h"

enum place {
    NOWHERE,
    BETWEEN,  /* behind a comma or an opening bracket */
    LINE_END, /* before a line end */
};

/* A line end, and the indentation behind it. */
#define BLANKS_4 "    "
#define BLANKS_32 BLANKS_4 BLANKS_4 BLANKS_4 BLANKS_4 BLANKS_4 BLANKS_4 BLANKS_4 BLANKS_4
#define BLANKS_128 BLANKS_32 BLANKS_32 BLANKS_32 BLANKS_32
static const char blanks[] = "\n" BLANKS_128 BLANKS_128 BLANKS_128 BLANKS_128;

void flood_json_blanks(struct flood_json *json, struct flow *flow, size_t length, bool breaks)
{
    size_t skipped = breaks ? 0 : 1;

    while (length > 0) {
        size_t most = sizeof(blanks) - 1 - skipped;
        size_t piece = length < most ? length : most;

        flood_add(&json->pace, flow, blanks + skipped, piece);
        length -= piece;
    }
}

static void add_rest(struct flood_pace *pace, struct flow *flow, size_t length)
{
    struct flood_json *json = (struct flood_json *)pace;

    flood_json_blanks(json, flow, length, json->breaks);
}

/* Whether byte `i` of the front chunk is the last of a body whose length was promised. */
static bool is_last(const struct flood_json *json, size_t i)
{
    return json->pace.exact && json->pace.passed + i + 1 == json->pace.length;
}

/* Whether white space is to go before this line end. Without room for it, only one behind which
 * nothing stands waits. */
static bool stops_at_line_end(struct flood_json *json, struct flow *flow, size_t i, uint64_t due)
{
    if (is_last(json, i))
        return flood_rest(&json->pace) > 0;
    if (!json->opened || !json->line_used || json->pace.passed + i < due)
        return false;
    return flood_room(&json->pace, flow) > 0 || flow->in->bytes == i + 1;
}

/* Takes one byte outside of strings. */
static bool stops_behind(struct flood_json *json, unsigned char byte)
{
    switch (byte) {
    case '"':
        json->in_string = true;
        return false;
    case '{':
    case '[':
        json->opened = true;
        return true;
    case ',':
        return json->opened;
    default:
        return false;
    }
}

static void take_in_string(struct flood_json *json, unsigned char byte)
{
    if (json->escaped)
        json->escaped = false;
    else if (byte == '\\')
        json->escaped = true;
    else if (byte == '"')
        json->in_string = false;
}

/* How many bytes of the front chunk pass before white space is to be added, or all of them. */
static size_t scan(struct flood_json *json, struct flow *flow, enum place *place)
{
    const struct chunk *chunk = flow_front(flow);
    uint64_t due = flood_due(&json->pace, 1);
    uint64_t due_now = flood_room(&json->pace, flow) > 0 ? due : UINT64_MAX;

    for (size_t i = 0; i < chunk->length; i++) {
        unsigned char byte = chunk->start[i];

        if (byte == '\n') {
            *place = LINE_END;
            if (stops_at_line_end(json, flow, i, due))
                return i;
            json->in_string = json->escaped = json->line_used = false;
            continue;
        }
        json->line_used = true;
        *place = BETWEEN;
        if (json->in_string)
            take_in_string(json, byte);
        else if (stops_behind(json, byte) && json->pace.passed + i + 1 >= due_now)
            return i + 1;
    }
    *place = NOWHERE;
    return chunk->length;
}

/* False: it must wait for room. */
static bool add_at(struct flood_json *json, struct flow *flow, enum place place)
{
    bool last = place == LINE_END && is_last(json, 0);
    uint64_t wanted = last ? flood_rest(&json->pace) : flood_owed(&json->pace);
    size_t length = flood_afford(&json->pace, flow, wanted);

    flood_json_blanks(json, flow, length, json->breaks && place == BETWEEN);
    return place == BETWEEN || length > 0;
}

static bool pass_end(struct flood_json *json, struct flow *flow)
{
    bool at_line_start = json->pace.passed > 0 && !json->line_used;

    if (at_line_start && !json->pace.exact && json->pace.sure == 0)
        json->pace.settled = true; /* what was worth it has gone before the line end */
    return flood_pass_end(&json->pace, flow, add_rest);
}

void flood_json_move(struct flood_json *json, struct flow *flow)
{
    while (flow_can_move(flow)) {
        enum place place;

        if (!flood_is_body(flow_front(flow))) {
            if (!pass_end(json, flow))
                return;
            continue;
        }
        flood_pass(&json->pace, flow, scan(json, flow, &place));
        if (place != NOWHERE && !add_at(json, flow, place))
            return;
    }
}

static void pump(void *state, const void *params, struct flow *flow)
{
    struct flood_json *json = state;

    (void)params;
    json->breaks = json->pace.exact;
    flood_json_move(json, flow);
}

static void pump_lines(void *state, const void *params, struct flow *flow)
{
    (void)params;
    flood_json_move(state, flow);
}

const struct filter_ops flood_json = {
    .name = "flood-json",
    .state_size = sizeof(struct flood_json),
    .open = flood_open,
    .pump = pump,
};

const struct filter_ops flood_json_lines = {
    .name = "flood-json-lines",
    .state_size = sizeof(struct flood_json),
    .open = flood_open,
    .pump = pump_lines,
};
