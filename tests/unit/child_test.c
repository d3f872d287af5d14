/* child_test: how COMMAND is started, what it finds, and how its end is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

struct scene {
    struct loop *loop;
    struct child *child;
    int ends, status;
    struct alarm late;
};

static void on_ended(void *user, int wait_status)
{
    struct scene *scene = user;

    scene->ends++;
    scene->status = wait_status;
    loop_stop(scene->loop);
}

static void on_late(void *user)
{
    struct scene *scene = user;

    loop_stop(scene->loop);
}

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);

    if (!scene)
        return -1;
    scene->loop = loop_new_main();
    *state = scene;
    return scene->loop ? 0 : -1;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    child_free(scene->child);
    loop_free(scene->loop);
    free(scene);
    return 0;
}

static void start(struct scene *scene, const char *const *argv)
{
    scene->child = child_start(scene->loop, (char *const *)(uintptr_t)argv, NULL, on_ended, scene);
    if (!scene->child)
        fail_msg("%s: %s", argv[0], strerror(errno));
}

static void wait_for_end(struct scene *scene)
{
    alarm_set(&scene->late, scene->loop, loop_now() + 10 * SECOND, on_late, scene);
    loop_run(scene->loop);
    alarm_clear(&scene->late);
    assert_int_equal(scene->ends, 1);
}

/* Runs a line of the shell's; its exit status. */
static int status_of(struct scene *scene, const char *line)
{
    const char *const argv[] = { "sh", "-c", line, NULL };

    start(scene, argv);
    wait_for_end(scene);
    assert_true(WIFEXITED(scene->status));
    return WEXITSTATUS(scene->status);
}

static void status_is_told(void **state)
{
    assert_int_equal(status_of(*state, "exit 7"), 7);
}

static void arguments_arrive(void **state)
{
    static const char *const argv[] = { "sh", "-c", "test \"$1|$2|$#\" = 'a b||2'", "x", "a b",
                                        "",   NULL };
    struct scene *scene = *state;

    start(scene, argv);
    wait_for_end(scene);
    assert_int_equal(scene->status, 0);
}

static void group_stays_ours(void **state)
{
    char line[128];

    snprintf(line, sizeof line, "test $(ps -o pgid= -p $$) -eq %d", getpgrp());
    assert_int_equal(status_of(*state, line), 0);
}

static void program_that_is_not_there_is_told(void **state)
{
    static const struct {
        const char *name;
        int error;
    } rows[] = {
        { "panne-has-no-such-program", ENOENT },
        { "/nonexistent/program", ENOENT },
        { "/etc/passwd", EACCES },
        { "/etc", EACCES },
    };
    struct scene *scene = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *const argv[] = { rows[i].name, NULL };

        errno = 0;
        assert_null(
            child_start(scene->loop, (char *const *)(uintptr_t)argv, NULL, on_ended, scene));
        assert_int_equal(errno, rows[i].error);
    }
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void script_without_a_first_line_runs(void **state)
{
    struct scene *scene = *state;
    char path[] = "/tmp/panne-child-XXXXXX";
    int fd = mkstemp(path);
    const char *const argv[] = { path, "a b", NULL };

    assert_int_equal(write(fd, "test \"$1\" = 'a b' && exit 5\n", 28), 28);
    assert_int_equal(fchmod(fd, 0700), 0);
    close(fd);
    start(scene, argv);
    wait_for_end(scene);
    assert_int_equal(unlink(path), 0);
    assert_true(WIFEXITED(scene->status));
    assert_int_equal(WEXITSTATUS(scene->status), 5);
}

/* SigBlk of /proc must be empty, and of SigIgn SIGPIPE (13: bit 12) must be out. */
static void signals_are_as_usual(void **state)
{
    sigset_t some, before;
    int status = 0;

    sigemptyset(&some);
    sigaddset(&some, SIGTERM);
    sigaddset(&some, SIGINT);
    sigprocmask(SIG_BLOCK, &some, &before);
    signal(SIGPIPE, SIG_IGN);
    status = status_of(*state, "grep -q 'SigBlk:.0*$' /proc/self/status &&"
                               "! grep 'SigIgn:' /proc/self/status | grep -q '[13579bdf]...$'");
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    assert_int_equal(status, 0);
}

static void signal_is_passed_on(void **state)
{
    static const char *const argv[] = { "sleep", "60", NULL };
    struct scene *scene = *state;

    start(scene, argv);
    assert_int_equal(kill(child_pid(scene->child), 0), 0);
    child_signal(scene->child, SIGTERM);
    wait_for_end(scene);
    assert_true(WIFSIGNALED(scene->status));
    assert_int_equal(WTERMSIG(scene->status), SIGTERM);
}

/* Its process id may be somebody else's by then. */
static void ended_one_gets_no_signal(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(status_of(scene, "exit 0"), 0);
    child_signal(scene->child, SIGTERM);
    assert_int_equal(scene->ends, 1);
}

static void freeing_ends_nothing(void **state)
{
    static const char *const argv[] = { "sleep", "60", NULL };
    struct scene *scene = *state;
    int status = 0;
    pid_t pid = 0;

    start(scene, argv);
    pid = child_pid(scene->child);
    child_free(scene->child);
    scene->child = NULL;
    assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(scene->ends, 0);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(status_is_told),
        CLAIM(arguments_arrive),
        CLAIM(group_stays_ours),
        CLAIM(program_that_is_not_there_is_told),
        CLAIM(script_without_a_first_line_runs),
        CLAIM(signals_are_as_usual),
        CLAIM(signal_is_passed_on),
        CLAIM(ended_one_gets_no_signal),
        CLAIM(freeing_ends_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
