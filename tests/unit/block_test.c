/* block_test: blocks, chunks and pipes come from a bounded pool and go back to it. */
#include "stream/block.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "stream/queue.h"

static void a_block_is_whole_and_has_one_holder(void **state)
{
    struct pool pool = { 0 };
    struct block *block = block_take(&pool);

    (void)state;
    assert_int_equal(block->references, 1);
    assert_int_equal(block->size, BLOCK_SIZE);
    memset(block->bytes, 'x', block->size);
    block_drop(&pool, block);
    pool_clear(&pool);
}

static void a_dropped_block_is_taken_again_and_can_be_written(void **state)
{
    struct pool pool = { 0 };
    struct block *first = block_take(&pool), *second = block_take(&pool);

    (void)state;
    first->filled = 7;
    block_drop(&pool, first);
    block_drop(&pool, second);
    assert_int_equal(pool.block_count, 2);
    assert_ptr_equal(block_take(&pool), second);
    assert_ptr_equal(block_take(&pool), first);
    assert_int_equal(pool.block_count, 0);
    assert_int_equal(first->references, 1);
    assert_int_equal(first->filled, 0);
    memset(first->bytes, 'x', first->size);
    block_drop(&pool, first);
    block_drop(&pool, second);
    pool_clear(&pool);
}

static void a_shared_block_returns_with_its_last_reference(void **state)
{
    struct pool pool = { 0 };
    struct block *block = block_take(&pool);

    (void)state;
    assert_ptr_equal(block_share(block), block);
    block_drop(&pool, block);
    assert_int_equal(pool.block_count, 0);
    assert_int_equal(block->references, 1);
    block_drop(&pool, block);
    assert_int_equal(pool.block_count, 1);
    pool_clear(&pool);
}

static void only_blocks_of_the_usual_size_are_kept(void **state)
{
    static const struct {
        size_t asked, size, kept;
    } sizes[] = {
        { 1, BLOCK_SIZE, 1 },
        { BLOCK_SIZE, BLOCK_SIZE, 1 },
        { BLOCK_SIZE + 1, BLOCK_SIZE + 1, 0 },
        { 1000000, 1000000, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct pool pool = { 0 };
        struct block *block = block_take_sized(&pool, sizes[i].asked);

        assert_int_equal(block->size, sizes[i].size);
        assert_int_equal(block->references, 1);
        memset(block->bytes, 'x', block->size);
        block_drop(&pool, block);
        assert_int_equal(pool.block_count, sizes[i].kept);
        pool_clear(&pool);
    }
}

static void a_burst_of_blocks_and_chunks_does_not_stay(void **state)
{
    struct pool pool = { 0 };
    struct block *blocks[100];
    struct chunk *chunks[300];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(blocks); i++)
        blocks[i] = block_take(&pool);
    for (size_t i = 0; i < COUNT_OF(chunks); i++)
        chunks[i] = chunk_new(&pool, CHUNK_END);
    for (size_t i = 0; i < COUNT_OF(blocks); i++)
        block_drop(&pool, blocks[i]);
    for (size_t i = 0; i < COUNT_OF(chunks); i++)
        chunk_free(&pool, chunks[i]);
    assert_int_equal(pool.block_count, 64);
    assert_int_equal(pool.chunk_count, 256);

    pool_clear(&pool);
    assert_null(pool.blocks);
    assert_null(pool.chunks);
    assert_int_equal(pool.block_count + pool.chunk_count, 0);
}

static void a_chunk_that_is_taken_again_holds_nothing(void **state)
{
    struct pool pool = { 0 };
    struct chunk *chunk = chunk_new(&pool, CHUNK_BYTES);

    (void)state;
    chunk->block = block_take(&pool);
    chunk->start = chunk->block->bytes;
    chunk->length = 5;
    chunk->part = PART_BODY;
    chunk->arrived = 9;
    chunk_free(&pool, chunk);
    assert_int_equal(pool.block_count, 1);

    assert_ptr_equal(chunk_new(&pool, CHUNK_CUT), chunk);
    assert_null(chunk->block);
    assert_null(chunk->next);
    assert_int_equal(chunk->length, 0);
    assert_int_equal(chunk->kind, CHUNK_CUT);
    assert_int_equal(chunk->part, 0);
    assert_int_equal(chunk->arrived, 0);
    chunk_free(&pool, chunk);
    pool_clear(&pool);
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void a_pipe_never_blocks_and_is_not_inherited(void **state)
{
    struct pool pool = { 0 };
    struct pipe_pair *pair = pipe_take(&pool);
    char byte = 'x';

    (void)state;
    assert_non_null(pair);
    assert_true(fcntl(pair->in, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(pair->out, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(pair->in, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(pair->out, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(pair->room, fcntl(pair->in, F_GETPIPE_SZ));
    assert_true(pair->room >= 4096);
    assert_int_equal(pair->held, 0);

    assert_int_equal(read(pair->out, &byte, 1), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(write(pair->in, "y", 1), 1);
    assert_int_equal(read(pair->out, &byte, 1), 1);
    assert_int_equal(byte, 'y');
    pipe_drop(&pool, pair);
    pool_clear(&pool);
}

static void an_empty_pipe_is_kept_and_a_full_one_closed(void **state)
{
    struct pool pool = { 0 };
    struct pipe_pair *pair = pipe_take(&pool);
    int in, out;

    (void)state;
    assert_non_null(pair);
    in = pair->in;
    out = pair->out;
    pipe_drop(&pool, pair);
    assert_int_equal(pool.pipe_count, 1);
    assert_ptr_equal(pipe_take(&pool), pair);
    assert_int_equal(pair->references, 1);
    assert_int_equal(pool.pipe_count, 0);

    pair->held = 1;
    assert_ptr_equal(pipe_share(pair), pair);
    pipe_drop(&pool, pair);
    assert_true(is_open(in));
    pipe_drop(&pool, pair);
    assert_int_equal(pool.pipe_count, 0);
    assert_false(is_open(in));
    assert_false(is_open(out));
}

static void a_burst_of_pipes_does_not_stay(void **state)
{
    struct pool pool = { 0 };
    struct pipe_pair *pairs[20];
    int last;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        pairs[i] = pipe_take(&pool);
        assert_non_null(pairs[i]);
    }
    last = pairs[19]->in;
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        pipe_drop(&pool, pairs[i]);
    assert_int_equal(pool.pipe_count, 16);
    assert_false(is_open(last));
    last = pool.pipes->in;
    assert_true(is_open(last));
    pool_clear(&pool);
    assert_false(is_open(last));
    assert_int_equal(pool.pipe_count, 0);
}

static void without_descriptors_there_is_no_pipe(void **state)
{
    struct pool pool = { 0 };
    struct rlimit before, none;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_null(pipe_take(&pool));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_whole_and_has_one_holder),
        cmocka_unit_test(a_dropped_block_is_taken_again_and_can_be_written),
        cmocka_unit_test(a_shared_block_returns_with_its_last_reference),
        cmocka_unit_test(only_blocks_of_the_usual_size_are_kept),
        cmocka_unit_test(a_burst_of_blocks_and_chunks_does_not_stay),
        cmocka_unit_test(a_chunk_that_is_taken_again_holds_nothing),
        cmocka_unit_test(a_pipe_never_blocks_and_is_not_inherited),
        cmocka_unit_test(an_empty_pipe_is_kept_and_a_full_one_closed),
        cmocka_unit_test(a_burst_of_pipes_does_not_stay),
        cmocka_unit_test(without_descriptors_there_is_no_pipe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
