/* conductor: follows the timeline's clock and the user's signals. */
#include "conductor.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/say.h"

/* How often the display is drawn. */
#define DRAW_EVERY (100 * MSEC)

struct conductor {
    struct conductor_parts parts;
    struct alarm look;
    struct watch enter;
    struct watch rung;
    int bell; /* rung by other threads' workers */
    pthread_t thread;
    const struct generation *generation;
    usec *starts;   /* of its stretches, for the display */
    size_t stretch; /* that the log knows of */
    bool started;   /* likewise */
    bool over;
    bool ending;
    const char *why; /* the end */
    const char *command;
};

static void look(struct conductor *conductor, const char *why);

static usec elapsed(const struct run *run, usec now)
{
    usec start = atomic_load(&run->start);

    return start == 0 ? 0 : now - start + atomic_load(&run->skipped);
}

static void take_generation(struct conductor *conductor)
{
    const struct timeline *timeline;

    conductor->generation = run_generation(conductor->parts.run);
    timeline = &conductor->generation->timeline;
    conductor->starts = memory_grow(conductor->starts, timeline->count * sizeof *conductor->starts);
    for (size_t i = 0; i < timeline->count; i++)
        conductor->starts[i] = timeline->stretches[i].begins;
}

static void describe(const struct conductor *conductor, usec now, struct live_state *state)
{
    const struct generation *generation = conductor->generation;
    const struct timeline *timeline = &generation->timeline;
    struct moment moment = run_moment(conductor->parts.run, generation, now);
    const struct stretch *stretch = &timeline->stretches[moment.stretch];

    *state = (struct live_state){
        .title = generation->scenario->title,
        .phase = generation->scenario->phases[moment.phase].name,
        .phase_index = moment.stretch,
        .phase_count = timeline->count,
        .elapsed = usec_min(elapsed(conductor->parts.run, now), stretch->ends),
        .lasts = timeline->lasts,
        .phase_lasts = stretch->ends == NEVER ? NEVER : stretch->ends - stretch->begins,
        .phase_starts = conductor->starts,
        .waiting = !run_has_started(conductor->parts.run),
        .over = moment.over,
        .draining = conductor->ending,
        .command = text_from(conductor->command),
    };
    state->phase_elapsed = usec_max(0, state->elapsed - stretch->begins);
}

static void tell(struct conductor *conductor, usec now)
{
    struct tally_totals totals = tally_totals(conductor->generation->tally);
    struct live_state state;

    describe(conductor, now, &state);
    display_tell(conductor->parts.display, &state, &totals);
}

static void draw(struct conductor *conductor, usec now)
{
    struct tally_totals totals;
    struct live_state state;

    if (!display_is_live(conductor->parts.display))
        return;
    totals = tally_totals(conductor->generation->tally);
    describe(conductor, now, &state);
    display_draw(conductor->parts.display, &state, &totals, now);
}

static void log_phase(struct conductor *conductor, size_t index, const char *why, usec now)
{
    const struct generation *generation = conductor->generation;
    const struct stretch *stretch = &generation->timeline.stretches[index];
    const struct phase *phase = &generation->scenario->phases[stretch->phase];
    struct event_phase event = {
        .name = phase->name,
        .lasts = stretch->ends == NEVER ? NEVER : stretch->ends - stretch->begins,
        .scenario_lasts = phase->lasts,
        .why = text_from(why),
    };

    recorder_put(conductor->parts.port, EVENT_phase, &event, now);
    tell(conductor, now);
}

static void log_end_of_timeline(struct conductor *conductor, usec now)
{
    struct event_phase event = { .lasts = NEVER, .scenario_lasts = NEVER, .why = text_from("end") };

    conductor->over = true;
    recorder_put(conductor->parts.port, EVENT_phase, &event, now);
    tell(conductor, now);
    if (conductor->parts.timeline_over)
        conductor->parts.timeline_over(conductor->parts.wrapped);
    else
        conductor_end(conductor, false, "the timeline has ended");
}

/* What has happened since the last look. */
static void follow(struct conductor *conductor, const char *why, usec now)
{
    struct run *run = conductor->parts.run;
    struct moment moment;

    if (!run_has_started(run) || conductor->over)
        return;
    moment = run_moment(run, conductor->generation, now);
    if (!conductor->started) {
        conductor->started = true;
        conductor->stretch = 0;
        log_phase(conductor, 0, "start", atomic_load(&run->start));
    }
    while (conductor->stretch < moment.stretch)
        log_phase(conductor, ++conductor->stretch, why, now);
    if (moment.over && !conductor->ending)
        log_end_of_timeline(conductor, now);
}

static usec next_look(const struct conductor *conductor, usec now)
{
    struct run *run = conductor->parts.run;
    struct moment moment = run_moment(run, conductor->generation, now);
    usec ends = run_phase_ends(run, &moment);

    if (display_is_live(conductor->parts.display))
        return usec_min(ends, usec_after(now, DRAW_EVERY));
    return ends;
}

static void look_on_time(void *user)
{
    look(user, "time");
}

static void look(struct conductor *conductor, const char *why)
{
    usec now = loop_now(), next;

    follow(conductor, why, now);
    draw(conductor, now);
    next = next_look(conductor, now);
    alarm_clear(&conductor->look);
    if (next != NEVER)
        alarm_set(&conductor->look, conductor->parts.loop, next, look_on_time, conductor);
}

/* The timeline has been started, on whichever worker's thread: on ours the log tells it before what
 * follows from it. */
