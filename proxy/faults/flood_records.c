/* flood_records: JSON lines with more of them, each an object such as a log has. */
#include <assert.h>
#include <string.h>

#include "faults/flood.h"

static const struct text opening = TEXT("{\"level\":\"debug\",\"message\":\""),
                         closing = TEXT("\"}\n");

enum { RECORD_MOST = 200 };

struct records {
    struct flood_pace pace;
    bool in_line; /* the last byte that passed was no line end */
};

/* Of what may be added in all: nothing, or enough for another record, must be left. */
static size_t piece_of(const struct flood_pace *pace, uint64_t left)
{
    uint64_t in_all = pace->most - pace->added;
    uint64_t piece = left < RECORD_MOST ? left : RECORD_MOST;

    if (piece < FLOOD_RECORD_LEAST)
        piece = FLOOD_RECORD_LEAST;
    if (in_all < piece + FLOOD_RECORD_LEAST)
        piece = in_all;
    return (size_t)piece;
}

static void add_record(struct flood_pace *pace, struct flow *flow, size_t length)
{
    char record[RECORD_MOST + 2 * FLOOD_RECORD_LEAST];
    size_t words = length - opening.length - closing.length;

    assert(length <= sizeof(record));
    memcpy(record, opening.at, opening.length);
    flood_words(pace, record + opening.length, words);
    memcpy(record + opening.length + words, closing.at, closing.length);
    flood_add(pace, flow, record, length);
}

/* Blanks, where a record does not fit: they stand in the last line, which has no end. */
static void add_blanks(struct flood_pace *pace, struct flow *flow, uint64_t length)
{
    char blanks[2 * FLOOD_RECORD_LEAST];

    assert(length <= sizeof(blanks));
    memset(blanks, ' ', sizeof(blanks));
    flood_add(pace, flow, blanks, (size_t)length);
}

static void add_rest(struct flood_pace *pace, struct flow *flow, size_t length)
{
    struct records *records = (struct records *)pace;
    uint64_t rest = flood_rest(pace);

    (void)length;
    if (rest < (records->in_line ? FLOOD_RECORD_LEAST + 1 : FLOOD_RECORD_LEAST)) {
        if (pace->exact)
            add_blanks(pace, flow, rest);
        pace->settled = true;
    } else if (records->in_line) {
        records->in_line = false;
        flood_add(pace, flow, "\n", 1);
    } else {
        add_record(pace, flow, piece_of(pace, rest));
    }
}

/* How many bytes of the front chunk pass before records are to be added, or all of them. */
static size_t scan(struct records *records, struct flow *flow)
{
    const struct chunk *chunk = flow_front(flow);
    uint64_t due = flood_due(&records->pace, FLOOD_RECORD_LEAST), ahead;
    const unsigned char *found;

    ahead = due > records->pace.passed ? due - records->pace.passed - 1 : 0;
    if (ahead >= chunk->length || flood_room(&records->pace, flow) < FLOOD_RECORD_LEAST)
        return chunk->length;
    found = memchr(chunk->start + ahead, '\n', chunk->length - (size_t)ahead);
    return found ? (size_t)(found - chunk->start) + 1 : chunk->length;
}

static void move(struct records *records, struct flow *flow)
{
    struct flood_pace *pace = &records->pace;
    const struct chunk *chunk = flow_front(flow);
    size_t length = scan(records, flow);
    uint64_t left;

    records->in_line = chunk->start[length - 1] != '\n';
    flood_pass(pace, flow, length);
    while (!records->in_line && pace->most - pace->added >= FLOOD_RECORD_LEAST &&
           (left = flood_afford(pace, flow, flood_owed(pace))) >= FLOOD_RECORD_LEAST)
        add_record(pace, flow, piece_of(pace, left));
}

static void pump(void *state, const void *params, struct flow *flow)
{
    struct records *records = state;

    (void)params;
    while (flow_can_move(flow)) {
        if (flood_is_body(flow_front(flow)))
            move(records, flow);
        else if (!flood_pass_end(&records->pace, flow, add_rest))
            return;
    }
}

const struct filter_ops flood_records = {
    .name = "flood-records",
    .state_size = sizeof(struct records),
    .open = flood_open,
    .pump = pump,
};
