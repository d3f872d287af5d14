/* flood_pace: how much a flood adds when: in proportion to what passes, up to a limit, and where
 * the head has promised a length, exactly.
 *
 * Nothing is made without room for it, and nothing waits for room but the body's end: input may
 * fill the budget by itself. So a long body that comes faster than it goes gets the larger part
 * behind its last byte. */
#include "faults/flood.h"

/* A piece is an eighth of what has been added before, but no larger than this. */
enum { PIECE_MOST = 512 };

void flood_open(void *state, const void *params, struct arena *arena)
{
    const struct hit *hit = params;
    const struct flood *flood = hit->params;

    (void)arena;
    *(struct flood_pace *)state = (struct flood_pace){
        .more = flood->body - 1,
        .most = flood->limit,
        .bits = hit->bits,
    };
}

uint64_t flood_owed(const struct flood_pace *pace)
{
    double due = pace->more * (double)pace->passed;
    uint64_t whole = due < (double)pace->most ? (uint64_t)due : pace->most;

    return whole > pace->added ? whole - pace->added : 0;
}

uint64_t flood_rest(const struct flood_pace *pace)
{
    return pace->exact ? pace->most - pace->added : flood_owed(pace);
}

uint64_t flood_due(const struct flood_pace *pace, uint64_t least)
{
    uint64_t piece = pace->added / 8 + 1;

    if (piece > PIECE_MOST)
        piece = PIECE_MOST;
    if (piece < least)
        piece = least;
    if (pace->added >= pace->most)
        return UINT64_MAX;
    if (piece > pace->most - pace->added)
        piece = pace->most - pace->added;
    return (uint64_t)((double)(pace->added + piece) / pace->more) + 1;
}

size_t flood_afford(const struct flow *flow, uint64_t wanted)
{
    size_t room = flow_room(flow);

    return wanted < room ? (size_t)wanted : room;
}

void flood_add(struct flood_pace *pace, struct flow *flow, const char *bytes, size_t length)
{
    flow_emit(flow, bytes, length, PART_BODY);
    pace->added += length;
}

void flood_pass(struct flood_pace *pace, struct flow *flow, size_t length)
{
    pace->passed += flow_pass_up_to(flow, length);
}

bool flood_is_body(const struct chunk *chunk)
{
    return !chunk_is_final(chunk) && chunk->part == PART_BODY;
}

bool flood_wants_rest(const struct flood_pace *pace, const struct chunk *chunk)
{
    bool whole = !chunk_is_final(chunk) || chunk->kind == CHUNK_END;

    return whole && !pace->settled && pace->passed > 0;
}

bool flood_pass_end(struct flood_pace *pace, struct flow *flow,
                    void (*add)(struct flood_pace *pace, struct flow *flow, size_t length))
{
    uint64_t rest;

    while (flood_wants_rest(pace, flow_front(flow)) && (rest = flood_rest(pace)) > 0) {
        size_t length = flood_afford(flow, rest);

        if (length == 0)
            return false;
        add(pace, flow, length);
    }
    pace->settled = true;
    if (chunk_is_final(flow_front(flow)) || pace->passed == 0)
        flow_pass(flow);
    else
        flood_pass_trailer(flow);
    return true;
}