static void on_start(void *user)
{
    struct conductor *conductor = user;

    if (pthread_equal(pthread_self(), conductor->thread))
        look(conductor, "time");
    else
        eventfd_write(conductor->bell, 1);
}

static void on_bell(void *user, unsigned events)
{
    struct conductor *conductor = user;
    eventfd_t count;

    (void)events;
    if (eventfd_read(conductor->bell, &count) == 0)
        look(conductor, "time");
}

static void step(struct conductor *conductor)
{
    follow(conductor, "time", loop_now());
    run_step(conductor->parts.run, loop_now());
    look(conductor, "step");
}

static void on_step_signal(void *user, int signo)
{
    (void)signo;
    step(user);
}

/* Each line typed is a step; nothing is asked any more at the end of input. */
static void on_enter(void *user, unsigned events)
{
    struct conductor *conductor = user;
    char typed[256];
    ssize_t count = read(STDIN_FILENO, typed, sizeof typed);

    (void)events;
    if (count <= 0)
        watch_stop(&conductor->enter);
    for (ssize_t i = 0; i < count; i++)
        if (typed[i] == '\n') {
            display_slip(conductor->parts.display);
            step(conductor);
        }
}

static void on_end_signal(void *user, int signo)
{
    struct conductor *conductor = user;

    if (conductor->parts.signaled && !conductor->ending)
        conductor->parts.signaled(conductor->parts.wrapped, signo);
    else
        conductor_end(conductor, false, signo == SIGINT ? "interrupted" : "terminated");
}

static void log_failed_reload(struct conductor *conductor)
{
    struct event_trouble event = { .what = text_from("reload-failed"),
                                   .detail = text_from("it is not valid (stderr says why): the "
                                                       "scenario is as before") };

    say("the scenario is as before");
    tally_trouble(conductor->generation->tally);
    recorder_put(conductor->parts.port, EVENT_trouble, &event, loop_now());
}

static void renew(struct conductor *conductor, struct generation *generation)
{
    struct moment moment;

    run_renew(conductor->parts.run, generation);
    take_generation(conductor);
    conductor->parts.renewed(conductor->parts.user);
    moment = run_moment(conductor->parts.run, conductor->generation, loop_now());
    conductor->stretch = moment.stretch;
    if (!moment.over)
        log_phase(conductor, moment.stretch, "reload", loop_now());
}

static void on_hangup(void *user, int signo)
{
    struct conductor *conductor = user;
    struct generation *generation;

    if (conductor->parts.signaled) {
        on_end_signal(conductor, signo);
        return;
    }
    if (conductor->ending)
        return;
    follow(conductor, "time", loop_now());
    display_erase(conductor->parts.display);
    recorder_reopen(conductor->parts.run->recorder, loop_now());
    generation = conductor->parts.reload(conductor->parts.user);
    if (generation)
        renew(conductor, generation);
    else
        log_failed_reload(conductor);
    look(conductor, "time");
}

static void on_drained(void *user)
{
    struct conductor *conductor = user;

    loop_stop(conductor->parts.loop);
}

void conductor_end(struct conductor *conductor, bool at_once, const char *why)
{
    bool again = conductor->ending;

    if (!conductor->why)
        conductor->why = why;
    conductor->ending = true;
    atomic_store(&conductor->parts.run->draining, true);
    fleet_drain(conductor->parts.fleet, at_once || again, on_drained, conductor);
}

static void hear(struct conductor *conductor)
{
    const struct conductor_parts *parts = &conductor->parts;

    loop_on_signal(parts->loop, SIGTERM, on_end_signal, conductor);
    loop_on_signal(parts->loop, SIGINT, on_end_signal, conductor);
    loop_on_signal(parts->loop, SIGHUP, on_hangup, conductor);
    loop_on_signal(parts->loop, SIGUSR1, on_step_signal, conductor);
    /* COMMAND reads the terminal itself; in the background nobody may. */
    if (parts->options->step && !parts->options->child && isatty(STDIN_FILENO) &&
        tcgetpgrp(STDIN_FILENO) == getpgrp())
        watch_start(&conductor->enter, parts->loop, STDIN_FILENO, WATCH_READ, on_enter, conductor);
}

struct conductor *conductor_new(const struct conductor_parts *parts)
{
    struct conductor *conductor = memory_take(sizeof *conductor);

    conductor->parts = *parts;
    conductor->thread = pthread_self();
    conductor->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (conductor->bell < 0) {
        free(conductor);
        return NULL;
    }
    watch_start(&conductor->rung, parts->loop, conductor->bell, WATCH_READ, on_bell, conductor);
    take_generation(conductor);
    hear(conductor);
    parts->run->started = on_start;
    parts->run->started_user = conductor;
    if (parts->run->starts_at_once)
        run_start(parts->run, loop_now());
    look(conductor, "start");
    return conductor;
}

void conductor_free(struct conductor *conductor)
{
    if (!conductor)
        return;
    alarm_clear(&conductor->look);
    watch_stop(&conductor->enter);
    watch_stop(&conductor->rung);
    close(conductor->bell);
    display_erase(conductor->parts.display);
    free(conductor->starts);
    free(conductor);
}

const char *conductor_why(const struct conductor *conductor)
{
    return conductor->why;
}

bool conductor_is_on(const struct conductor *conductor)
{
    return conductor->started && !conductor->over;
}

void conductor_make_room(struct conductor *conductor)
{
    display_erase(conductor->parts.display);
}

void conductor_tell_command(struct conductor *conductor, const char *what)
{
    conductor->command = what;
}
