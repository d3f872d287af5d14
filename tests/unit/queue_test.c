/* queue_test: chunks keep their order, and the budget always knows what is held. */
#include "stream/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow_table.h"
#include "queue_bench.h"

static void an_empty_queue_gives_nothing(void **state)
{
    struct queue_bench *bench = *state;

    assert_true(queue_is_empty(&bench->queue));
    assert_null(queue_front(&bench->queue));
    assert_null(queue_take(&bench->queue));
    assert_null(queue_take_up_to(&bench->queue, 5));
    queue_drop(&bench->queue, 0);
    queue_clear(&bench->queue);
    queue_put_copy(&bench->queue, "", 0, PART_BODY, 0);
    assert_true(queue_is_empty(&bench->queue));
}

static void chunks_come_out_as_they_went_in(void **state)
{
    struct queue_bench *bench = *state;

    flow_feed(&bench->queue, "one|two!", 0, PART_BODY, 5);
    assert_int_equal(bench->queue.bytes, 6);
    assert_int_equal(bench->budget.held, 6);
    assert_int_equal(queue_front(&bench->queue)->arrived, 5);
    assert_int_equal(queue_front(&bench->queue)->part, PART_BODY);
    queue_bench_expect(&bench->queue, "one|two!");
    assert_int_equal(bench->budget.held, 0);
}

static void the_budget_has_room_below_its_limit(void **state)
{
    struct queue_bench *bench = *state;

    bench->budget.limit = 3;
    flow_feed(&bench->queue, "ab", 0, PART_BODY, 0);
    assert_true(budget_has_room(&bench->budget));
    flow_feed(&bench->other, "c", 0, PART_BODY, 0);
    assert_false(budget_has_room(&bench->budget));
}

static void views_merge_where_they_are_one_piece(void **state)
{
    static const struct {
        const char *claim, *wanted;
        size_t second; /* where the second view starts; the first is bytes 0 to 2 */
        enum part part;
        usec now;
    } cases[] = {
        { "bytes that follow on merge", "abcde", 3, PART_BODY, 7 },
        { "a gap stays a split", "abc|ef", 4, PART_BODY, 7 },
        { "a repeat stays a split", "abc|ab", 0, PART_BODY, 7 },
        { "another part stays apart", "abc|de", 3, PART_TRAILER, 7 },
        { "another arrival stays apart", "abc|de", 3, PART_BODY, 8 },
    };
    struct queue_bench *bench = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct block *block = block_take(&bench->pool);
        struct chunk *chunk;

        print_message("%s\n", cases[i].claim);
        memcpy(block->bytes, "abcdef", 6);
        queue_put_view(&bench->queue, block, block->bytes, 3, PART_BODY, 7);
        queue_put_view(&bench->queue, block, block->bytes + cases[i].second, 2, cases[i].part,
                       cases[i].now);
        queue_bench_check(bench);
        /* The same by way of queue_put. */
        queue_put_view(&bench->other, block, block->bytes, 3, PART_BODY, 7);
        chunk = chunk_new(&bench->pool, CHUNK_BYTES);
        chunk->block = block_share(block);
        chunk->start = block->bytes + cases[i].second;
        chunk->length = 2;
        chunk->part = (uint8_t)cases[i].part;
        queue_put(&bench->other, chunk, cases[i].now);
        queue_bench_check(bench);
        queue_bench_expect(&bench->queue, cases[i].wanted);
        queue_bench_expect(&bench->other, cases[i].wanted);
        assert_int_equal(block->references, 1);
        block_drop(&bench->pool, block);
    }
}

static void neighbors_in_memory_of_others_stay_apart(void **state)
{
    struct queue_bench *bench = *state;

    flow_feed(&bench->queue, "abcd", 2, PART_BODY, 0);
    queue_bench_expect(&bench->queue, "ab|cd");
}

static void a_boundary_keeps_bytes_apart(void **state)
{
    struct queue_bench *bench = *state;

    queue_put_copy(&bench->queue, "ab", 2, PART_BODY, 0);
    queue_put_mark(&bench->queue, CHUNK_BOUNDARY, 0);
    queue_put_copy(&bench->queue, "cd", 2, PART_BODY, 0);
    assert_int_equal(queue_front(&bench->queue)->length, 2);
    queue_bench_expect(&bench->queue, "ab|cd");
}

