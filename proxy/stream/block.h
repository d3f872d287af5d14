/* block: reference-counted memory that bytes in flight live in, and the pool it comes from. */
#ifndef PANNE_STREAM_BLOCK_H
#define PANNE_STREAM_BLOCK_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"

/* Large enough for the largest TLS record (RFC 8446: 2^14), so that one read takes one record. */
#define BLOCK_SIZE 16384u

struct block {
    uint32_t references;
    uint32_t size;   /* of bytes[] */
    uint32_t filled; /* where queue_put_copy may go on writing; 0: it may only if it finds itself
                        alone */
    unsigned char bytes[];
};

struct chunk;
struct pipe_pair;

/* Spare blocks, chunks and pipes of one thread; bounded (see block.c), so that a burst does not
 * stay in memory. */
struct pool {
    struct block *blocks;
    size_t block_count;
    struct chunk *chunks;
    size_t chunk_count;
    struct pipe_pair *pipes;
    size_t pipe_count;
};

/* Zero-fill a pool to start. Frees the spares. */
void pool_clear(struct pool *pool);

/* One reference, BLOCK_SIZE bytes. Never NULL. */
struct block *block_take(struct pool *pool);
/* One reference, at least `size` bytes (less than 4 GiB), not pooled if larger than BLOCK_SIZE. */
struct block *block_take_sized(struct pool *pool, size_t size);
static inline struct block *block_share(struct block *block)
{
    block->references++;
    return block;
}
/* For block_drop: nobody holds the block any more. */
void block_put_back(struct pool *pool, struct block *block);
/* Gives one reference back. */
static inline void block_drop(struct pool *pool, struct block *block)
{
    assert(block->references > 0);
    if (--block->references == 0)
        block_put_back(pool, block);
}

/* A pipe that splice(2) moves bytes through without their passing user space; non-blocking,
 * close-on-exec. */
struct pipe_pair {
    struct pipe_pair *next;
    int in, out; /* write end, read end */
    size_t held; /* bytes inside */
    size_t room; /* how much it may hold, from F_GETPIPE_SZ */
    unsigned references;
};

/* NULL when the process is out of descriptors: the caller copies instead. */
struct pipe_pair *pipe_take(struct pool *pool);
struct pipe_pair *pipe_share(struct pipe_pair *pair);
/* With the last reference: an empty pipe returns to the pool, one that holds bytes is closed. */
void pipe_drop(struct pool *pool, struct pipe_pair *pair);

#endif
