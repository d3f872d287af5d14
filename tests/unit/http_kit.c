/* http_kit: messages read and written in tests: cut anywhere, beside a guard page, results as text.
 */
#include "http_kit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

enum { GUARDED_SIZE = 128 * 1024 };

void kit_open(struct kit *kit)
{
    *kit = (struct kit){ .budget = { 0, SIZE_MAX }, .limits = { 32768, 100 } };
    queue_init(&kit->out, &kit->pool, &kit->budget);
    kit->guard = guard_new(GUARDED_SIZE);
}

void kit_close(struct kit *kit)
{
    guard_free(&kit->guard);
    queue_clear(&kit->out);
    assert(kit->budget.held == 0);
    pool_clear(&kit->pool);
    arena_clear(&kit->arena);
}

static enum read_result read_once(struct kit *kit, struct reader *reader, struct text method,
                                  struct text bytes, struct head_read *read)
{
    read->result = reader_head(reader, guard_put(&kit->guard, bytes), method, &kit->arena,
                               &read->head, &read->used);
    read->status = reader->status;
    read->complaint = reader->complaint;
    return read->result;
}

struct head_read kit_read_head_in_steps(struct kit *kit, enum head_kind kind, struct text method,
                                        struct text bytes, size_t step)
{
    struct reader reader = { 0 };
    struct head_read read = { .result = READ_MORE };

    reader_start(&reader, kind, &kit->limits);
    for (size_t length = step; length < bytes.length && read.result == READ_MORE; length += step)
        read_once(kit, &reader, method, text_of(bytes.at, length), &read);
    if (read.result == READ_MORE)
        read_once(kit, &reader, method, bytes, &read);
    reader_clear(&reader);
    return read;
}

struct head_read kit_read_head(struct kit *kit, enum head_kind kind, struct text method,
                               struct text bytes)
{
    return kit_read_head_in_steps(kit, kind, method, bytes, bytes.length + 1);
}

struct head kit_head(struct kit *kit, enum head_kind kind, const char *bytes)
{
    struct head_read read = kit_read_head(kit, kind, BYTES("GET"), text_from(bytes));

    assert(read.result == READ_DONE);
    return read.head;
}

/* Of its size to the byte, so that a sanitizer sees one read too far. */
static struct block *exact_block(size_t size)
{
    struct block *block = memory_take(sizeof(*block) + size);

    block->references = 1;
    block->size = (uint32_t)size;
    return block;
}

enum read_result kit_take(struct kit *kit, struct reader *reader, struct text bytes, size_t step,
                          size_t *used)
{
    enum read_result result = READ_MORE;
    size_t at = 0;

    do {
        size_t piece = bytes.length - at < step ? bytes.length - at : step, taken;
        struct block *block = exact_block(piece);

        if (piece > 0)
            memcpy(block->bytes, bytes.at + at, piece);
        result = reader_take(reader, block, block->bytes, piece, &kit->out, 0, &taken);
        block_drop(&kit->pool, block);
        at += taken;
        assert(result != READ_MORE || taken == piece);
    } while (result == READ_MORE && at < bytes.length);
    if (used)
        *used = at;
    return result;
}

static void tell(struct buffer *told, const struct chunk *chunk)
{
    static const char marks[] = {
        [CHUNK_BOUNDARY] = '^', [CHUNK_END] = '$', [CHUNK_CUT] = '#', [CHUNK_RESET] = '@'
    };

    if (chunk->kind == CHUNK_PIPE) {
        buffer_format(told, "(%zu)", chunk->length);
        return;
    }
    if (chunk->kind != CHUNK_BYTES) {
        buffer_add_byte(told, marks[chunk->kind]);
        return;
    }
    if (chunk->part == PART_TRAILER)
        buffer_add_byte(told, '<');
    buffer_add(told, chunk->start, chunk->length);
    if (chunk->part == PART_TRAILER)
        buffer_add_byte(told, '>');
}

const char *kit_told(struct kit *kit, struct queue *queue)
{
    struct buffer told = { 0 };
    const char *string;

    for (const struct chunk *chunk = queue_front(queue); chunk; chunk = chunk->next)
        tell(&told, chunk);
    queue_clear(queue);
    string = arena_string(&kit->arena, buffer_text(&told));
    buffer_free(&told);
    return string;
}

void kit_put(struct kit *kit, struct queue *queue, const char *told)
{
    static const char marks[] = "^$#@";
    enum part part = PART_BODY;

    (void)kit;
    for (; *told; told++) {
        const char *mark = strchr(marks, *told);

        if (mark)
            queue_put_mark(queue, (enum chunk_kind)(CHUNK_BOUNDARY + (mark - marks)), 0);
        else if (*told == '<')
            part = PART_TRAILER;
        else if (*told == '>')
            part = PART_BODY;
        else
            queue_put_copy(queue, told, 1, part, 0);
    }
}

int kit_set_up(void **state)
{
    struct kit *kit = memory_take(sizeof(*kit));

    kit_open(kit);
    *state = kit;
    return 0;
}

int kit_tear_down(void **state)
{
    kit_close(*state);
    free(*state);
    return 0;
}
