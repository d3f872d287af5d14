/* queue: chunks of a byte stream in order, counted against a budget. */
#include "stream/queue.h"

#include <assert.h>
#include <string.h>

/* A quarter of a block: waiting blocks are three quarters full, or nearly. */
#define TUCK_LESS (BLOCK_SIZE / 4)

static_assert(sizeof(struct chunk) <= 48, "chunks are handled by the thousand");

void queue_init(struct queue *queue, struct pool *pool, struct budget *budget)
{
    assert(pool && budget);
    *queue = (struct queue){ .pool = pool, .budget = budget };
}

void queue_clear(struct queue *queue)
{
    while (queue->first)
        chunk_free(queue->pool, queue_take(queue));
}

static inline void count_in(struct queue *queue, size_t length)
{
    queue->bytes += length;
    queue->budget->held += length;
}

static inline void count_out(struct queue *queue, size_t length)
{
    assert(queue->bytes >= length && queue->budget->held >= length);
    queue->bytes -= length;
    queue->budget->held -= length;
}

static inline void append(struct queue *queue, struct chunk *chunk, usec now)
{
    chunk->next = NULL;
    chunk->arrived = now;
    if (queue->last)
        queue->last->next = chunk;
    else
        queue->first = chunk;
    queue->last = chunk;
    count_in(queue, chunk->length);
}

/* Whether bytes that come `now` are of one piece with the last chunk, as far as all but their place
 * goes. */
static inline bool is_akin(const struct chunk *last, unsigned kind, unsigned part, usec now)
{
    return last && last->kind == kind && last->part == part && last->arrived == now;
}

static inline bool follows_on(const struct chunk *last, const struct block *block,
                              const unsigned char *start)
{
    return last->block == block && last->start + last->length == start;
}

static bool can_merge(const struct chunk *last, const struct chunk *chunk, usec now)
{
    if (!is_akin(last, chunk->kind, chunk->part, now))
        return false;
    if (chunk->kind == CHUNK_BYTES)
        return follows_on(last, chunk->block, chunk->start);
    return chunk->kind == CHUNK_PIPE && last->pipe == chunk->pipe;
}

struct chunk *queue_take(struct queue *queue)
{
    struct chunk *chunk = queue->first;

    if (!chunk)
        return NULL;
    queue->first = chunk->next;
    if (!queue->first)
        queue->last = NULL;
    chunk->next = NULL;
    count_out(queue, chunk->length);
    return chunk;
}

struct chunk *queue_take_up_to(struct queue *queue, size_t length)
{
    struct chunk *front = queue->first, *piece;

    if (!front || front->kind != CHUNK_BYTES || front->length <= length)
        return queue_take(queue);
    if (length == 0)
        return NULL;

    piece = chunk_new(queue->pool, CHUNK_BYTES);
    piece->block = block_share(front->block);
    piece->start = front->start;
    piece->length = length;
    piece->arrived = front->arrived;
    piece->part = front->part;
    front->start += length;
    front->length -= length;
    count_out(queue, length);
    return piece;
}

void queue_drop(struct queue *queue, size_t length)
{
    while (length > 0) {
        struct chunk *front = queue->first;

        assert(front && front->kind <= CHUNK_PIPE);
        if (front->length > length) {
            if (front->kind == CHUNK_BYTES)
                front->start += length;
            front->length -= length;
            count_out(queue, length);
            return;
        }
        length -= front->length;
        chunk_free(queue->pool, queue_take(queue));
    }
}

static void put_view(struct queue *queue, struct block *block, unsigned char *start, size_t length,
                     enum part part, usec now)
{
    struct chunk *last = queue->last;
    struct chunk *chunk;

    if (length == 0)
        return;
    assert(start >= block->bytes && length <= block->size - (size_t)(start - block->bytes));
    if (is_akin(last, CHUNK_BYTES, part, now) && follows_on(last, block, start)) {
        last->length += length;
        count_in(queue, length);
        return;
    }
    chunk = chunk_new(queue->pool, CHUNK_BYTES);
    chunk->block = block_share(block);
    chunk->start = start;
    chunk->length = length;
    chunk->part = (uint8_t)part;
    append(queue, chunk, now);
}

