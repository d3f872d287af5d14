/* child: COMMAND, started and waited for. */
#ifndef PANNE_CHILD_H
#define PANNE_CHILD_H

#include <sys/types.h>

#include "environment.h"
#include "net/loop.h"

struct child;

/* Starts argv[0], looked up in PATH, in our process group and on our terminal, with our descriptors
 * 0, 1 and 2 and whatever else is not close-on-exec; no signal blocked, SIGPIPE at its default.
 * `environment` NULL: our own. A script without `#!` is run by /bin/sh, as a shell would do. NULL
 * with errno when it cannot be started (ENOENT: there is no such program; EACCES: it may not be
 * run). `ended` is called once, on the loop (the main one), with the status of wait(2). */
struct child *child_start(struct loop *loop, char *const *argv,
                          const struct environment *environment,
                          void (*ended)(void *user, int wait_status), void *user);

pid_t child_pid(const struct child *child);

/* Passes a signal on; nothing once it has ended. SIGINT and SIGQUIT are kept back while our process
 * group is in the foreground of a terminal: COMMAND has had them from there, and many programs take
 * a second one for impatience. */
void child_signal(struct child *child, int signo);

/* Does not end COMMAND. One that still runs may be freed only if the loop does not run any more. */
void child_free(struct child *child);

#endif
