/* loop_test: readiness arrives where it should, and what stays the same is not told the kernel
 * again. */
#include "net/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop_fixture.h"
#include "slack.h"

/* Stands in for libc's, for libev, too. */
static unsigned epoll_changes;

int count_epoll_change(int epoll, int operation, int fd,
                       struct epoll_event *event) __asm__("epoll_ctl");

int count_epoll_change(int epoll, int operation, int fd, struct epoll_event *event)
{
    epoll_changes++;
    return (int)syscall(SYS_epoll_ctl, epoll, operation, fd, event);
}

static void run_for(struct loop_fixture *bench, usec time)
{
    loop_fixture_run(bench, time * slack());
}

static void read_and_note(void *user, unsigned events)
{
    struct loop_fixture *bench = user;
    char byte;

    if (events & WATCH_WRITE)
        loop_fixture_note(bench, 'w');
    if (events & WATCH_READ) {
        loop_fixture_note(bench, 'r');
        assert_int_equal(read(bench->fds[0], &byte, 1), 1);
    }
    if (bench->left > 0 && --bench->left == 0)
        loop_stop(bench->loop);
}

static void a_watch_is_called_as_long_as_there_is_something(void **state)
{
    struct loop_fixture *bench = *state;

    watch_start(&bench->watch, bench->loop, bench->fds[0], WATCH_READ, read_and_note, bench);
    loop_fixture_send(bench);
    loop_fixture_send(bench);
    run_for(bench, 5 * MSEC);
    assert_string_equal(bench->calls, "rr");
}

static void a_paused_watch_is_silent_and_loses_nothing(void **state)
{
    struct loop_fixture *bench = *state;

    watch_start(&bench->watch, bench->loop, bench->fds[0], WATCH_READ, read_and_note, bench);
    watch_change(&bench->watch, 0);
    loop_fixture_send(bench);
    run_for(bench, 5 * MSEC);
    assert_string_equal(bench->calls, "");
    watch_change(&bench->watch, WATCH_READ);
    run_for(bench, 5 * MSEC);
    watch_change(&bench->watch, 0);
    loop_fixture_send(bench);
    run_for(bench, 5 * MSEC);
    assert_string_equal(bench->calls, "r");
    watch_change(&bench->watch, WATCH_READ | WATCH_WRITE);
    bench->left = 1;
    run_for(bench, SECOND);
    assert_string_equal(bench->calls, "rwr");
}

static void a_watch_handed_over_calls_the_new_owner(void **state)
{
    struct loop_fixture *bench = *state;

    watch_start(&bench->watch, bench->loop, bench->fds[0], WATCH_READ, read_and_note, bench);
    watch_hand_over(&bench->watch, loop_fixture_note_other, bench);
    loop_fixture_send(bench);
    run_for(bench, 5 * MSEC);
    assert_string_equal(bench->calls, "o");
}

static void a_stopped_watch_may_be_changed_and_started_anew(void **state)
{
    struct loop_fixture *bench = *state;

    watch_change(&bench->watch, WATCH_READ);
    watch_start(&bench->watch, bench->loop, bench->fds[0], WATCH_READ, read_and_note, bench);
    watch_stop(&bench->watch);
    watch_change(&bench->watch, WATCH_WRITE);
    run_for(bench, MSEC);
    assert_string_equal(bench->calls, "");
    watch_start(&bench->watch, bench->loop, bench->fds[0], WATCH_READ, read_and_note, bench);
    loop_fixture_send(bench);
    run_for(bench, 5 * MSEC);
    assert_string_equal(bench->calls, "r");
}

static void a_number_used_again_is_a_new_descriptor(void **state)
{
    struct loop_fixture *bench = *state;
    int fresh[2];

    watch_start(&bench->watch, bench->loop, bench->fds[0], WATCH_READ, read_and_note, bench);
    run_for(bench, MSEC);
    watch_stop(&bench->watch);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fresh), 0);
    assert_int_equal(dup2(fresh[0], bench->fds[0]), bench->fds[0]);
    assert_int_equal(dup2(fresh[1], bench->fds[1]), bench->fds[1]);
    close(fresh[0]);
    close(fresh[1]);
    watch_start(&bench->watch, bench->loop, bench->fds[0], WATCH_READ, read_and_note, bench);
    loop_fixture_send(bench);
    run_for(bench, 5 * MSEC);
    assert_string_equal(bench->calls, "r");
}

struct pair {
    struct watch watches[2];
    struct loop_fixture *bench;
};

static void stop_both(void *user, unsigned events)
{
    struct pair *pair = user;

    (void)events;
    loop_fixture_note(pair->bench, 'x');
    watch_stop(&pair->watches[0]);
    watch_stop(&pair->watches[1]);
}

static void a_watch_stopped_by_another_is_not_called_though_it_was_ready(void **state)
{
    struct loop_fixture *bench = *state;
    struct pair pair = { .bench = bench };

    for (int i = 0; i < 2; i++)
        watch_start(&pair.watches[i], bench->loop, bench->fds[i], WATCH_WRITE, stop_both, &pair);
    run_for(bench, 5 * MSEC);
    assert_string_equal(bench->calls, "x");
}

static void answer(void *user, unsigned events)
{
    struct loop_fixture *bench = user;

    watch_change(&bench->watch, 0);
    watch_change(&bench->watch, WATCH_READ);
    read_and_note(bench, events);
    if (bench->left > 0)
        loop_fixture_send(bench);
}

static void the_kernel_is_told_once_however_many_events_come(void **state)
{
    struct loop_fixture *bench = *state;

    watch_start(&bench->watch, bench->loop, bench->fds[0], WATCH_READ, answer, bench);
    run_for(bench, MSEC);
    assert_true(epoll_changes > 0); /* or they are not counted at all */
    epoll_changes = 0;
    bench->left = 100;
    loop_fixture_send(bench);
    run_for(bench, SECOND);
    assert_int_equal(bench->count, 100);
    assert_int_equal(epoll_changes, 0);
}

int main(void)
{
#define CASE(test) \
    cmocka_unit_test_setup_teardown(test, loop_fixture_set_up, loop_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_watch_is_called_as_long_as_there_is_something),
        CASE(a_paused_watch_is_silent_and_loses_nothing),
        CASE(a_watch_handed_over_calls_the_new_owner),
        CASE(a_stopped_watch_may_be_changed_and_started_anew),
        CASE(a_number_used_again_is_a_new_descriptor),
        CASE(a_watch_stopped_by_another_is_not_called_though_it_was_ready),
        CASE(the_kernel_is_told_once_however_many_events_come),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
