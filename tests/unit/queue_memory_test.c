/* queue_memory_test: whose memory a queue writes to, and that none is lost. */
#include "stream/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "flow_table.h"
#include "queue_bench.h"

static void copies_share_a_block_where_nobody_else_writes(void **state)
{
    struct queue_bench *bench = *state;
    struct block *block;

    queue_put_copy(&bench->queue, "ab", 2, PART_HEAD, 0);
    queue_put_copy(&bench->queue, "cd", 2, PART_HEAD, 0);
    queue_put_copy(&bench->queue, "ef", 2, PART_BODY, 0);
    queue_put_copy(&bench->queue, "gh", 2, PART_BODY, 1);
    block = bench->queue.first->block;
    assert_int_equal(block->references, 3);
    assert_ptr_equal(bench->queue.last->block, block);
    queue_bench_expect(&bench->queue, "abcd|ef|gh");
}

static void a_copy_keeps_off_a_block_that_its_reader_still_fills(void **state)
{
    struct queue_bench *bench = *state;
    struct block *block = block_take(&bench->pool);

    memcpy(block->bytes, "ab", 2);
    queue_put_view(&bench->queue, block, block->bytes, 2, PART_BODY, 0);
    queue_put_copy(&bench->queue, "cd", 2, PART_BODY, 0);
    memcpy(block->bytes + 2, "xy", 2);
    block_drop(&bench->pool, block);
    queue_bench_expect(&bench->queue, "ab|cd");
}

static void two_views_of_one_end_are_not_both_continued(void **state)
{
    struct queue_bench *bench = *state;
    struct chunk *front;

    queue_put_copy(&bench->queue, "ab", 2, PART_BODY, 0);
    front = queue_front(&bench->queue);
    queue_put_view(&bench->other, front->block, front->start, 2, PART_BODY, 0);
    queue_put_copy(&bench->queue, "cd", 2, PART_BODY, 0);
    queue_put_copy(&bench->other, "ef", 2, PART_BODY, 0);
    queue_bench_expect(&bench->queue, "abcd");
    queue_bench_expect(&bench->other, "ab|ef");
}

static void a_copy_may_be_of_any_length(void **state)
{
    static const size_t lengths[] = {
        1, BLOCK_SIZE - 1, BLOCK_SIZE, BLOCK_SIZE + 1, 3 * BLOCK_SIZE, 100001
    };
    struct queue_bench *bench = *state;

    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        unsigned char *bytes = malloc(lengths[i]);
        size_t seen = 1;

        assert_non_null(bytes);
        for (size_t at = 0; at < lengths[i]; at++)
            bytes[at] = (unsigned char)random_mix(at);
        queue_put_copy(&bench->queue, "x", 1, PART_BODY, 0);
        queue_put_copy(&bench->queue, bytes, lengths[i], PART_BODY, 0);
        queue_bench_check(bench);
        assert_int_equal(bench->queue.bytes, lengths[i] + 1);
        queue_drop(&bench->queue, 1);
        for (const struct chunk *chunk = bench->queue.first; chunk; chunk = chunk->next) {
            assert_memory_equal(chunk->start, bytes + seen - 1, chunk->length);
            seen += chunk->length;
        }
        queue_clear(&bench->queue);
        free(bytes);
    }
}

static void moving_all_keeps_the_budget_and_renews_the_arrival(void **state)
{
    struct queue_bench *bench = *state;

    flow_feed(&bench->other, "a", 0, PART_BODY, 1);
    flow_feed(&bench->queue, "b|c!", 0, PART_BODY, 1);
    queue_move_all(&bench->other, &bench->queue, 9);
    queue_bench_check(bench);
    assert_int_equal(bench->budget.held, 3);
    assert_true(queue_is_empty(&bench->queue));
    assert_int_equal(bench->other.first->arrived, 1);
    assert_int_equal(bench->other.last->arrived, 9);
    queue_bench_expect(&bench->other, "a|b|c!");
}

static void moving_between_budgets_settles_both(void **state)
{
    struct queue_bench *bench = *state;
    struct budget theirs = { .limit = 9 };
    struct queue queue;

    queue_init(&queue, &bench->pool, &theirs);
    flow_feed(&bench->queue, "abc", 0, PART_BODY, 1);
    queue_move_all(&queue, &bench->queue, 1);
    assert_int_equal(bench->budget.held, 0);
    assert_int_equal(theirs.held, 3);
    queue_clear(&queue);
    assert_int_equal(theirs.held, 0);
}

static void owned_bytes_are_written_without_others_seeing_it(void **state)
{
    struct queue_bench *bench = *state;
    const unsigned char *before;

    flow_feed(&bench->queue, "abcdef", 0, PART_BODY, 0);
    queue_put(&bench->other, queue_take_up_to(&bench->queue, 3), 0);
    before = queue_front(&bench->queue)->start;
    queue_own_front(&bench->queue);
    assert_ptr_not_equal(queue_front(&bench->queue)->start, before);
    memcpy(queue_front(&bench->queue)->start, "DEF", 3);
    queue_bench_expect(&bench->other, "abc");
    queue_bench_expect(&bench->queue, "DEF");

    flow_feed(&bench->queue, "abc", 0, PART_BODY, 0);
    before = queue_front(&bench->queue)->start;
    queue_own_front(&bench->queue);
    assert_ptr_equal(queue_front(&bench->queue)->start, before);
}

