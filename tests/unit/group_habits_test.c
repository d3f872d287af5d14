/* group: what a client does of its own accord is no retry; and what is counted of operations. */
#include "group_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/random.h"

/* A trace has many requests. */
static void traces_tie_equal_requests_only(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = bench_attempt(0, false), other = bench_attempt(20 * MSEC, false),
                   again = bench_attempt(60 * SECOND, false);

    (void)state;
    first.mark = other.mark = again.mark = 9;
    first.marker = other.marker = again.marker = text_from("traceparent");
    other.print = 5;
    bench_take(bench, &first);
    bench_take(bench, &other);
    assert_int_equal(other.index, 0);
    assert_int_equal(bench_take(bench, &again)->tie, TIE_MARK);
    assert_int_equal(again.index, 1);
    bench_free(bench);
}

/* Once it was seen that attempts at one thing keep the id of their request. */
static void another_request_id_is_another_operation(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = bench_attempt(0, false), again = bench_attempt(SECOND, false),
                   other = bench_attempt(2 * SECOND, false);

    (void)state;
    first.mark = again.mark = 7;
    other.mark = 8;
    first.marker = again.marker = other.marker = text_from("x-request-id");
    bench_take(bench, &first);
    assert_false(first.distinct);
    bench_take(bench, &again);
    assert_int_equal(again.index, 1);
    bench_take(bench, &other);
    assert_true(other.distinct);
    assert_int_equal(other.index, 0);
    bench_free(bench);
}

/* The index of an attempt after a pause, of a client that asks again each second anyway. */
static unsigned index_after(usec asked, usec pause)
{
    struct bench *bench = bench_new();
    struct attempt first = bench_attempt(MINUTE, false),
                   second = bench_attempt(MINUTE + 10 * MSEC + pause, false);

    for (usec at = 0; at < 40 * SECOND; at += SECOND)
        reasks_note(bench->reasks, 77, 0, at, at + 10 * MSEC, true);
    first.retry_after = asked;
    bench_take(bench, &first);
    bench_take(bench, &second);
    bench_free(bench);
    return second.index;
}

static void who_was_asked_to_wait_comes_when_it_is_time(void **state)
{
    (void)state;
    assert_int_equal(index_after(NEVER, 50 * MSEC), 1);
    assert_int_equal(index_after(NEVER, 5 * SECOND), 0);
    assert_int_equal(index_after(4 * SECOND, 50 * MSEC), 1);
    assert_int_equal(index_after(4 * SECOND, 2 * SECOND), 0);
    assert_int_equal(index_after(4 * SECOND, 4 * SECOND), 1);
    assert_int_equal(index_after(4 * SECOND, 6 * SECOND), 1);
    assert_int_equal(index_after(4 * SECOND, 9 * SECOND), 0);
}

/* It is what the client wanted to know: an equal request is another operation. */
static void a_final_answer_ends_its_operation(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = bench_attempt(0, false), soon = bench_attempt(SECOND, false);

    (void)state;
    first.failed = soon.failed = false;
    first.final = soon.final = true;
    bench_take(bench, &first);
    bench_take(bench, &soon);
    assert_int_equal(soon.index, 0);
    bench_end(bench, HOUR);
    assert_int_equal(bench->closed.operations[0].close, CLOSE_FINAL);
    bench_free(bench);
}

/* It asks for the same every 3 s or so though it has got it: within 2 s it is a retry. */
static void what_is_asked_again_anyway_is_no_retry(void **state)
{
    struct bench *bench = bench_new();
    struct attempt failed = bench_attempt(200 * SECOND, false),
                   soon = bench_attempt(201 * SECOND, false),
                   late = bench_attempt(204 * SECOND, false);

    (void)state;
    for (usec at = 0; at < 150 * SECOND; at += 3 * SECOND)
        reasks_note(bench->reasks, 5, 0, at, at + 10 * MSEC, true);
    assert_int_equal(reasks_window(bench->reasks, 0), 2 * SECOND);
    bench_take(bench, &failed);
    bench_take(bench, &soon);
    bench_take(bench, &late);
    assert_int_equal(soon.index, 1);
    assert_int_equal(late.index, 0);
    bench_free(bench);
}

