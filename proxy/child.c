/* child: COMMAND, started and waited for. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"

struct child {
    pid_t pid;
    bool running;
    void (*ended)(void *user, int wait_status);
    void *user;
};

/* Our ways with signals must not show: exec itself resets what is caught, but neither what is
 * ignored nor what is blocked. What else was ignored when we began (nohup) stays so. */
static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t none, defaults;
    int error = 0;

    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (error == 0)
        error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0)
        error = posix_spawnattr_setsigdefault(attributes, &defaults);
    return error;
}

/* The shell's `exec` looks a script up in PATH, and runs it where the kernel would not. */
static int spawn_by_shell(pid_t *pid, const posix_spawnattr_t *attributes, char *const *argv,
                          char *const *environment)
{
    static const char shell[] = "/bin/sh";
    size_t count = 0;
    char **by_shell = NULL;
    int error = 0;

    while (argv[count])
        count++;
    by_shell = memory_take((count + 4) * sizeof *by_shell);
    by_shell[0] = memory_string(text_from(shell));
    by_shell[1] = memory_string(text_from("-c"));
    by_shell[2] = memory_string(text_from("exec \"$0\" \"$@\""));
    for (size_t i = 0; i < count; i++)
        by_shell[3 + i] = argv[i];
    error = posix_spawn(pid, shell, NULL, attributes, by_shell, environment);
    for (size_t i = 0; i < 3; i++)
        free(by_shell[i]);
    free(by_shell);
    return error;
}

/* glibc tells of a failed exec by the returned error; nothing is left behind then. */
static int spawn(pid_t *pid, char *const *argv, char *const *environment)
{
    posix_spawnattr_t attributes;
    int error = posix_spawnattr_init(&attributes);

    if (error != 0)
        return error;
    error = set_signals(&attributes);
    if (error == 0)
        error = posix_spawnp(pid, argv[0], NULL, &attributes, argv, environment);
    if (error == ENOEXEC)
        error = spawn_by_shell(pid, &attributes, argv, environment);
    posix_spawnattr_destroy(&attributes);
    return error;
}

static void on_end(void *user, int wait_status)
{
    struct child *child = user;

    child->running = false;
    child->ended(child->user, wait_status);
}

struct child *child_start(struct loop *loop, char *const *argv,
                          const struct environment *environment,
                          void (*ended)(void *user, int wait_status), void *user)
{
    struct child *child = NULL;
    pid_t pid = 0;
    int error = spawn(&pid, argv, environment ? environment_vector(environment) : environ);

    if (error != 0) {
        errno = error;
        return NULL;
    }
    child = memory_take(sizeof *child);
    child->pid = pid;
    child->running = true;
    child->ended = ended;
    child->user = user;
    loop_on_child(loop, pid, on_end, child);
    return child;
}

pid_t child_pid(const struct child *child)
{
    return child->pid;
}

static bool in_foreground(void)
{
    int terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    bool foreground = terminal >= 0 && tcgetpgrp(terminal) == getpgrp();

    if (terminal >= 0)
        close(terminal);
    return foreground;
}

void child_signal(struct child *child, int signo)
{
    if (!child->running)
        return;
    if ((signo == SIGINT || signo == SIGQUIT) && in_foreground())
        return;
    (void)kill(child->pid, signo);
}

void child_free(struct child *child)
{
    free(child);
}