static struct chunk *pipe_chunk(struct queue_bench *bench, struct pipe_pair *pair, size_t length)
{
    struct chunk *chunk = chunk_new(&bench->pool, CHUNK_PIPE);

    chunk->pipe = pipe_share(pair);
    chunk->length = length;
    chunk->part = PART_BODY;
    pair->held += length;
    return chunk;
}

static void bytes_in_a_pipe_are_counted_but_not_cut(void **state)
{
    struct queue_bench *bench = *state;
    struct pipe_pair *pair = pipe_take(&bench->pool);

    assert_non_null(pair);
    queue_put(&bench->queue, pipe_chunk(bench, pair, 5), 0);
    queue_put(&bench->queue, pipe_chunk(bench, pair, 6), 0);
    queue_put(&bench->queue, pipe_chunk(bench, pair, 7), 1);
    pipe_drop(&bench->pool, pair);
    assert_int_equal(pair->references, 2);
    assert_int_equal(bench->queue.first->length, 11);
    queue_bench_check(bench);

    pair->held -= 4;
    queue_drop(&bench->queue, 4);
    queue_bench_check(bench);
    queue_put(&bench->other, queue_take_up_to(&bench->queue, 2), 0);
    assert_int_equal(bench->other.bytes, 7);
    queue_bench_check(bench);

    queue_move_all(&bench->other, &bench->queue, 0);
    pair->held -= 14;
    queue_drop(&bench->other, 14);
    assert_true(queue_is_empty(&bench->other));
    assert_int_equal(bench->pool.pipe_count, 1);
}

static void steady_traffic_takes_no_memory(void **state)
{
    struct queue_bench *bench = *state;

    flow_feed(&bench->queue, "abc|def!", 0, PART_BODY, 0);
    queue_clear(&bench->queue);
    for (int round = 0; round < 100; round++) {
        size_t blocks = bench->pool.block_count, chunks = bench->pool.chunk_count;

        flow_feed(&bench->queue, "abc|def!", 0, PART_BODY, round);
        queue_move_all(&bench->other, &bench->queue, round);
        queue_clear(&bench->other);
        assert_int_equal(bench->pool.block_count, blocks);
        assert_int_equal(bench->pool.chunk_count, chunks);
    }
}

/* Random doings on two queues, beside plain strings that must tell the same. */
struct model {
    char queue[4096], other[4096];
};

static void do_something(struct queue_bench *bench, struct model *model, uint64_t draw)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    size_t length = (draw >> 8) % 20, have = strlen(model->queue);
    usec now = (usec)((draw >> 16) % 2);
    struct chunk *chunk;

    switch (draw % 4) {
    case 0:
        queue_put_copy(&bench->queue, letters, length, PART_BODY, now);
        memcpy(model->queue + have, letters, length);
        model->queue[have + length] = '\0';
        break;
    case 1:
        chunk = queue_take_up_to(&bench->queue, length);
        if (!chunk)
            break;
        memcpy(model->other + strlen(model->other), model->queue, chunk->length);
        memmove(model->queue, model->queue + chunk->length, have - chunk->length + 1);
        queue_put(&bench->other, chunk, now);
        break;
    case 2:
        length = length < have ? length : have;
        queue_drop(&bench->queue, length);
        memmove(model->queue, model->queue + length, have - length + 1);
        break;
    default:
        if (!queue_is_empty(&bench->other))
            queue_own_front(&bench->other);
    }
}

static void whatever_is_done_no_byte_is_lost_or_changed(void **state)
{
    struct queue_bench *bench = *state;

    for (uint64_t run = 0; run < 200; run++) {
        struct model model = { 0 };
        char *queue, *other;

        for (uint64_t step = 0; step < 100; step++) {
            do_something(bench, &model, random_join(run, step));
            queue_bench_check(bench);
        }
        queue = flow_drain(&bench->queue, false);
        other = flow_drain(&bench->other, false);
        assert_string_equal(queue, model.queue);
        assert_string_equal(other, model.other);
        free(queue);
        free(other);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, queue_bench_open, queue_bench_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(copies_share_a_block_where_nobody_else_writes),
        TEST(a_copy_keeps_off_a_block_that_its_reader_still_fills),
        TEST(two_views_of_one_end_are_not_both_continued),
        TEST(a_copy_may_be_of_any_length),
        TEST(moving_all_keeps_the_budget_and_renews_the_arrival),
        TEST(moving_between_budgets_settles_both),
        TEST(owned_bytes_are_written_without_others_seeing_it),
        TEST(bytes_in_a_pipe_are_counted_but_not_cut),
        TEST(steady_traffic_takes_no_memory),
        TEST(whatever_is_done_no_byte_is_lost_or_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