static void habits_are_known_from_twenty_answers_on(void **state)
{
    struct reasks *reasks = reasks_new();

    (void)state;
    for (int i = 0; i < 19; i++)
        reasks_note(reasks, 5, 3, i * MSEC, i * MSEC, true);
    assert_true(reasks_window(reasks, 3) == NEVER);
    for (uint64_t i = 0; i < 20; i++)
        reasks_note(reasks, 100 + i, 4, 0, 0, true);
    assert_int_equal(reasks_window(reasks, 4), 32 * SECOND);
    assert_true(reasks_window(reasks, 3) < 32 * SECOND); /* as all do: half of them at once */
    assert_true(reasks_window(reasks, HISTORY_NOBODY) < 32 * SECOND);
    reasks_free(reasks);
}

/* Every 2 s when all is well: a request 2 s after a failure is the next poll, one 100 ms after it a
 * retry. */
static void polls_are_no_retries(void **state)
{
    struct bench *bench = bench_new();
    struct attempt poll = bench_attempt(0, true), failed = bench_attempt(10 * SECOND, false),
                   retry = bench_attempt(10 * SECOND + 100 * MSEC, false),
                   next = bench_attempt(12 * SECOND + 100 * MSEC, false);

    (void)state;
    for (usec at = 0; at < 8 * SECOND; at += 2 * SECOND)
        polling_note(bench->polling, attempt_pair(77, 0), at);
    bench_take(bench, &poll);
    bench_take(bench, &failed);
    bench_take(bench, &retry);
    bench_take(bench, &next);
    assert_int_equal(retry.index, 1);
    assert_int_equal(next.index, 0);
    bench_free(bench);
}

static void overlapping_attempts_are_counted(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = bench_attempt(0, false), second = bench_attempt(5 * MSEC, true);

    (void)state;
    bench_take(bench, &first);
    assert_int_equal(bench_take(bench, &second)->overlaps, 1);
    assert_int_equal(second.gap, -5 * MSEC);
    bench_free(bench);
}

static void all_attempts_are_counted_and_some_kept(void **state)
{
    struct bench *bench = bench_new();

    (void)state;
    for (int i = 0; i < 100; i++) {
        struct attempt attempt = bench_attempt(i * SECOND, false);

        bench_take(bench, &attempt);
    }
    bench_end(bench, HOUR);
    assert_int_equal(bench->closed.count, 1);
    assert_int_equal(bench->closed.operations[0].attempts, 100);
    assert_int_equal(bench->closed.operations[0].step_count, OPERATION_STEPS);
    bench_free(bench);
}

static void room_is_bounded(void **state)
{
    struct group *group;
    struct closed *closed = memory_take(sizeof *closed);
    struct polling *polling = polling_new();
    struct reasks *reasks = reasks_new();
    struct group_parts parts = {
        .close = bench_note, .user = closed, .polling = polling, .reasks = reasks
    };
    const size_t bound = 1 << 14;

    (void)state;
    group = group_new(&parts);
    for (size_t i = 0; i < bound + 10; i++) {
        struct attempt attempt = bench_attempt((usec)i, false);

        attempt.print = i + 1;
        group_take(group, &attempt, false, false);
        group_settle(group);
    }
    assert_int_equal(group_evicted(group), 10);
    assert_int_equal(closed->count, 10);
    assert_int_equal(closed->operations[0].close, CLOSE_OPEN);
    group_free(group);
    polling_free(polling);
    reasks_free(reasks);
    free(closed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_was_asked_to_wait_comes_when_it_is_time),
        cmocka_unit_test(traces_tie_equal_requests_only),
        cmocka_unit_test(another_request_id_is_another_operation),
        cmocka_unit_test(a_final_answer_ends_its_operation),
        cmocka_unit_test(what_is_asked_again_anyway_is_no_retry),
        cmocka_unit_test(habits_are_known_from_twenty_answers_on),
        cmocka_unit_test(polls_are_no_retries),
        cmocka_unit_test(overlapping_attempts_are_counted),
        cmocka_unit_test(all_attempts_are_counted_and_some_kept),
        cmocka_unit_test(room_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
