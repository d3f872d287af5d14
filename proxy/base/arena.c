/* arena: how memory is cut from blocks, pooled, and what happens when there is none left. */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#endif

/* Under AddressSanitizer what nobody has taken is out of bounds, and so is a gap behind each
 * taking. */
#ifdef WATCHED
#include <sanitizer/asan_interface.h>
#define GAP alignof(max_align_t)
#define HIDE(at, size) __asan_poison_memory_region((at), (size))
#define SHOW(at, size) __asan_unpoison_memory_region((at), (size))
#else
#define GAP 0
#define HIDE(at, size) ((void)(at), (void)(size))
#define SHOW(at, size) ((void)(at), (void)(size))
#endif

enum {
    BLOCK_SIZE = 2048,  /* with its header */
    SPARE_LIMIT = 1024, /* blocks: a pool keeps no more than a mebibyte */
};

struct arena_block {
    struct arena_block *next;
    size_t size; /* of the bytes */
    alignas(max_align_t) char bytes[];
};

#define BLOCK_ROOM (BLOCK_SIZE - sizeof(struct arena_block))

void arena_init(struct arena *arena, struct arena_pool *pool)
{
    *arena = (struct arena){ .pool = pool };
}

static struct arena_block *block_take(struct arena *arena, size_t room)
{
    struct arena_pool *pool = arena->pool;
    struct arena_block *block;

    if (room == BLOCK_ROOM && pool && pool->spare) {
        block = pool->spare;
        pool->spare = block->next;
        pool->count--;
    } else {
        block = calloc(1, sizeof(*block) + room);
        if (!block)
            memory_exhausted();
        block->size = room;
        HIDE(block->bytes, room);
    }
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

static void block_put(struct arena_pool *pool, struct arena_block *block)
{
    if (pool && block->size == BLOCK_ROOM && pool->count < SPARE_LIMIT) {
        HIDE(block->bytes, block->size);
        block->next = pool->spare;
        pool->spare = block;
        pool->count++;
    } else {
        SHOW(block->bytes, block->size);
        free(block);
    }
}

void arena_clear(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *block = arena->blocks;

        arena->blocks = block->next;
        block_put(arena->pool, block);
    }
    arena->next = arena->end = NULL;
}

void arena_pool_clear(struct arena_pool *pool)
{
    while (pool->spare) {
        struct arena_block *block = pool->spare;

        pool->spare = block->next;
        block_put(NULL, block);
    }
    pool->count = 0;
}

/* The sum of what an object takes up in a block: a multiple of the strictest alignment. */
static size_t footprint(size_t size)
{
    size_t unit = alignof(max_align_t);

    if (size > PTRDIFF_MAX - BLOCK_SIZE)
        memory_exhausted();
    return (size + (size == 0) + unit - 1) / unit * unit + GAP;
}

void *arena_take(struct arena *arena, size_t size)
{
    size_t room = footprint(size);
    char *at;

    if (room > BLOCK_ROOM) {
        at = block_take(arena, room)->bytes;
    } else {
        if (!arena->next || room > (size_t)(arena->end - arena->next)) {
            arena->next = block_take(arena, BLOCK_ROOM)->bytes;
            arena->end = arena->next + BLOCK_ROOM;
        }
        at = arena->next;
        arena->next += room;
    }
    SHOW(at, size);
    memset(at, 0, size);
    return at;
}

void *arena_take_array(struct arena *arena, size_t size, size_t count)
{
    size_t total;

    if (__builtin_mul_overflow(size, count, &total))
        memory_exhausted();
    return arena_take(arena, total);
}

char *arena_string(struct arena *arena, struct text text)
{
    char *copy;

    if (text.length == SIZE_MAX)
        memory_exhausted();
    copy = arena_take(arena, text.length + 1);
    if (text.length > 0)
        memcpy(copy, text.at, text.length);
    return copy;
}

struct text arena_copy(struct arena *arena, struct text text)
{
    return text_of(arena_string(arena, text), text.length);
}

struct text arena_format(struct arena *arena, const char *format, ...)
{
    va_list values, again;
    int length;
    char *at;

    va_start(values, format);
    va_copy(again, values);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(length >= 0);
    at = arena_take(arena, (size_t)length + 1);
    vsnprintf(at, (size_t)length + 1, format, values);
    va_end(values);
    return text_of(at, (size_t)length);
}

void *memory_take(size_t size)
{
    void *memory = calloc(1, size ? size : 1);

    if (!memory)
        memory_exhausted();
    return memory;
}

void *memory_grow(void *memory, size_t size)
{
    void *grown = realloc(memory, size ? size : 1);

    if (!grown)
        memory_exhausted();
    return grown;
}

char *memory_string(struct text text)
{
    char *copy;

    if (text.length == SIZE_MAX)
        memory_exhausted();
    copy = memory_take(text.length + 1);
    if (text.length > 0)
        memcpy(copy, text.at, text.length);
    return copy;
}

/* Takes no memory itself; 3 is the status of a run that could not be carried out. */
void memory_exhausted(void)
{
    static const char line[] = "panne: out of memory\n";
    ssize_t written = write(STDERR_FILENO, line, sizeof(line) - 1);

    (void)written;
    _exit(3);
}