static void taking_up_to_cuts_bytes_and_nothing_else(void **state)
{
    static const struct {
        const char *in, *taken, *left;
        size_t length;
    } cases[] = {
        { "abc", "a", "bc", 1 },       { "abc", "ab", "c", 2 }, { "abc", "abc", "", 3 },
        { "abc", "abc", "", 4 },       { "abc", "", "abc", 0 }, { "|ab", "|", "ab", 1 },
        { "!", "!", "", 0 },           { "~", "~", "", 9 },     { "ab!", "ab", "!", 9 },
        { "\\!\\|", "\\!", "\\|", 1 },
    };
    struct queue_bench *bench = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct chunk *chunk;

        flow_feed(&bench->queue, cases[i].in, 0, PART_BODY, 3);
        chunk = queue_take_up_to(&bench->queue, cases[i].length);
        queue_bench_check(bench);
        if (chunk) {
            assert_int_equal(chunk->arrived, 3);
            assert_null(chunk->next);
            queue_put(&bench->other, chunk, 4);
        }
        queue_bench_check(bench);
        queue_bench_expect(&bench->other, cases[i].taken);
        queue_bench_expect(&bench->queue, cases[i].left);
    }
}

static void pieces_of_one_chunk_grow_together_again(void **state)
{
    struct queue_bench *bench = *state;

    flow_feed(&bench->queue, "abcdef", 0, PART_BODY, 3);
    while (!queue_is_empty(&bench->queue))
        queue_put(&bench->other, queue_take_up_to(&bench->queue, 2), 4);
    assert_ptr_equal(bench->other.first, bench->other.last);
    assert_int_equal(bench->other.first->block->references, 1);
    queue_bench_expect(&bench->other, "abcdef");
}

static void dropping_takes_any_length_off_the_front(void **state)
{
    static const char whole[] = "abcdefgh";
    struct queue_bench *bench = *state;

    for (size_t length = 0; length < sizeof(whole); length++) {
        flow_feed(&bench->queue, whole, 3, PART_BODY, 0);
        queue_drop(&bench->queue, length);
        queue_bench_check(bench);
        assert_int_equal(bench->queue.bytes, sizeof(whole) - 1 - length);
        if (length < sizeof(whole) - 1)
            assert_int_equal(*queue_front(&bench->queue)->start, whole[length]);
        queue_clear(&bench->queue);
    }
}

/* As a slow peer's bytes are read: a byte at a time, each into a block of its own. */
static void a_drip_does_not_keep_a_block_for_each_drop(void **state)
{
    static const enum part parts[] = { PART_BODY, PART_WIRE };
    struct queue_bench *bench = *state;
    struct queue *queue = &bench->queue;

    for (size_t way = 0; way < 2 * COUNT_OF(parts); way++) {
        char wanted[41] = { 0 };

        for (size_t drop = 0; drop < sizeof(wanted) - 1; drop++) {
            struct block *block = block_take(&bench->pool);

            *block->bytes = (unsigned char)(wanted[drop] = (char)('0' + drop));
            if (way % 2 == 0) {
                queue_put_view(queue, block, block->bytes, 1, parts[way / 2], (usec)drop);
            } else {
                queue_put_view(&bench->other, block, block->bytes, 1, parts[way / 2], 0);
                queue_put(queue, queue_take(&bench->other), (usec)drop);
            }
            block_drop(&bench->pool, block);
            assert_int_equal(queue->last->arrived, parts[way / 2] == PART_WIRE ? 0 : drop);
        }
        assert_ptr_equal(queue->first->block, queue->last->block);
        assert_int_equal(bench->budget.held, sizeof(wanted) - 1);
        for (size_t drop = 0; drop < sizeof(wanted) - 1; drop++, queue_drop(queue, 1))
            assert_int_equal(*queue_front(queue)->start, wanted[drop]);
        queue_bench_check(bench);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, queue_bench_open, queue_bench_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_queue_gives_nothing),
        TEST(chunks_come_out_as_they_went_in),
        TEST(the_budget_has_room_below_its_limit),
        TEST(views_merge_where_they_are_one_piece),
        TEST(neighbors_in_memory_of_others_stay_apart),
        TEST(a_boundary_keeps_bytes_apart),
        TEST(taking_up_to_cuts_bytes_and_nothing_else),
        TEST(pieces_of_one_chunk_grow_together_again),
        TEST(dropping_takes_any_length_off_the_front),
        TEST(a_drip_does_not_keep_a_block_for_each_drop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
