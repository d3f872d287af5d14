/* loop_events_test: errands, signals, children and calls from other threads reach the loop that
 * asked for them. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop_fixture.h"
#include "net/loop.h"
#include "slack.h"

/* --- errands --- */

struct job {
    struct errand errand;
    struct loop_fixture *bench;
    char letter;
    unsigned again;
};

static void do_job(void *user)
{
    struct job *job = user;

    loop_fixture_note(job->bench, job->letter);
    if (job->again-- > 0)
        loop_later(job->bench->loop, &job->errand, do_job, job);
    else
        loop_stop(job->bench->loop);
}

static void errands_run_in_order_and_once(void **state)
{
    struct loop_fixture *bench = *state;
    struct job jobs[3] = { 0 };

    for (int i = 0; i < 3; i++) {
        jobs[i] = (struct job){ .bench = bench, .letter = (char)('a' + i) };
        loop_later(bench->loop, &jobs[i].errand, do_job, &jobs[i]);
    }
    loop_later(bench->loop, &jobs[0].errand, do_job, &jobs[0]);
    loop_run(bench->loop);
    assert_string_equal(bench->calls, "abc");
}

static void free_job(void *user)
{
    struct job *job = user;

    loop_fixture_note(job->bench, job->letter);
    free(job);
}

static void later(struct loop_fixture *bench, char letter)
{
    struct job *job = calloc(1, sizeof(*job));

    job->bench = bench;
    job->letter = letter;
    loop_later(bench->loop, &job->errand, free_job, job);
}

static void stop_and_leave_work(void *user)
{
    struct loop_fixture *bench = user;

    loop_stop(bench->loop);
    later(bench, 'l');
}

static void forget_the_next(void *user)
{
    struct job *job = user;

    loop_fixture_note(job->bench, job->letter);
    loop_forget(&job[1].errand);
    loop_stop(job->bench->loop);
}

static void an_errand_that_is_forgotten_does_not_run(void **state)
{
    struct loop_fixture *bench = *state;
    struct job jobs[4] = { 0 };

    for (int i = 0; i < 4; i++) {
        jobs[i] = (struct job){ .bench = bench, .letter = (char)('a' + i) };
        loop_later(bench->loop, &jobs[i].errand, i == 1 ? forget_the_next : do_job, &jobs[i]);
    }
    loop_forget(&jobs[0].errand);
    loop_forget(&jobs[0].errand);
    loop_run(bench->loop);
    assert_string_equal(bench->calls, "bd");
}

/* A tick of the deadlines once took the errands with it. */
static void errands_outlive_a_deadline(void **state)
{
    struct loop_fixture *bench = *state;
    struct job job = { .bench = bench, .letter = 'x' };
    struct deadline deadline = { 0 };

    deadline_set(&deadline, bench->loop, loop_now() + MSEC, stop_and_leave_work, bench);
    loop_run(bench->loop);
    loop_later(bench->loop, &job.errand, do_job, &job);
    loop_run(bench->loop);
    assert_string_equal(bench->calls, "lx");
}

static void an_errand_queued_by_itself_runs_the_next_turn_without_sleep(void **state)
{
    struct loop_fixture *bench = *state;
    struct job job = { .bench = bench, .letter = 'x', .again = 20 };
    usec start = loop_now();

    loop_later(bench->loop, &job.errand, do_job, &job);
    loop_fixture_run(bench, 10 * SECOND);
    assert_string_equal(bench->calls, "xxxxxxxxxxxxxxxxxxxxx");
    assert_true(loop_now() - start < SECOND * slack());
}

static void errands_run_after_the_stop_too(void **state)
{
    struct loop_fixture *bench = *state;

    alarm_set(&bench->alarm, bench->loop, 0, stop_and_leave_work, bench);
    loop_run(bench->loop);
    assert_string_equal(bench->calls, "l");
}

static void errands_run_before_the_loop_is_freed(void **state)
{
    struct loop_fixture *bench = *state;
    struct loop_fixture other = { .loop = loop_new() };

    (void)bench;
    later(&other, 'f');
    loop_free(other.loop);
    assert_string_equal(other.calls, "f");
}

static void a_stop_before_the_run_is_not_lost(void **state)
{
    struct loop_fixture *bench = *state;

    loop_stop(bench->loop);
    loop_run(bench->loop);
    loop_fixture_run(bench, MSEC);
    loop_free(NULL);
}