/* The last chunk's block, if `length` bytes may be written right behind that chunk, else NULL. A
 * block that others hold may be written where this queue's writes ended (`filled`): only copies go
 * there, and nobody reads them yet. */
static struct block *block_with_room(const struct queue *queue, size_t length)
{
    const struct chunk *last = queue->last;
    struct block *block;
    size_t end;

    if (!last || last->kind != CHUNK_BYTES)
        return NULL;
    block = last->block;
    end = (size_t)(last->start - block->bytes) + last->length;
    if (block->references > 1 && block->filled != end)
        return NULL;
    return block->size - end >= length ? block : NULL;
}

static void put_copy_piece(struct queue *queue, const void *bytes, size_t length, enum part part,
                           usec now)
{
    struct block *block = block_with_room(queue, length);
    unsigned char *start;

    if (block) {
        start = queue->last->start + queue->last->length;
        block_share(block);
    } else {
        block = block_take(queue->pool);
        start = block->bytes;
    }
    memcpy(start, bytes, length);
    block->filled = (uint32_t)((size_t)(start - block->bytes) + length);
    put_view(queue, block, start, length, part, now);
    block_drop(queue->pool, block);
}

/* A small piece that was read alone would keep a whole block in memory for as long as it waits.
 * Behind what has waited since an earlier moment it is copied to the last of that, if there is
 * room. */
static bool tuck(struct queue *queue, const unsigned char *start, size_t length, enum part part,
                 usec now)
{
    const struct chunk *last = queue->last;

    if (length >= TUCK_LESS || !last || queue->first->arrived == now ||
        !block_with_room(queue, length))
        return false;
    /* On the wire it no longer matters when it came. */
    if (part == PART_WIRE && last->part == PART_WIRE)
        now = last->arrived;
    put_copy_piece(queue, start, length, part, now);
    return true;
}

void queue_put_view(struct queue *queue, struct block *block, unsigned char *start, size_t length,
                    enum part part, usec now)
{
    if (!tuck(queue, start, length, part, now))
        put_view(queue, block, start, length, part, now);
}

void queue_put(struct queue *queue, struct chunk *chunk, usec now)
{
    if (can_merge(queue->last, chunk, now)) {
        queue->last->length += chunk->length;
        count_in(queue, chunk->length);
    } else if (chunk->kind != CHUNK_BYTES ||
               !tuck(queue, chunk->start, chunk->length, (enum part)chunk->part, now)) {
        append(queue, chunk, now);
        return;
    }
    chunk_free(queue->pool, chunk);
}

void queue_put_copy(struct queue *queue, const void *bytes, size_t length, enum part part, usec now)
{
    const unsigned char *from = bytes;

    while (length > 0) {
        size_t piece = length < BLOCK_SIZE ? length : BLOCK_SIZE;

        put_copy_piece(queue, from, piece, part, now);
        from += piece;
        length -= piece;
    }
}

void queue_put_mark(struct queue *queue, enum chunk_kind kind, usec now)
{
    assert(kind >= CHUNK_BOUNDARY);
    append(queue, chunk_new(queue->pool, kind), now);
}

void queue_move_all(struct queue *to, struct queue *from, usec now)
{
    assert(to != from);
    while (from->first)
        queue_put(to, queue_take(from), now);
}

void queue_own_front(struct queue *queue)
{
    struct chunk *front = queue->first;
    struct block *own;

    assert(front && front->kind == CHUNK_BYTES);
    if (front->block->references == 1)
        return;
    own = block_take_sized(queue->pool, front->length);
    memcpy(own->bytes, front->start, front->length);
    block_drop(queue->pool, front->block);
    front->block = own;
    front->start = own->bytes;
}
