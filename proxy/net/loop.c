/* loop: libev, and nothing of it beyond this file. */
#include "net/loop.h"

#include <assert.h>
#include <ev.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "net/alarms.h"

#define SIGNALS_MOST 16
/* Deadlines are looked at on this grid; with the whole milliseconds of epoll_wait it stays below
 * 100 ms. */
#define GRID (90 * MSEC)

struct signal_handler {
    struct ev_signal watcher;
    struct loop *loop;
    void (*call)(void *user, int signal);
    void *user;
};

struct child {
    struct ev_child watcher;
    struct child *next;
    struct loop *loop;
    void (*call)(void *user, int status);
    void *user;
};

struct loop {
    struct ev_loop *ev;
    struct ev_prepare before_sleep;
    struct ev_idle wakeful; /* errands wait for the next turn */
    struct ev_timer tick;
    struct ev_async wake;
    usec tick_due;
    struct alarms alarms;
    struct heap deadlines;
    struct list errands;
    void (*wake_call)(void *user);
    void *wake_user;
    struct signal_handler signals[SIGNALS_MOST];
    size_t signal_count;
    struct child *children;
    bool stopped;
};

static_assert(sizeof(struct ev_io) <= sizeof(((struct watch *)0)->storage),
              "a watch has room for libev's");
static_assert((int)WATCH_READ == (int)EV_READ && (int)WATCH_WRITE == (int)EV_WRITE,
              "events need no translation");

usec loop_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (usec)now.tv_sec * SECOND + now.tv_nsec / 1000;
}

struct alarms *loop_alarms(struct loop *loop)
{
    return &loop->alarms;
}

struct heap *loop_deadlines(struct loop *loop)
{
    return &loop->deadlines;
}

static struct ev_io *io_of(struct watch *watch)
{
    return (struct ev_io *)(void *)watch->storage;
}

static void on_ready(struct ev_loop *ev, struct ev_io *io, int events)
{
    struct watch *watch = CONTAINER_OF(io, struct watch, storage);

    (void)ev;
    watch->call(watch->user, (unsigned)events & (WATCH_READ | WATCH_WRITE));
}

void watch_start(struct watch *watch, struct loop *loop, int fd, unsigned events,
                 void (*call)(void *user, unsigned events), void *user)
{
    struct ev_io *io = io_of(watch);

    assert(!watch->known);
    watch->loop = loop;
    watch->call = call;
    watch->user = user;
    watch->events = events;
    watch->known = true;
    /* In libev's eyes a new descriptor, even if its number was known a moment ago. */
    ev_io_init(io, on_ready, fd, (int)events);
    if (events != 0)
        ev_io_start(loop->ev, io);
}

/* libev tells the kernel at the end of the turn, and only if the sum has changed. */
void watch_change(struct watch *watch, unsigned events)
{
    struct ev_io *io = io_of(watch);

    if (!watch->known || watch->events == events)
        return;
    watch->events = events;
    ev_io_stop(watch->loop->ev, io);
    ev_io_modify(io, (int)events);
    if (events != 0)
        ev_io_start(watch->loop->ev, io);
}

void watch_stop(struct watch *watch)
{
    if (!watch->known)
        return;
    ev_io_stop(watch->loop->ev, io_of(watch));
    watch->known = false;
    watch->events = 0;
}

void watch_hand_over(struct watch *watch, void (*call)(void *user, unsigned events), void *user)
{
    watch->call = call;
    watch->user = user;
}

void loop_later(struct loop *loop, struct errand *errand, void (*call)(void *user), void *user)
{
    errand->call = call;
    errand->user = user;
    if (errand->queued)
        return;
    errand->queued = true;
    list_insert(&loop->errands, &errand->node);
}

void loop_forget(struct errand *errand)
{
    if (!errand->queued)
        return;
    errand->queued = false;
    list_remove(&errand->node);
}

/* Those that are queued while these run wait for the next turn, so that none can hold the loop up.
 */
static void run_errands(struct loop *loop)
{
    struct list now;

    list_init(&now);
    while (!list_is_empty(&loop->errands)) {
        struct list *node = loop->errands.next;

        list_remove(node);
        list_insert(&now, node);
    }
    while (!list_is_empty(&now)) {
        struct errand *errand = CONTAINER_OF(now.next, struct errand, node);

        loop_forget(errand);
        errand->call(errand->user);
    }
}

static void set_tick(struct loop *loop)
{
    usec first = heap_first(&loop->deadlines);
    usec due = first == NEVER ? NEVER : (first / GRID + 1) * GRID;

    if (due >= loop->tick_due)
        return;
    loop->tick_due = due;
    ev_timer_stop(loop->ev, &loop->tick);
    /* libev counts from its own, older idea of now: a millisecond more keeps it from coming early.
     */
    ev_timer_set(&loop->tick, (double)(usec_max(due - loop_now(), 0) + MSEC) / (double)SECOND, 0.);
    ev_timer_start(loop->ev, &loop->tick);
}

