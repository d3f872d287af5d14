/* loop_time_test: alarms are exact and deadlines cheap; neither is ever early. */
#include "net/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop_fixture.h"
#include "slack.h"

/* Stands in for libc's, for the loop, too. */
static unsigned timer_settings;

int count_timer_setting(int fd, int flags, const struct itimerspec *new,
                        struct itimerspec *old) __asm__("timerfd_settime");

int count_timer_setting(int fd, int flags, const struct itimerspec *new, struct itimerspec *old)
{
    timer_settings++;
    return (int)syscall(SYS_timerfd_settime, fd, flags, new, old);
}

struct ring {
    struct loop_fixture *bench;
    struct alarm alarm;
    struct ring *other; /* set or cleared when this one rings */
    char letter;
};

static void ring(void *user)
{
    struct ring *self = user;

    assert_true(loop_now() >= self->alarm.due);
    loop_fixture_note(self->bench, self->letter);
    if (self->other)
        alarm_clear(&self->other->alarm);
}

static void alarms_ring_in_order_and_never_early(void **state)
{
    struct loop_fixture *bench = *state;
    static const int after[] = { 30, 10, 20, 0, 40 };
    struct ring rings[5] = { 0 };
    usec now = loop_now();

    for (int i = 0; i < 5; i++) {
        rings[i].bench = bench;
        rings[i].letter = (char)('0' + after[i] / 10);
        alarm_set(&rings[i].alarm, bench->loop, now + after[i] * 100, ring, &rings[i]);
    }
    loop_fixture_run(bench, 20 * MSEC);
    assert_string_equal(bench->calls, "01234");
}

static void an_alarm_that_was_cleared_moved_or_set_to_never_is_silent(void **state)
{
    struct loop_fixture *bench = *state;
    struct ring rings[4] = { 0 };
    usec now = loop_now();

    for (int i = 0; i < 4; i++) {
        rings[i] = (struct ring){ .bench = bench, .letter = (char)('a' + i) };
        alarm_set(&rings[i].alarm, bench->loop, now + MSEC, ring, &rings[i]);
    }
    alarm_clear(&rings[0].alarm);
    alarm_clear(&rings[0].alarm);
    alarm_set(&rings[1].alarm, bench->loop, NEVER, ring, &rings[1]);
    alarm_set(&rings[2].alarm, bench->loop, now + HOUR, ring, &rings[2]);
    loop_fixture_run(bench, 10 * MSEC);
    assert_string_equal(bench->calls, "d");
    alarm_clear(&rings[2].alarm);
}

static void an_alarm_may_clear_one_that_is_due_too(void **state)
{
    struct loop_fixture *bench = *state;
    struct ring rings[2] = { 0 };
    usec now = loop_now();

    for (int i = 0; i < 2; i++) {
        rings[i] = (struct ring){ .bench = bench, .letter = 'x', .other = &rings[1 - i] };
        alarm_set(&rings[i].alarm, bench->loop, now, ring, &rings[i]);
    }
    loop_fixture_run(bench, 5 * MSEC);
    assert_string_equal(bench->calls, "x");
}

static void set_again_for_the_past(void *user)
{
    struct ring *self = user;

    if (++self->bench->left < 50)
        alarm_set(&self->alarm, self->bench->loop, 0, set_again_for_the_past, self);
    if (self->bench->left == 10)
        loop_fixture_send(self->bench);
}

static void an_alarm_that_is_set_for_the_past_again_holds_nobody_up(void **state)
{
    struct loop_fixture *bench = *state;
    struct ring self = { .bench = bench };

    watch_start(&bench->watch, bench->loop, bench->fds[0], WATCH_READ, loop_fixture_note_other,
                bench);
    alarm_set(&self.alarm, bench->loop, -5, set_again_for_the_past, &self);
    loop_fixture_run(bench, 50 * MSEC);
    assert_int_equal(bench->left, 50);
    assert_string_equal(bench->calls, "o");
}

