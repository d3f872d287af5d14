/* wrapped: COMMAND from its first start to its last end. */
#include "wrapped.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/arena.h"
#include "base/say.h"
#include "child.h"
#include "environment.h"
#include "run_listen.h"
#include "url.h"

/* A COMMAND that ends at once is not run again in a busy loop. */
#define REPEAT_EVERY (100 * MSEC)

struct wrapped {
    struct wrapped_parts parts;
    struct environment *environment;
    struct conductor *conductor;
    struct child *child;
    struct alarm repeat;
    bool stopping; /* a signal has come: no more repeats */
    bool failed, broken;
};

/* Where a reverse listener is, for clients that take a base URL. */
static void export_listener(const struct settings *settings)
{
    const struct front *front = &settings->fronts[0];
    struct buffer url = { 0 };

    if (front->kind != FRONT_REVERSE)
        return;
    url_write(&front->address, front->tls, &url);
    setenv("PANNE_URL", url.at, 1);
    buffer_free(&url);
}

struct wrapped *wrapped_new(const struct wrapped_parts *parts, struct buffer *complaint)
{
    struct wrapped *wrapped = memory_take(sizeof *wrapped);
    struct buffer url = { 0 };
    struct environment_options options = {
        .certs = parts->certs,
        .keep_no_proxy = parts->options->no_proxy == NO_PROXY_KEEP,
    };

    wrapped->parts = *parts;
    url_write(&run_listen_for_command(parts->settings)->address, false, &url);
    options.proxy_url = url.at;
    export_listener(parts->settings);
    wrapped->environment = environment_new(&options, complaint);
    buffer_free(&url);
    if (wrapped->environment)
        return wrapped;
    free(wrapped);
    return NULL;
}

void wrapped_free(struct wrapped *wrapped)
{
    if (!wrapped)
        return;
    alarm_clear(&wrapped->repeat);
    if (wrapped->child)
        child_free(wrapped->child);
    environment_free(wrapped->environment);
    free(wrapped);
}

static void log_command(const struct wrapped *wrapped, const char *what, int status)
{
    struct event_command event = {
        .what = text_from(what),
        .pid = (uint64_t)child_pid(wrapped->child),
        .status = (uint64_t)status,
    };

    recorder_put(wrapped->parts.port, EVENT_command, &event, loop_now());
}

static void start_again(void *user)
{
    struct wrapped *wrapped = user;

    if (wrapped_start(wrapped, wrapped->conductor))
        return;
    wrapped->broken = true;
    conductor_end(wrapped->conductor, false, "COMMAND could not be started again");
}

static void on_end(void *user, int wait_status)
{
    struct wrapped *wrapped = user;
    bool signaled = WIFSIGNALED(wait_status);
    int status = signaled ? WTERMSIG(wait_status) : WEXITSTATUS(wait_status);

    log_command(wrapped, signaled ? "signaled" : "ended", status);
    if (signaled || status != 0)
        wrapped->failed = true;
    conductor_make_room(wrapped->conductor);
    if (signaled)
        say("COMMAND was ended by signal %d (%s)", status, strsignal(status));
    else if (status != 0)
        say("COMMAND ended with status %d", status);
    child_free(wrapped->child);
    wrapped->child = NULL;
    /* One that sends nothing which matches would be run for ever. */
    if (wrapped->parts.options->repeat && !wrapped->stopping &&
        conductor_is_on(wrapped->conductor)) {
        conductor_tell_command(wrapped->conductor, "COMMAND is started again");
        alarm_set(&wrapped->repeat, wrapped->parts.loop, loop_now() + REPEAT_EVERY, start_again,
                  wrapped);
    } else {
        conductor_tell_command(wrapped->conductor, "COMMAND has ended");
        conductor_end(wrapped->conductor, false, "COMMAND has ended");
    }
}

bool wrapped_start(struct wrapped *wrapped, struct conductor *conductor)
{
    const struct wrapped_parts *parts = &wrapped->parts;

    wrapped->conductor = conductor;
    wrapped->child =
        child_start(parts->loop, parts->options->child, wrapped->environment, on_end, wrapped);
    if (!wrapped->child) {
        say_errno("%s cannot be started", parts->options->child[0]);
        return false;
    }
    log_command(wrapped, "started", 0);
    conductor_tell_command(conductor, "COMMAND runs");
    return true;
}

void wrapped_signaled(void *user, int signo)
{
    struct wrapped *wrapped = user;

    wrapped->stopping = true;
    if (wrapped->child)
        child_signal(wrapped->child, signo);
    else
        conductor_end(wrapped->conductor, false, "ended by a signal");
}

void wrapped_timeline_over(void *user)
{
    struct wrapped *wrapped = user;

    /* Between two runs of COMMAND nobody else would end it. */
    if (!wrapped->child)
        conductor_end(wrapped->conductor, false, "the timeline has ended");
}

bool wrapped_failed(const struct wrapped *wrapped)
{
    return wrapped->failed;
}

bool wrapped_broken(const struct wrapped *wrapped)
{
    return wrapped->broken;
}