static void on_tick(struct ev_loop *ev, struct ev_timer *tick, int events)
{
    struct loop *loop = tick->data;

    (void)ev;
    (void)events;
    loop->tick_due = NEVER;
    deadlines_run(&loop->deadlines, loop_now());
}

static void on_before_sleep(struct ev_loop *ev, struct ev_prepare *prepare, int events)
{
    struct loop *loop = prepare->data;

    (void)events;
    if (!list_is_empty(&loop->errands))
        run_errands(loop);
    if (!list_is_empty(&loop->errands))
        ev_idle_start(ev, &loop->wakeful);
    else if (ev_is_active(&loop->wakeful))
        ev_idle_stop(ev, &loop->wakeful);
    alarms_arm(&loop->alarms);
    set_tick(loop);
}

/* That it is there keeps the loop from sleeping; it has nothing to do. */
static void on_wakeful(struct ev_loop *ev, struct ev_idle *idle, int events)
{
    (void)ev;
    (void)idle;
    (void)events;
}

static void on_wake(struct ev_loop *ev, struct ev_async *async, int events)
{
    struct loop *loop = async->data;

    (void)ev;
    (void)events;
    loop->wake_call(loop->wake_user);
}

static struct loop *loop_of(struct ev_loop *ev)
{
    struct loop *loop;

    if (!ev)
        return NULL;
    loop = memory_take(sizeof(*loop));
    loop->ev = ev;
    loop->tick_due = NEVER;
    list_init(&loop->errands);
    if (!alarms_open(&loop->alarms, loop)) {
        ev_loop_destroy(ev);
        free(loop);
        return NULL;
    }
    ev_prepare_init(&loop->before_sleep, on_before_sleep);
    ev_idle_init(&loop->wakeful, on_wakeful);
    ev_timer_init(&loop->tick, on_tick, 0., 0.);
    ev_async_init(&loop->wake, on_wake);
    loop->before_sleep.data = loop->tick.data = loop->wake.data = loop;
    /* Always there, so ev_run goes on until it is told to stop. */
    ev_prepare_start(ev, &loop->before_sleep);
    return loop;
}

#define LOOP_FLAGS (EVBACKEND_EPOLL | EVFLAG_NOENV | EVFLAG_NOTIMERFD)

struct loop *loop_new(void)
{
    return loop_of(ev_loop_new(LOOP_FLAGS));
}

struct loop *loop_new_main(void)
{
    return loop_of(ev_default_loop(LOOP_FLAGS));
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    while (!list_is_empty(&loop->errands))
        run_errands(loop);
    while (loop->children) {
        struct child *child = loop->children;

        loop->children = child->next;
        ev_child_stop(loop->ev, &child->watcher);
        free(child);
    }
    for (size_t i = 0; i < loop->signal_count; i++)
        ev_signal_stop(loop->ev, &loop->signals[i].watcher);
    alarms_close(&loop->alarms);
    heap_free(&loop->deadlines);
    ev_loop_destroy(loop->ev);
    free(loop);
}

void loop_run(struct loop *loop)
{
    if (!loop->stopped)
        ev_run(loop->ev, 0);
    loop->stopped = false;
    run_errands(loop);
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true;
    ev_break(loop->ev, EVBREAK_ALL);
}

static void on_signal(struct ev_loop *ev, struct ev_signal *signal, int events)
{
    struct signal_handler *handler = signal->data;

    (void)ev;
    (void)events;
    handler->call(handler->user, signal->signum);
}

void loop_on_signal(struct loop *loop, int signal, void (*call)(void *user, int signal), void *user)
{
    struct signal_handler *handler = &loop->signals[loop->signal_count++];

    assert(loop->signal_count <= SIGNALS_MOST);
    handler->loop = loop;
    handler->call = call;
    handler->user = user;
    ev_signal_init(&handler->watcher, on_signal, signal);
    handler->watcher.data = handler;
    ev_signal_start(loop->ev, &handler->watcher);
}

void loop_on_wake(struct loop *loop, void (*call)(void *user), void *user)
{
    loop->wake_call = call;
    loop->wake_user = user;
    ev_async_start(loop->ev, &loop->wake);
}

void loop_wake(struct loop *loop)
{
    ev_async_send(loop->ev, &loop->wake);
}

static void on_child(struct ev_loop *ev, struct ev_child *watcher, int events)
{
    struct child *child = watcher->data;
    struct child **link = &child->loop->children;

    (void)events;
    ev_child_stop(ev, watcher);
    while (*link != child)
        link = &(*link)->next;
    *link = child->next;
    child->call(child->user, watcher->rstatus);
    free(child);
}

void loop_on_child(struct loop *loop, int pid, void (*call)(void *user, int status), void *user)
{
    struct child *child = memory_take(sizeof(*child));

    child->loop = loop;
    child->call = call;
    child->user = user;
    ev_child_init(&child->watcher, on_child, pid, 0);
    child->watcher.data = child;
    ev_child_start(loop->ev, &child->watcher);
    child->next = loop->children;
    loop->children = child;
}
