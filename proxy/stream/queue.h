/* queue: chunks of a byte stream in order, counted against a budget. */
#ifndef PANNE_STREAM_QUEUE_H
#define PANNE_STREAM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/time.h"
#include "stream/block.h"

enum chunk_kind {
    CHUNK_BYTES, /* a view of a block */
    CHUNK_PIPE,  /* bytes inside a pipe: nobody can look at them; all chunks of a pipe stand in one
                    queue */
    CHUNK_BOUNDARY, /* what stands before must not leave in one write with what stands behind */
    CHUNK_END,      /* the stream ends here, whole */
    CHUNK_CUT,      /* the stream ends here, cut off: an orderly close without the message's end */
    CHUNK_RESET,    /* the stream ends here, broken: RST, or RST_STREAM */
};

/* What bytes are, so that a filter can leave alone what it is not meant for. */
enum part {
    PART_WIRE = 0, /* not labelled: framed bytes as they go over a connection */
    PART_HEAD = 1,
    PART_BODY = 2,
    PART_TRAILER =
        4, /* one whole, checked trailer section: lines with CRLF, without the empty line */
    PART_TUNNEL = 8,
};

/* One chunk is in exactly one queue, or in nobody's and then the holder's to put or free. */
struct chunk {
    struct chunk *next;
    union {
        struct block *block;    /* CHUNK_BYTES: one reference */
        struct pipe_pair *pipe; /* CHUNK_PIPE: one reference */
    };
    unsigned char *start; /* CHUNK_BYTES: into the block */
    size_t length;        /* of CHUNK_BYTES and CHUNK_PIPE, else 0 */
    usec arrived;         /* when it entered the queue that it is in */
    uint8_t kind;         /* enum chunk_kind */
    uint8_t part;         /* enum part */
};

/* What the queues of one direction may hold together. Moving a chunk between two queues of a budget
 * changes nothing; making one asks for room. */
struct budget {
    size_t held, limit;
};

static inline bool budget_has_room(const struct budget *budget)
{
    return budget->held < budget->limit;
}

struct queue {
    struct chunk *first, *last;
    size_t bytes;
    struct budget *budget;
    struct pool *pool;
};

/* Both outlive the queue, and neither is NULL. */
void queue_init(struct queue *queue, struct pool *pool, struct budget *budget);
/* Frees all chunks; the queue stays usable. */
void queue_clear(struct queue *queue);

static inline bool queue_is_empty(const struct queue *queue)
{
    return queue->first == NULL;
}

static inline struct chunk *queue_front(const struct queue *queue)
{
    return queue->first;
}

static inline bool chunk_is_final(const struct chunk *chunk)
{
    return chunk->kind >= CHUNK_END;
}

/* A chunk with nothing in it yet, of no queue. Never NULL. */
struct chunk *chunk_new(struct pool *pool, enum chunk_kind kind);
void chunk_free(struct pool *pool, struct chunk *chunk);

/* Takes the chunk from the caller, to the end of the queue. Bytes that follow on the last chunk's
 * (same block, part and `arrived`) are merged with it, so that slices of one read stay one chunk;
 * so are those in the same pipe. Few bytes behind others that have waited since an earlier moment
 * are copied into the last one's block where that has room: what waits is what takes memory, not
 * the blocks that it was read into. */
void queue_put(struct queue *queue, struct chunk *chunk, usec now);
/* Hands the first chunk over, or NULL. */
MUST_USE struct chunk *queue_take(struct queue *queue);
/* Cuts up to `length` bytes off the front: a chunk of their own that shares the block
 * (CHUNK_BYTES), or the whole chunk if that is no longer or cannot be cut. NULL if the queue is
 * empty, or no bytes are asked for and bytes stand at the front. */
MUST_USE struct chunk *queue_take_up_to(struct queue *queue, size_t length);
/* Forgets `length` bytes at the front, whole chunks and a piece; the queue must hold them as
 * CHUNK_BYTES or CHUNK_PIPE (whose pipe must have given them up already) without another kind
 * between. */
void queue_drop(struct queue *queue, size_t length);

/* A view of block bytes; shares the block (one more reference), or copies as queue_put does. */
void queue_put_view(struct queue *queue, struct block *block, unsigned char *start, size_t length,
                    enum part part, usec now);
/* A copy of the bytes, into the last chunk's block where that has room behind it and is not shared
 * with others who could write there, else into a new one; any length. */
void queue_put_copy(struct queue *queue, const void *bytes, size_t length, enum part part,
                    usec now);
/* A mark: CHUNK_BOUNDARY, CHUNK_END, CHUNK_CUT or CHUNK_RESET. */
void queue_put_mark(struct queue *queue, enum chunk_kind kind, usec now);
/* Everything in `from` to the end of `to`, in order. `arrived` becomes `now`. */
void queue_move_all(struct queue *to, struct queue *from, usec now);
/* Makes the front chunk's bytes writable, by copying if the block is shared. */
void queue_own_front(struct queue *queue);

#endif
