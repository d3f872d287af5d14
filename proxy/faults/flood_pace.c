/* flood_pace: how much a flood adds when: in proportion to what passes, up to a limit, no faster
 * than asked, and where the head has promised a length, exactly.
 *
 * Nothing is made without room for it, and nothing waits for room but the body's end: input may
 * fill the budget by itself. So a long body that comes faster than it goes gets the larger part
 * behind its last byte. */
#include "base/random.h"
#include "faults/filler.h"
#include "faults/flood.h"

/* A piece is an eighth of what has been added before, but no larger than this. */
enum { PIECE_MOST = 512 };
/* What is slow comes so often each second, but not in less than that, unless that is a second's. */
enum { PIECES_A_SECOND = 10, SLOW_PIECE = 64 };
/* More than a flood adds for any byte: all of it is due with the first one. */
#define AT_ONCE 1e12

static double growth(const struct flood *flood)
{
    if (flood->add > 0)
        return AT_ONCE;
    return flood->body > 1 ? flood->body - 1 : 0;
}

void flood_open(void *state, const void *params, struct arena *arena)
{
    const struct hit *hit = params;
    const struct flood *flood = hit->params;

    (void)arena;
    *(struct flood_pace *)state = (struct flood_pace){
        .more = growth(flood),
        .sure = flood->endless ? flood->limit : flood->add,
        .most = flood->limit,
        .speed = flood->pace,
        .endless = flood->endless,
        .alike = flood->pack == FLOOD_PACK_GZIP,
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
    uint64_t owed = flood_owed(pace), sure = pace->exact ? pace->most : pace->sure;

    if (sure > pace->most)
        sure = pace->most;
    if (sure < pace->added + owed)
        return owed;
    return sure - pace->added;
}

uint64_t flood_due(const struct flood_pace *pace, uint64_t least)
{
    uint64_t piece = pace->added / 8 + 1;

    if (piece > PIECE_MOST)
        piece = PIECE_MOST;
    if (piece < least)
        piece = least;
    if (pace->added >= pace->most || pace->more <= 0)
        return UINT64_MAX;
    if (piece > pace->most - pace->added)
        piece = pace->most - pace->added;
    return (uint64_t)((double)(pace->added + piece) / pace->more) + 1;
}

static uint64_t slow_piece(uint64_t speed)
{
    uint64_t piece = speed / PIECES_A_SECOND;

    if (piece < SLOW_PIECE)
        piece = speed < SLOW_PIECE ? speed : SLOW_PIECE;
    return piece;
}

/* How much of `room` is not too fast. */
static size_t not_too_fast(struct flood_pace *pace, struct flow *flow, size_t room)
{
    uint64_t piece = slow_piece(pace->speed);
    double due;

    if (pace->begun == 0)
        pace->begun = flow->now;
    due = (double)(flow->now - pace->begun) * (double)pace->speed / (double)SECOND + (double)piece -
          (double)pace->added;
    if (due >= (double)piece)
        return due < (double)room ? (size_t)due : room;
    flow->wake = usec_min(
        flow->wake,
        usec_after(flow->now,
                   (usec)(((double)piece - due) * (double)SECOND / (double)pace->speed) + 1));
    return 0;
}

size_t flood_slowed(struct flood_pace *pace, struct flow *flow, size_t room)
{
    return room == 0 || pace->speed == 0 ? room : not_too_fast(pace, flow, room);
}

size_t flood_room(struct flood_pace *pace, struct flow *flow)
{
    return flood_slowed(pace, flow, flow_room(flow));
}

size_t flood_afford(struct flood_pace *pace, struct flow *flow, uint64_t wanted)
{
    size_t room = flood_room(pace, flow);

    return wanted < room ? (size_t)wanted : room;
}

void flood_add(struct flood_pace *pace, struct flow *flow, const char *bytes, size_t length)
{
    flow_emit(flow, bytes, length, PART_BODY);
    pace->added += length;
}

void flood_words(const struct flood_pace *pace, char *at, size_t length)
{
    filler_write(at, length, pace->alike ? pace->bits : random_join(pace->bits, pace->added));
}

void flood_pass(struct flood_pace *pace, struct flow *flow, size_t length)
{
    pace->passed += flow_pass_up_to(flow, length);
}

bool flood_is_body(const struct chunk *chunk)
{
    return !chunk_is_final(chunk) && chunk->part == PART_BODY;
}

static bool says_whole(const struct chunk *chunk)
{
    return !chunk_is_final(chunk) || chunk->kind == CHUNK_END;
}

bool flood_wants_rest(const struct flood_pace *pace, const struct chunk *chunk)
{
    return says_whole(chunk) && !pace->settled && pace->passed > 0;
}

bool flood_pass_end(struct flood_pace *pace, struct flow *flow,
                    void (*add)(struct flood_pace *pace, struct flow *flow, size_t length))
{
    uint64_t rest;

    while (flood_wants_rest(pace, flow_front(flow)) && (rest = flood_rest(pace)) > 0) {
        size_t length = flood_afford(pace, flow, rest);

        if (length == 0)
            return false;
        add(pace, flow, length);
    }
    pace->settled = true;
    if (pace->endless && says_whole(flow_front(flow)) && pace->passed > 0)
        return !flow_must_wait(flow, NEVER);
    if (chunk_is_final(flow_front(flow)) || pace->passed == 0)
        flow_pass(flow);
    else
        flood_pass_trailer(flow);
    return true;
}

void flood_pump_behind(struct flood_pace *pace, struct flow *flow,
                       void (*add)(struct flood_pace *pace, struct flow *flow, size_t length))
{
    while (flow_can_move(flow)) {
        if (flood_is_body(flow_front(flow)))
            flood_pass(pace, flow, SIZE_MAX);
        else if (!flood_pass_end(pace, flow, add))
            return;
    }
}
