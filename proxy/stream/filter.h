/* filter: the contract of what changes one direction of a byte stream.
 *
 * A filter sees an input queue, an output queue and the time. It never blocks, never touches a
 * socket and never reads a clock, so the same filter serves requests, responses and tunnels, and
 * its test is a table of (time, in, out). */
#ifndef PANNE_STREAM_FILTER_H
#define PANNE_STREAM_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/time.h"
#include "stream/queue.h"

/* One turn of a filter. */
struct flow {
    struct queue *in, *out;
    usec now;
    usec wake;      /* when to call again though nothing arrives or drains */
    unsigned parts; /* enum part bits that the filter treats; chunks of others go by */
    bool moved;     /* something entered the output */
    bool ended;     /* an end has been put out: what still comes in is thrown away */
    size_t waiting; /* of what stands in the input, how much is in `touched` already for having been
                       held back */
    size_t behind;  /* bytes that wait for filters before this one: see flow_ahead */
    /* What the filter did, in bytes: made (flow_emit), thrown away (flow_discard) or held back
     * (flow_must_wait), each once. A boundary or an end that it made, and an end that it held back,
     * count one; what is thrown away behind an end does not count. A filter that edits bytes in
     * place adds them itself. */
    uint64_t touched;
};

struct filter_ops {
    const char *name;
    size_t state_size; /* of zero-filled state, one for each stream, from `arena` */
    /* NULL where zero-filled state is enough. `arena` lives as long as the stream. */
    void (*open)(void *state, const void *params, struct arena *arena);
    /* Moves what it can now. Called again when input, room or time has come. An end in the input
     * must be passed on (flow_pass) or replaced (flow_end), after everything that still is to come
     * out. */
    void (*pump)(void *state, const void *params, struct flow *flow);
    /* NULL where there is nothing to free outside the arena. Called once, also for a stream that
     * was abandoned. */
    void (*close)(void *state);
};

/* A chunk to treat stands at the front (chunks of other parts and boundaries before it are passed
 * on first). Also true for an end. False once the stream has ended. */
MUST_USE bool flow_can_move(struct flow *flow);
/* The front chunk, which flow_can_move has found. Lent. */
struct chunk *flow_front(const struct flow *flow);
/* True if `due` lies ahead (NEVER: for good); books the wake-up. The front chunk, and all behind
 * it, is held back. */
MUST_USE bool flow_must_wait(struct flow *flow, usec due);
/* Moves the front chunk, end or not, and gives its length. */
size_t flow_pass(struct flow *flow);
/* Moves at most `length` bytes of the front chunk; an end is moved whole and counts 0. So does a
 * pipe, which counts all that it holds. */
size_t flow_pass_up_to(struct flow *flow, size_t length);
/* Throws the front chunk away, and gives its length. Not an end: use flow_end. */
size_t flow_discard(struct flow *flow);
/* How many bytes may be made now. */
size_t flow_room(const struct flow *flow);
/* How many bytes have passed this filter and have not been written yet. A filter that makes many
 * small pieces keeps that low, since the budget counts their bytes alone; it is called again when
 * some have gone. */
size_t flow_ahead(const struct flow *flow);
/* Bytes that nobody sent, copied. The caller keeps to flow_room (a small overrun, a header's worth,
 * does no harm). */
void flow_emit(struct flow *flow, const void *bytes, size_t length, enum part part);
/* What stands before leaves in a write of its own. A second one in a row does nothing. */
void flow_boundary(struct flow *flow);
/* Ends the stream here: CHUNK_END, CHUNK_CUT or CHUNK_RESET; what is still in the input, or comes,
 * is thrown away. */
void flow_end(struct flow *flow, enum chunk_kind end);

#endif
