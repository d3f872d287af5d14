/* arena: memory that all dies together, taken from small pooled blocks. */
#ifndef PANNE_BASE_ARENA_H
#define PANNE_BASE_ARENA_H

#include <stddef.h>

#include "base/attributes.h"
#include "base/text.h"

struct arena_block;

/* Spare 2 KiB blocks that arenas of one thread share. Zero-fill to start; bounded, see arena.c. */
struct arena_pool {
    struct arena_block *spare;
    size_t count;
};

/* Zero-fill (or arena_init) to start. Not thread-safe. */
struct arena {
    struct arena_block *blocks;
    char *next, *end;
    struct arena_pool *pool; /* may be NULL: malloc and free */
};

void arena_init(struct arena *arena, struct arena_pool *pool);
/* Gives everything back; the arena is empty and usable again. */
void arena_clear(struct arena *arena);
void arena_pool_clear(struct arena_pool *pool);

/* Zero-filled memory aligned for any type, valid until arena_clear. Never NULL: out of memory ends
 * the program (memory_exhausted). Sizes over a block get a block of their own. */
void *arena_take(struct arena *arena, size_t size) __attribute__((malloc, alloc_size(2)));
#define ARENA_NEW(arena, type) ((type *)arena_take((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_take_array((arena), sizeof(type), (count)))
void *arena_take_array(struct arena *arena, size_t size, size_t count);

/* Copies; the copy is followed by a NUL, which its length does not count. */
struct text arena_copy(struct arena *arena, struct text text);
char *arena_string(struct arena *arena, struct text text);
struct text arena_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* malloc, zero-filled, that cannot fail: out of memory ends the program in one place with a line on
 * stderr. */
void *memory_take(size_t size) __attribute__((malloc, alloc_size(1)));
void *memory_grow(void *memory, size_t size);
char *memory_string(struct text text);
NO_RETURN void memory_exhausted(void);

#endif
