/* group: attempts are tied into operations as the client meant them. */
#include "history/group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/random.h"

enum { MOST = 64 };

/* What closed, with a copy of its steps. */
struct closed {
    struct operation operations[MOST];
    struct step steps[MOST][OPERATION_STEPS];
    size_t count;
};

struct bench {
    struct polling *polling;
    struct reasks *reasks;
    struct group *group;
    struct closed closed;
};

static void note(void *user, const struct operation *operation)
{
    struct closed *closed = user;

    assert_true(closed->count < MOST);
    closed->operations[closed->count] = *operation;
    memcpy(closed->steps[closed->count], operation->steps,
           operation->step_count * sizeof(struct step));
    closed->operations[closed->count].steps = closed->steps[closed->count];
    closed->count++;
}

static struct bench *bench_new(void)
{
    struct bench *bench = memory_take(sizeof *bench);
    struct group_parts parts = { .close = note, .user = &bench->closed };

    bench->polling = polling_new();
    parts.polling = bench->polling;
    parts.reasks = bench->reasks = reasks_new();
    bench->group = group_new(&parts);
    return bench;
}

static void bench_free(struct bench *bench)
{
    group_free(bench->group);
    polling_free(bench->polling);
    reasks_free(bench->reasks);
    free(bench);
}

/* One that failed, or was ok; 10 ms long. */
static struct attempt attempt_at(usec began, bool ok)
{
    return (struct attempt){
        .exchange = 1,
        .began = began,
        .ended = began + 10 * MSEC,
        .status = ok ? 200 : 503,
        .ok = ok,
        .failed = !ok,
        .retry_after = NEVER,
        .print = 77,
        .method = text_from("GET"),
        .path = text_from("/cars"),
        .gap = NEVER,
    };
}

static const struct operation *take(struct bench *bench, struct attempt *attempt)
{
    const struct operation *operation;

    group_settle(bench->group); /* what the attempt before has ended */
    operation = group_take(bench->group, attempt, false, false);
    return operation;
}

static void end(struct bench *bench, usec now)
{
    group_settle(bench->group);
    group_end(bench->group, now);
}