/* --- signals and children --- */

static void on_signal(void *user, int signal)
{
    struct loop_fixture *bench = user;

    loop_fixture_note(bench, signal == SIGUSR1 ? '1' : '2');
    if (bench->count == 2)
        loop_stop(bench->loop);
}

static void signals_come_on_the_loop(void **state)
{
    struct loop_fixture *bench = *state;

    loop_on_signal(bench->loop, SIGUSR1, on_signal, bench);
    loop_on_signal(bench->loop, SIGUSR2, on_signal, bench);
    assert_int_equal(raise(SIGUSR1), 0);
    assert_int_equal(raise(SIGUSR2), 0);
    assert_string_equal(bench->calls, "");
    loop_fixture_run(bench, SECOND);
    assert_non_null(strchr(bench->calls, '1'));
    assert_non_null(strchr(bench->calls, '2'));
}

static void on_child(void *user, int status)
{
    struct loop_fixture *bench = user;

    loop_fixture_note(bench, 'c');
    bench->status = status;
    loop_stop(bench->loop);
}

static void a_child_s_end_comes_once_with_its_status(void **state)
{
    struct loop_fixture *bench = *state;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(7);
    loop_on_child(bench->loop, child, on_child, bench);
    loop_fixture_run(bench, 10 * SECOND);
    assert_string_equal(bench->calls, "c");
    assert_true(WIFEXITED(bench->status));
    assert_int_equal(WEXITSTATUS(bench->status), 7);
}

static void a_child_that_outlives_the_loop_is_let_go(void **state)
{
    struct loop_fixture *bench = *state;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        pause();
        _exit(0);
    }
    loop_on_child(bench->loop, child, on_child, bench);
    loop_fixture_run(bench, MSEC);
    assert_string_equal(bench->calls, "");
    kill(child, SIGKILL);
}

/* --- threads --- */

static void on_wake(void *user)
{
    struct loop_fixture *bench = user;

    loop_fixture_note(bench, 'w');
    loop_stop(bench->loop);
}

static void *wake(void *user)
{
    const struct loop_fixture *bench = user;

    usleep(2000);
    loop_wake(bench->loop);
    loop_wake(bench->loop);
    return NULL;
}

static void another_thread_wakes_the_loop(void **state)
{
    struct loop_fixture *bench = *state;
    pthread_t thread;

    loop_on_wake(bench->loop, on_wake, bench);
    assert_int_equal(pthread_create(&thread, NULL, wake, bench), 0);
    loop_fixture_run(bench, 10 * SECOND);
    pthread_join(thread, NULL);
    assert_string_equal(bench->calls, "w");
}

static void tick(void *user)
{
    struct loop_fixture *bench = user;

    loop_fixture_note(bench, 't');
    if (bench->count == 50)
        loop_stop(bench->loop);
    else
        alarm_set(&bench->alarm, bench->loop, loop_now() + 100, tick, bench);
}

static void *run_loop(void *user)
{
    struct loop_fixture *bench = user;

    bench->loop = loop_new();
    alarm_set(&bench->alarm, bench->loop, 0, tick, bench);
    loop_run(bench->loop);
    loop_free(bench->loop);
    return NULL;
}

static void each_thread_has_a_loop_of_its_own(void **state)
{
    struct loop_fixture benches[3] = { 0 };
    pthread_t threads[3];

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_loop, &benches[i]), 0);
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(benches[i].count, 50);
    }
}

int main(void)
{
#define CASE(test) \
    cmocka_unit_test_setup_teardown(test, loop_fixture_set_up, loop_fixture_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(errands_run_in_order_and_once),
        CASE(an_errand_that_is_forgotten_does_not_run),
        CASE(errands_outlive_a_deadline),
        CASE(an_errand_queued_by_itself_runs_the_next_turn_without_sleep),
        CASE(errands_run_after_the_stop_too),
        CASE(errands_run_before_the_loop_is_freed),
        CASE(a_stop_before_the_run_is_not_lost),
        CASE(signals_come_on_the_loop),
        CASE(a_child_s_end_comes_once_with_its_status),
        CASE(a_child_that_outlives_the_loop_is_let_go),
        CASE(another_thread_wakes_the_loop),
        CASE(each_thread_has_a_loop_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
