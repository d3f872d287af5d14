/* worker: one event loop and all that it owns. */
#include "serve/worker.h"

#include <stdlib.h>
#include <string.h>

#include "base/say.h"
#include "serve/refusal.h"
#include "serve/session.h"

static bool is_full(const struct run *run)
{
    return atomic_load_explicit(&run->connections, memory_order_relaxed) >=
           run->settings->max_connections;
}

static void pause_gates(struct worker *worker, bool paused)
{
    for (size_t i = 0; i < worker->gate_count; i++)
        if (worker->gates[i].listener)
            listener_pause(worker->gates[i].listener, paused);
    worker->full = paused;
}

/* Another worker's session may have made the room: look again soon. */
static void look_for_room(void *user)
{
    struct worker *worker = user;

    if (!worker->full || worker->draining)
        return;
    if (is_full(worker->run))
        deadline_set(&worker->room, worker->loop, loop_now() + 100 * MSEC, look_for_room, worker);
    else
        pause_gates(worker, false);
}

static void accepted(void *user, int fd, const struct address *peer)
{
    struct gate *gate = user;
    struct worker *worker = gate->worker;

    atomic_fetch_add_explicit(&worker->run->connections, 1, memory_order_relaxed);
    worker->session_count++;
    session_open(worker, gate->front, fd, peer);
    if (!worker->full && is_full(worker->run)) {
        struct event_trouble trouble = { .what = text_from("full"),
                                         .detail = text_from("--max-connections reached: new "
                                                             "connections wait") };

        pause_gates(worker, true);
        tally_trouble(run_generation(worker->run)->tally);
        recorder_put(worker->port, EVENT_trouble, &trouble, loop_now());
        look_for_room(worker);
    }
}

static void starved(void *user, int error)
{
    struct gate *gate = user;
    struct event_trouble trouble = { .what = text_from("starved"),
                                     .detail = text_from(strerror(error)) };

    tally_trouble(run_generation(gate->worker->run)->tally);
    recorder_put(gate->worker->port, EVENT_trouble, &trouble, loop_now());
}

struct worker *worker_new(struct run *run, struct loop *loop, unsigned index,
                          const int *descriptors)
{
    struct worker *worker = memory_take(sizeof *worker);
    const struct settings *settings = run->settings;
    struct upstream_options options = {
        .connect_timeout = settings->connect_timeout,
        .idle_timeout = settings->idle_timeout,
        .idle_most = 256,
    };

    worker->run = run;
    worker->loop = loop;
    worker->index = index;
    list_init(&worker->sessions);
    worker->resolver = resolver_new(loop);
    worker->upstreams =
        upstreams_new(loop, &worker->pool, worker->resolver, run->tls_client, &options);
    worker->port = recorder_port(run->recorder);
    worker->gate_count = settings->front_count;
    worker->gates = memory_take(settings->front_count * sizeof *worker->gates);
    for (size_t i = 0; i < settings->front_count; i++) {
        struct gate *gate = &worker->gates[i];

        gate->worker = worker;
        gate->front = &settings->fronts[i];
        gate->listener = listener_new(loop, descriptors[i], accepted, starved, gate);
    }
    return worker;
}

static void close_gates(struct worker *worker)
{
    for (size_t i = 0; i < worker->gate_count; i++) {
        refusal_end(&worker->gates[i]);
        if (worker->gates[i].listener)
            listener_free(worker->gates[i].listener);
        worker->gates[i].listener = NULL;
    }
}

static void drain_sessions(struct worker *worker, bool cut)
{
    LIST_EACH (&worker->sessions)
        session_drain(CONTAINER_OF(node, struct session, node), cut);
}

void worker_free(struct worker *worker)
{
    if (!worker)
        return;
    close_gates(worker);
    worker->drained = NULL;
    drain_sessions(worker, true);
    deadline_clear(&worker->drain);
    deadline_clear(&worker->room);
    upstreams_free(worker->upstreams);
    resolver_free(worker->resolver);
    pool_clear(&worker->pool);
    arena_pool_clear(&worker->arenas);
    free(worker->gates);
    free(worker);
}

static void drain_is_over(void *user)
{
    drain_sessions(user, true);
}

static void say_drained(struct worker *worker)
{
    if (worker->draining && worker->session_count == 0 && worker->drained) {
        void (*drained)(void *) = worker->drained;

        worker->drained = NULL;
        deadline_clear(&worker->drain);
        drained(worker->drained_user);
    }
}

void worker_drain(struct worker *worker, bool now_at_once)
{
    worker->draining = true;
    close_gates(worker);
    deadline_clear(&worker->room);
    drain_sessions(worker, now_at_once);
    if (worker->session_count > 0 && !now_at_once)
        deadline_set(&worker->drain, worker->loop,
                     usec_after(loop_now(), worker->run->settings->drain_timeout), drain_is_over,
                     worker);
    say_drained(worker);
}

uint64_t worker_next_connection(struct worker *worker)
{
    return worker->last_connection++ * worker->run->settings->workers + worker->index + 1;
}

uint64_t worker_next_exchange(struct worker *worker)
{
    return worker->last_exchange++ * worker->run->settings->workers + worker->index + 1;
}

void worker_session_gone(struct worker *worker)
{
    atomic_fetch_sub_explicit(&worker->run->connections, 1, memory_order_relaxed);
    worker->session_count--;
    if (worker->full)
        look_for_room(worker);
    say_drained(worker);
}
