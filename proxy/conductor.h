/* conductor: leads a run through its timeline, on the main loop: phases, signals, steps, reloads,
 * and the end. */
#ifndef PANNE_CONDUCTOR_H
#define PANNE_CONDUCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "display.h"
#include "net/loop.h"
#include "option.h"
#include "serve/fleet.h"
#include "serve/run.h"

struct conductor;

/* What it works with, all lent, until conductor_free. */
struct conductor_parts {
    struct loop *loop;
    struct run *run;
    struct fleet *fleet;
    struct recorder_port *port; /* the main thread's own */
    struct display *display;
    const struct options *options;
    /* SIGHUP: a fresh generation, or NULL after having said why not. */
    struct generation *(*reload)(void *user);
    /* A generation is in force from now on: the log is to tell its text. */
    void (*renewed)(void *user);
    /* With COMMAND, else NULL: a signal for it, and the end of the timeline. The run goes on until
     * conductor_end. */
    void (*signaled)(void *wrapped, int signo);
    void (*timeline_over)(void *wrapped);
    void *wrapped;
    void *user; /* of the other two */
};

/* Begins to listen for signals and to watch the timeline; before the fleet starts. NULL
 * with errno where the system has no descriptor left. */
struct conductor *conductor_new(const struct conductor_parts *parts);
void conductor_free(struct conductor *conductor);

/* Ends the run: exchanges that are on may finish, within --drain-timeout; called once more, or
 * `at_once`: they may not. The loop stops when all is done. `why` is a constant; the first counts.
 */
void conductor_end(struct conductor *conductor, bool at_once, const char *why);
/* Why it ended; NULL before. */
const char *conductor_why(const struct conductor *conductor);
/* Whether the timeline has started, and not come to its end. */
bool conductor_is_on(const struct conductor *conductor);
/* Takes the picture off the terminal until the next look, so that something can be said there. */
void conductor_make_room(struct conductor *conductor);
/* What COMMAND is doing, for the display; a constant. */
void conductor_tell_command(struct conductor *conductor, const char *what);

#endif