static void a_success_is_an_operation_of_its_own(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = attempt_at(0, true), second = attempt_at(20 * MSEC, true);

    (void)state;
    take(bench, &first);
    take(bench, &second);
    end(bench, SECOND);
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
    struct attempt tries[] = { attempt_at(0, false), attempt_at(110 * MSEC, false),
                               attempt_at(320 * MSEC, true) };

    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(take(bench, &tries[i])->attempts, i + 1);
    end(bench, SECOND);
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
    struct attempt tries[] = { attempt_at(0, false), attempt_at(100 * MSEC, false),
                               attempt_at(200 * MSEC, false) };

    (void)state;
    tries[1].client = 1;
    tries[2].print = 78;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(take(bench, &tries[i])->attempts, 1);
    end(bench, 10 * MINUTE);
    assert_int_equal(bench->closed.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(bench->closed.operations[i].close, CLOSE_GAVE_UP);
    bench_free(bench);
}

/* 30 s, or what the operation itself shows to be possible. */
static void the_window_grows_with_the_gaps(void **state)
{
    struct bench *bench = bench_new();
    struct attempt tries[] = { attempt_at(0, false), attempt_at(29 * SECOND, false),
                               attempt_at(29 * SECOND + 55 * SECOND, false),
                               attempt_at(29 * SECOND + 55 * SECOND + 200 * SECOND, false) };

    (void)state;
    for (size_t i = 0; i < 4; i++)
        take(bench, &tries[i]);
    assert_int_equal(tries[2].index, 2);
    assert_int_equal(tries[3].index, 0);
    bench_free(bench);
}

static void what_the_answer_asks_to_wait_widens_it(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = attempt_at(0, false), second = attempt_at(5 * MINUTE, false);

    (void)state;
    first.retry_after = 4 * MINUTE;
    take(bench, &first);
    take(bench, &second);
    assert_int_equal(second.index, 1);
    end(bench, 6 * MINUTE);
    assert_int_equal(bench->closed.operations[0].close, CLOSE_OPEN); /* the window is not over */
    bench_free(bench);
}

/* The end of an attempt that took minutes is told after its window, its beginning was within. */
static void long_attempts_are_still_the_same_operation(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = attempt_at(0, false), other = attempt_at(2 * MINUTE, true),
                   second = attempt_at(10 * SECOND, false);

    (void)state;
    other.print = 5;
    second.ended = 3 * MINUTE;
    take(bench, &first);
    take(bench, &other);
    take(bench, &second);
    assert_int_equal(second.index, 1);
    bench_free(bench);
}

static void marks_tie_whatever_the_rest_says(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = attempt_at(0, false), second = attempt_at(9 * MINUTE, true);

    (void)state;
    first.mark = second.mark = 1234;
    first.marker = second.marker = text_from("amz-sdk-invocation-id");
    second.print = 99;
    take(bench, &first);
    second.began = 4 * MINUTE;
    second.ended = 4 * MINUTE + MSEC;
    assert_int_equal(take(bench, &second)->attempts, 2);
    end(bench, 10 * MINUTE);
    assert_int_equal(bench->closed.operations[0].tie, TIE_MARK);
    bench_free(bench);
}

static void a_call_of_its_own_is_no_retry(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = attempt_at(0, false), second = attempt_at(100 * MSEC, false),
                   third = attempt_at(200 * MSEC, false);

    (void)state;
    first.mark = 1;
    second.mark = 2;
    first.marker = second.marker = text_from("amz-sdk-invocation-id");
    third.told = 1;
    take(bench, &first);
    take(bench, &second);
    take(bench, &third);
    assert_int_equal(second.index, 0);
    assert_int_equal(third.index, 0);
    bench_free(bench);
}

static void a_new_key_for_the_same_request_is_another_attempt(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = attempt_at(0, false), second = attempt_at(100 * MSEC, false);

    (void)state;
    first.mark = first.key = 1;
    second.mark = second.key = 2;
    first.marker = second.marker = text_from("idempotency-key");
    take(bench, &first);
    take(bench, &second);
    assert_int_equal(second.index, 1);
    bench_free(bench);
}

/* A trace has many requests. */
static void traces_tie_equal_requests_only(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = attempt_at(0, false), other = attempt_at(20 * MSEC, false),
                   again = attempt_at(60 * SECOND, false);

    (void)state;
    first.mark = other.mark = again.mark = 9;
    first.marker = other.marker = again.marker = text_from("traceparent");
    other.print = 5;
    take(bench, &first);
    take(bench, &other);
    assert_int_equal(other.index, 0);
    assert_int_equal(take(bench, &again)->tie, TIE_MARK);
    assert_int_equal(again.index, 1);
    bench_free(bench);
}

/* Once it was seen that attempts at one thing keep the id of their request. */
static void another_request_id_is_another_operation(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = attempt_at(0, false), again = attempt_at(SECOND, false),
                   other = attempt_at(2 * SECOND, false);

    (void)state;
    first.mark = again.mark = 7;
    other.mark = 8;
    first.marker = again.marker = other.marker = text_from("x-request-id");
    take(bench, &first);
    assert_false(first.distinct);
    take(bench, &again);
    assert_int_equal(again.index, 1);
    take(bench, &other);
    assert_true(other.distinct);
    assert_int_equal(other.index, 0);
    bench_free(bench);
}

/* It is what the client wanted to know: an equal request is another operation. */
static void a_final_answer_ends_its_operation(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = attempt_at(0, false), soon = attempt_at(SECOND, false);

    (void)state;
    first.failed = soon.failed = false;
    first.final = soon.final = true;
    take(bench, &first);
    take(bench, &soon);
    assert_int_equal(soon.index, 0);
    end(bench, HOUR);
    assert_int_equal(bench->closed.operations[0].close, CLOSE_FINAL);
    bench_free(bench);
}

/* It asks for the same every 3 s or so though it has got it: within 2 s it is a retry. */
static void what_is_asked_again_anyway_is_no_retry(void **state)
{
    struct bench *bench = bench_new();
    struct attempt failed = attempt_at(200 * SECOND, false), soon = attempt_at(201 * SECOND, false),
                   late = attempt_at(204 * SECOND, false);

    (void)state;
    for (usec at = 0; at < 150 * SECOND; at += 3 * SECOND)
        reasks_note(bench->reasks, 5, 0, at, at + 10 * MSEC, true);
    assert_int_equal(reasks_window(bench->reasks, 0), 2 * SECOND);
    take(bench, &failed);
    take(bench, &soon);
    take(bench, &late);
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
    struct attempt poll = attempt_at(0, true), failed = attempt_at(10 * SECOND, false),
                   retry = attempt_at(10 * SECOND + 100 * MSEC, false),
                   next = attempt_at(12 * SECOND + 100 * MSEC, false);

    (void)state;
    for (usec at = 0; at < 8 * SECOND; at += 2 * SECOND)
        polling_note(bench->polling, (random_join(77, 0) | 1) - 1, at);
    take(bench, &poll);
    take(bench, &failed);
    take(bench, &retry);
    take(bench, &next);
    assert_int_equal(retry.index, 1);
    assert_int_equal(next.index, 0);
    bench_free(bench);
}

static void overlapping_attempts_are_counted(void **state)
{
    struct bench *bench = bench_new();
    struct attempt first = attempt_at(0, false), second = attempt_at(5 * MSEC, true);

    (void)state;
    take(bench, &first);
    assert_int_equal(take(bench, &second)->overlaps, 1);
    assert_int_equal(second.gap, -5 * MSEC);
    bench_free(bench);
}

static void all_attempts_are_counted_and_some_kept(void **state)
{
    struct bench *bench = bench_new();

    (void)state;
    for (int i = 0; i < 100; i++) {
        struct attempt attempt = attempt_at(i * SECOND, false);

        take(bench, &attempt);
    }
    end(bench, HOUR);
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
        .close = note, .user = closed, .polling = polling, .reasks = reasks
    };
    const size_t bound = 1 << 15;

    (void)state;
    group = group_new(&parts);
    for (size_t i = 0; i < bound + 10; i++) {
        struct attempt attempt = attempt_at((usec)i, false);

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
        cmocka_unit_test(a_success_is_an_operation_of_its_own),
        cmocka_unit_test(failures_are_chained_up_to_the_success),
        cmocka_unit_test(other_clients_and_prints_are_others),
        cmocka_unit_test(the_window_grows_with_the_gaps),
        cmocka_unit_test(what_the_answer_asks_to_wait_widens_it),
        cmocka_unit_test(long_attempts_are_still_the_same_operation),
        cmocka_unit_test(marks_tie_whatever_the_rest_says),
        cmocka_unit_test(a_call_of_its_own_is_no_retry),
        cmocka_unit_test(a_new_key_for_the_same_request_is_another_attempt),
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
