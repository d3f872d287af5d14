/* group: attempts are tied into operations as the client meant them. */
#include "group_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/random.h"

static void a_success_is_an_operation_of_its_own(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = bench_attempt(0, true), second = bench_attempt(20 * MSEC, true);

    (void)state;
    bench_take(bench, &first);
    bench_take(bench, &second);
    bench_end(bench, SECOND);
    assert_int_equal(bench->closed.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(bench->closed.operations[i].attempts, 1);
        assert_int_equal(bench->closed.operations[i].close, CLOSE_SUCCEEDED);
        assert_int_equal(bench->closed.operations[i].tie, TIE_SINGLE);
    }
    assert_int_equal(second.index, 0);
    bench_free(bench);
}

static void failures_are_chained_up_to_the_success(void **state)
{
    struct bench *bench = bench_new();
    struct attempt tries[] = { bench_attempt(0, false), bench_attempt(110 * MSEC, false),
                               bench_attempt(320 * MSEC, true) };

    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(bench_take(bench, &tries[i])->attempts, i + 1);
    bench_end(bench, SECOND);
    assert_int_equal(bench->closed.count, 1);
    assert_int_equal(bench->closed.operations[0].attempts, 3);
    assert_int_equal(bench->closed.operations[0].close, CLOSE_SUCCEEDED);
    assert_int_equal(bench->closed.operations[0].tie, TIE_PRINT);
    assert_true(tries[0].gap == NEVER);
    assert_int_equal(tries[1].gap, 100 * MSEC);
    assert_int_equal(tries[2].gap, 200 * MSEC);
    assert_int_equal(operation_gap(&bench->closed.operations[0], 2), 200 * MSEC);
    bench_free(bench);
}

static void other_clients_and_prints_are_others(void **state)
{
    struct bench *bench = bench_new();
    struct attempt tries[] = { bench_attempt(0, false), bench_attempt(100 * MSEC, false),
                               bench_attempt(200 * MSEC, false) };

    (void)state;
    tries[1].client = 1;
    tries[2].print = 78;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(bench_take(bench, &tries[i])->attempts, 1);
    bench_end(bench, 10 * MINUTE);
    assert_int_equal(bench->closed.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(bench->closed.operations[i].close, CLOSE_GAVE_UP);
    bench_free(bench);
}

/* 30 s, or what the operation itself shows to be possible. */
static void the_window_grows_with_the_gaps(void **state)
{
    struct bench *bench = bench_new();
    struct attempt tries[] = { bench_attempt(0, false), bench_attempt(29 * SECOND, false),
                               bench_attempt(29 * SECOND + 55 * SECOND, false),
                               bench_attempt(29 * SECOND + 55 * SECOND + 200 * SECOND, false) };

    (void)state;
    for (size_t i = 0; i < 4; i++)
        bench_take(bench, &tries[i]);
    assert_int_equal(tries[2].index, 2);
    assert_int_equal(tries[3].index, 0);
    bench_free(bench);
}

static void what_the_answer_asks_to_wait_widens_it(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = bench_attempt(0, false), second = bench_attempt(5 * MINUTE, false);

    (void)state;
    first.retry_after = 4 * MINUTE;
    bench_take(bench, &first);
    bench_take(bench, &second);
    assert_int_equal(second.index, 1);
    bench_end(bench, 6 * MINUTE);
    assert_int_equal(bench->closed.operations[0].close, CLOSE_OPEN); /* the window is not over */
    bench_free(bench);
}

/* The end of an attempt that took minutes is told after its window, its beginning was within. */
static void long_attempts_are_still_the_same_operation(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = bench_attempt(0, false), other = bench_attempt(2 * MINUTE, true),
                   second = bench_attempt(10 * SECOND, false);

    (void)state;
    other.print = 5;
    second.ended = 3 * MINUTE;
    bench_take(bench, &first);
    bench_take(bench, &other);
    bench_take(bench, &second);
    assert_int_equal(second.index, 1);
    bench_free(bench);
}

static void marks_tie_whatever_the_rest_says(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = bench_attempt(0, false), second = bench_attempt(9 * MINUTE, true);

    (void)state;
    first.mark = second.mark = 1234;
    first.marker = second.marker = text_from("amz-sdk-invocation-id");
    second.print = 99;
    bench_take(bench, &first);
    second.began = 4 * MINUTE;
    second.ended = 4 * MINUTE + MSEC;
    assert_int_equal(bench_take(bench, &second)->attempts, 2);
    bench_end(bench, 10 * MINUTE);
    assert_int_equal(bench->closed.operations[0].tie, TIE_MARK);
    bench_free(bench);
}

static void a_call_of_its_own_is_no_retry(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = bench_attempt(0, false), second = bench_attempt(100 * MSEC, false),
                   third = bench_attempt(200 * MSEC, false);

    (void)state;
    first.mark = 1;
    second.mark = 2;
    first.marker = second.marker = text_from("amz-sdk-invocation-id");
    third.told = 1;
    bench_take(bench, &first);
    bench_take(bench, &second);
    bench_take(bench, &third);
    assert_int_equal(second.index, 0);
    assert_int_equal(third.index, 0);
    bench_free(bench);
}

static void a_new_key_for_the_same_request_is_another_attempt(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = bench_attempt(0, false), second = bench_attempt(100 * MSEC, false);

    (void)state;
    first.mark = first.key = 1;
    second.mark = second.key = 2;
    first.marker = second.marker = text_from("idempotency-key");
    bench_take(bench, &first);
    bench_take(bench, &second);
    assert_int_equal(second.index, 1);
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_success_is_an_operation_of_its_own),
        cmocka_unit_test(failures_are_chained_up_to_the_success),
        cmocka_unit_test(other_clients_and_prints_are_others),
        cmocka_unit_test(the_window_grows_with_the_gaps),
        cmocka_unit_test(what_the_answer_asks_to_wait_widens_it),
        cmocka_unit_test(long_attempts_are_still_the_same_operation),
        cmocka_unit_test(marks_tie_whatever_the_rest_says),
        cmocka_unit_test(a_call_of_its_own_is_no_retry),
        cmocka_unit_test(a_new_key_for_the_same_request_is_another_attempt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
