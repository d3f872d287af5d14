/* block: reference-counted memory that bytes in flight live in, and the pool it comes from. */
#include "stream/block.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "stream/poison.h"
#include "stream/queue.h"

/* What one thread keeps of each at most: 1 MiB of blocks, 12 KiB of chunks, 32 descriptors. */
enum { SPARE_BLOCKS = 64, SPARE_CHUNKS = 256, SPARE_PIPES = 16 };

/* A spare block holds the pointer to the next one where its bytes were. */
static struct block *next_of(const struct block *spare)
{
    struct block *next;

    memcpy(&next, spare->bytes, sizeof(next));
    return next;
}

struct block *block_take(struct pool *pool)
{
    struct block *block = pool->blocks;

    if (!block) {
        block = memory_take(sizeof(*block) + BLOCK_SIZE);
        block->size = BLOCK_SIZE;
    } else {
        pool->blocks = next_of(block);
        pool->block_count--;
        UNPOISON(block->bytes, BLOCK_SIZE);
    }
    block->references = 1;
    block->filled = 0;
    return block;
}

struct block *block_take_sized(struct pool *pool, size_t size)
{
    struct block *block;

    if (size <= BLOCK_SIZE)
        return block_take(pool);
    assert(size <= UINT32_MAX);
    block = memory_take(sizeof(*block) + size);
    block->size = (uint32_t)size;
    block->references = 1;
    return block;
}

void block_put_back(struct pool *pool, struct block *block)
{
    if (block->size != BLOCK_SIZE || pool->block_count >= SPARE_BLOCKS) {
        free(block);
        return;
    }
    memcpy(block->bytes, &pool->blocks, sizeof(pool->blocks));
    pool->blocks = block;
    pool->block_count++;
    POISON(block->bytes + sizeof(struct block *), BLOCK_SIZE - sizeof(struct block *));
}

struct chunk *chunk_new(struct pool *pool, enum chunk_kind kind)
{
    struct chunk *chunk = pool->chunks;

    if (!chunk) {
        chunk = memory_take(sizeof(*chunk));
    } else {
        pool->chunks = chunk->next;
        pool->chunk_count--;
        UNPOISON(chunk, sizeof(*chunk));
    }
    *chunk = (struct chunk){ .kind = (uint8_t)kind };
    return chunk;
}

void chunk_free(struct pool *pool, struct chunk *chunk)
{
    if (chunk->kind == CHUNK_BYTES && chunk->block)
        block_drop(pool, chunk->block);
    else if (chunk->kind == CHUNK_PIPE && chunk->pipe)
        pipe_drop(pool, chunk->pipe);

    if (pool->chunk_count >= SPARE_CHUNKS) {
        free(chunk);
        return;
    }
    chunk->next = pool->chunks;
    pool->chunks = chunk;
    pool->chunk_count++;
    POISON(&chunk->next + 1, sizeof(*chunk) - sizeof(chunk->next));
}

static void pipe_close(struct pipe_pair *pair)
{
    close(pair->in);
    close(pair->out);
    free(pair);
}

static struct pipe_pair *pipe_open(void)
{
    struct pipe_pair *pair;
    int ends[2], room;

    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
        return NULL;
    /* The kernel's 64 KiB: a larger one takes fewer system calls but a third more time, because
     * what has gone through it no longer lies in a cache when its receiver reads it. Where the user
     * has many pipes already it is smaller. */
    room = fcntl(ends[1], F_GETPIPE_SZ);

    pair = memory_take(sizeof(*pair));
    pair->out = ends[0];
    pair->in = ends[1];
    pair->room = room > 0 ? (size_t)room : 4096;
    return pair;
}

struct pipe_pair *pipe_take(struct pool *pool)
{
    struct pipe_pair *pair = pool->pipes;

    if (pair) {
        pool->pipes = pair->next;
        pool->pipe_count--;
        pair->next = NULL;
    } else {
        pair = pipe_open();
    }
    if (pair)
        pair->references = 1;
    return pair;
}

struct pipe_pair *pipe_share(struct pipe_pair *pair)
{
    pair->references++;
    return pair;
}

void pipe_drop(struct pool *pool, struct pipe_pair *pair)
{
    assert(pair->references > 0);
    if (--pair->references > 0)
        return;
    if (pair->held > 0 || pool->pipe_count >= SPARE_PIPES) {
        pipe_close(pair);
        return;
    }
    pair->next = pool->pipes;
    pool->pipes = pair;
    pool->pipe_count++;
}

void pool_clear(struct pool *pool)
{
    while (pool->blocks) {
        struct block *block = pool->blocks;

        pool->blocks = next_of(block);
        UNPOISON(block->bytes, BLOCK_SIZE);
        free(block);
    }
    while (pool->chunks) {
        struct chunk *chunk = pool->chunks;

        pool->chunks = chunk->next;
        UNPOISON(chunk, sizeof(*chunk));
        free(chunk);
    }
    while (pool->pipes) {
        struct pipe_pair *pair = pool->pipes;

        pool->pipes = pair->next;
        pipe_close(pair);
    }
    *pool = (struct pool){ 0 };
}