static void the_timer_is_set_only_for_an_earlier_moment(void **state)
{
    struct loop_fixture *bench = *state;
    struct ring late = { .bench = bench }, later = { .bench = bench };
    usec now = loop_now();

    timer_settings = 0;
    alarm_set(&late.alarm, bench->loop, now + HOUR, ring, &late);
    loop_fixture_run(bench, MSEC);
    /* Once for the stop, and once, at the end or later, because that came. */
    assert_int_equal(timer_settings, 1);
    alarm_set(&later.alarm, bench->loop, now + 2 * HOUR, ring, &later);
    alarm_clear(&late.alarm);
    loop_fixture_send(bench);
    watch_start(&bench->watch, bench->loop, bench->fds[0], WATCH_READ, loop_fixture_note_other,
                bench);
    loop_fixture_run(bench, MSEC);
    assert_int_equal(timer_settings, 2);
    alarm_clear(&later.alarm);
}

/* --- deadlines --- */

struct limit {
    struct loop_fixture *bench;
    struct deadline deadline;
    usec came;
};

static void come(void *user)
{
    struct limit *limit = user;

    limit->came = loop_now();
    loop_fixture_note(limit->bench, 'd');
    loop_stop(limit->bench->loop);
}

static void a_deadline_comes_late_by_a_tenth_of_a_second_at_most_and_never_early(void **state)
{
    struct loop_fixture *bench = *state;
    struct limit limit = { .bench = bench };
    usec due = loop_now() + 30 * MSEC;

    deadline_set(&limit.deadline, bench->loop, due, come, &limit);
    loop_fixture_run(bench, 10 * SECOND);
    assert_string_equal(bench->calls, "d");
    assert_in_range(limit.came, due, due + 150 * MSEC * slack());
    assert_int_equal(limit.deadline.slot, 0);
    assert_true(limit.deadline.due == NEVER);
}

static void moving_a_deadline_later_is_a_store(void **state)
{
    struct loop_fixture *bench = *state;
    struct limit limit = { .bench = bench };
    usec first = loop_now() + 10 * MSEC;
    usec due = first + 200 * MSEC;

    deadline_set(&limit.deadline, bench->loop, first, come, &limit);
    deadline_set(&limit.deadline, bench->loop, due, come, &limit);
    assert_true(limit.deadline.queued == first);
    loop_fixture_run(bench, 10 * SECOND);
    assert_string_equal(bench->calls, "d");
    assert_true(limit.came >= due);
}

static void a_deadline_may_be_moved_earlier(void **state)
{
    struct loop_fixture *bench = *state;
    struct limit limit = { .bench = bench };
    usec now = loop_now();

    deadline_set(&limit.deadline, bench->loop, now + HOUR, come, &limit);
    loop_fixture_run(bench, MSEC);
    deadline_set(&limit.deadline, bench->loop, now + 5 * MSEC, come, &limit);
    loop_fixture_run(bench, 10 * SECOND);
    assert_string_equal(bench->calls, "d");
}

static void a_deadline_cleared_or_put_off_for_good_does_not_come(void **state)
{
    struct loop_fixture *bench = *state;
    struct limit limits[3] = { { .bench = bench }, { .bench = bench }, { .bench = bench } };
    usec now = loop_now();

    for (int i = 0; i < 3; i++)
        deadline_set(&limits[i].deadline, bench->loop, now + MSEC, come, &limits[i]);
    deadline_clear(&limits[0].deadline);
    deadline_clear(&limits[0].deadline);
    deadline_set(&limits[1].deadline, bench->loop, NEVER, come, &limits[1]);
    deadline_set(&limits[2].deadline, bench->loop, now + HOUR, come, &limits[2]);
    loop_fixture_run(bench, 150 * MSEC);
    assert_string_equal(bench->calls, "");
    assert_int_equal(limits[1].deadline.slot, 0);
    deadline_clear(&limits[1].deadline);
    deadline_clear(&limits[2].deadline);
}

int main(void)
{
#define CASE(test) \
    cmocka_unit_test_setup_teardown(test, loop_fixture_set_up, loop_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(alarms_ring_in_order_and_never_early),
        CASE(an_alarm_that_was_cleared_moved_or_set_to_never_is_silent),
        CASE(an_alarm_may_clear_one_that_is_due_too),
        CASE(an_alarm_that_is_set_for_the_past_again_holds_nobody_up),
        CASE(the_timer_is_set_only_for_an_earlier_moment),
        CASE(a_deadline_comes_late_by_a_tenth_of_a_second_at_most_and_never_early),
        CASE(moving_a_deadline_later_is_a_store),
        CASE(a_deadline_may_be_moved_earlier),
        CASE(a_deadline_cleared_or_put_off_for_good_does_not_come),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
