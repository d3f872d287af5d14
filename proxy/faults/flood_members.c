/* flood_members: a JSON object with one member more, behind its own (RFC 8259, 4). What is no
 * object, or has no room for a member, gets white space. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "faults/flood.h"

enum shape { UNSEEN, OBJECT, OTHER };

/* The member is `,"panne_debug_0a1b2c3d":["…","…"]`: an opening, strings, a closing. A string with
 * what parts it from the one before takes CELL bytes, the last one up to twice that. */
enum { CELL = 120, OPENING_MOST = 32, CLOSING = 2 };
static const char parting[] = "\",\"";
enum { PARTING = sizeof(parting) - 1 };
/* Made even where input fills the budget: else the one would wait for the other. */
enum { ROOM_LEAST = 4096 };

struct members {
    struct flood_json json; /* for what gets white space */
    enum shape shape;
    uint64_t depth;
    bool in_string, escaped;
    bool filled; /* the outermost object has a member */
    bool begun;  /* the member's length is known, and its opening out */
    bool done;
    uint64_t cells, last; /* how many still come, and the length of the last one */
    bool first_cell;
};

static bool is_blank(unsigned char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Passes leading blanks, and tells by the first other byte what it is. */
static void recognize(struct members *members, struct flow *flow)
{
    const struct chunk *chunk = flow_front(flow);
    size_t blanks = 0;

    while (blanks < chunk->length && is_blank(chunk->start[blanks]))
        blanks++;
    if (blanks < chunk->length)
        members->shape = chunk->start[blanks] == '{' ? OBJECT : OTHER;
    else
        members->json.line_used = chunk->start[blanks - 1] != '\n';
    flood_pass(&members->json.pace, flow, blanks);
}

static void take_in_string(struct members *members, unsigned char byte)
{
    if (members->escaped)
        members->escaped = false;
    else if (byte == '\\')
        members->escaped = true;
    else if (byte == '"')
        members->in_string = false;
}

/* True at the bracket that closes the whole; it is not taken. */
static bool closes(struct members *members, unsigned char byte)
{
    if (byte == '}' || byte == ']') {
        if (members->depth == 1)
            return true;
        members->depth -= members->depth > 0;
    } else if (byte == '{' || byte == '[') {
        members->filled = members->filled || members->depth > 0;
        members->depth++;
    } else if (!is_blank(byte)) {
        members->filled = true;
        members->in_string = byte == '"';
    }
    return false;
}

/* How many bytes of the front chunk stand before the closing bracket. */
static size_t scan(struct members *members, const struct flow *flow)
{
    const struct chunk *chunk = flow_front(flow);

    for (size_t i = 0; i < chunk->length; i++) {
        if (members->in_string)
            take_in_string(members, chunk->start[i]);
        else if (closes(members, chunk->start[i]))
            return i;
    }
    return chunk->length;
}

static size_t room_of(struct members *members, struct flow *flow)
{
    size_t room = flow_room(flow);

    if (room == 0 && flow->out->bytes < ROOM_LEAST)
        room = ROOM_LEAST - flow->out->bytes;
    return flood_slowed(&members->json.pace, flow, room);
}

/* The least member that there can be has one string of a byte. */
static void begin(struct members *members, struct flow *flow, uint64_t amount)
{
    char opening[OPENING_MOST];
    int length = snprintf(opening, sizeof(opening), "%s\"panne_debug_%08x\":[\"",
                          members->filled ? "," : "", (unsigned)members->json.pace.bits);
    uint64_t strings;

    assert(length > 0 && length < OPENING_MOST);
    members->begun = true;
    if (amount <= (uint64_t)length + CLOSING) {
        flood_json_blanks(&members->json, flow, (size_t)amount, members->json.breaks);
        return;
    }
    strings = amount - (uint64_t)length - CLOSING;
    members->cells = strings / CELL > 0 ? strings / CELL : 1;
    members->last = strings - (members->cells - 1) * CELL;
    members->first_cell = true;
    flood_add(&members->json.pace, flow, opening, (size_t)length);
}

static void add_cell(struct members *members, struct flow *flow)
{
    char cell[2 * CELL + CLOSING];
    size_t length = members->cells == 1 ? (size_t)members->last : CELL;
    size_t start = members->first_cell ? 0 : PARTING;

    memcpy(cell, parting, start);
    flood_words(&members->json.pace, cell + start, length - start);
    if (--members->cells == 0) {
        memcpy(cell + length, "\"]", CLOSING);
        length += CLOSING;
    }
    members->first_cell = false;
    flood_add(&members->json.pace, flow, cell, length);
}

/* At the closing bracket. False: it must wait for room. */
static bool add_member(struct members *members, struct flow *flow)
{
    if (!members->begun) {
        uint64_t amount = flood_rest(&members->json.pace);

        if (amount > 0 && room_of(members, flow) == 0)
            return false;
        begin(members, flow, amount);
    }
    while (members->cells > 0) {
        if (room_of(members, flow) == 0)
            return false;
        add_cell(members, flow);
    }
    members->done = true;
    members->json.pace.settled = true;
    return true;
}

static void add_rest(struct flood_pace *pace, struct flow *flow, size_t length)
{
    struct flood_json *json = (struct flood_json *)pace;

    flood_json_blanks(json, flow, length, json->breaks);
}

/* False: it must wait. */
static bool take(struct members *members, struct flow *flow)
{
    struct flood_pace *pace = &members->json.pace;
    size_t length;

    if (!flood_is_body(flow_front(flow)))
        return flood_pass_end(pace, flow, add_rest);
    if (members->shape == UNSEEN) {
        recognize(members, flow);
        return true;
    }
    if (members->done) {
        flood_pass(pace, flow, SIZE_MAX);
        return true;
    }
    length = scan(members, flow);
    if (length == flow_front(flow)->length) {
        flood_pass(pace, flow, length);
        return true;
    }
    flood_pass(pace, flow, length);
    return add_member(members, flow);
}

static void pump(void *state, const void *params, struct flow *flow)
{
    struct members *members = state;

    (void)params;
    members->json.breaks = members->json.pace.exact;
    while (members->shape != OTHER && flow_can_move(flow))
        if (!take(members, flow))
            return;
    if (members->shape == OTHER)
        flood_json_move(&members->json, flow);
}

const struct filter_ops flood_members = {
    .name = "flood-members",
    .state_size = sizeof(struct members),
    .open = flood_open,
    .pump = pump,
};
