/* fleet: all workers of a run, each on a thread of its own but the main one. */
#include "serve/fleet.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/say.h"
#include "serve/worker.h"

/* What the main thread asks of a worker's. */
enum order { ORDER_NONE, ORDER_DRAIN, ORDER_CUT, ORDER_END };

struct member {
    struct fleet *fleet;
    struct loop *loop;
    struct worker *worker;
    pthread_t thread;
    int *descriptors;
    atomic_int order;
    atomic_bool drained;
    bool threaded;
};

struct fleet {
    struct member *members;
    unsigned count;
    size_t fronts;
    struct loop *main;
    bool draining;
    void (*drained)(void *user);
    void *user;
};

static bool bind_member(struct fleet *fleet, struct member *member, struct front *fronts,
                        struct buffer *complaint)
{
    char address[ADDRESS_TEXT];

    for (size_t i = 0; i < fleet->fronts; i++) {
        bool is_local = fronts[i].address.any.sa_family == AF_UNIX;

        /* Unix sockets know no SO_REUSEPORT: workers share one open socket. */
        if (is_local && member != fleet->members)
            member->descriptors[i] = fcntl(fleet->members[0].descriptors[i], F_DUPFD_CLOEXEC, 0);
        else
            member->descriptors[i] = listener_bind(&fronts[i].address, fleet->count > 1);
        if (member->descriptors[i] < 0) {
            buffer_format(complaint, "%s: %s", address_write(&fronts[i].address, address),
                          strerror(errno));
            return false;
        }
    }
    return true;
}

struct fleet *fleet_bind(struct front *fronts, size_t count, unsigned workers,
                         struct buffer *complaint)
{
    struct fleet *fleet = memory_take(sizeof *fleet);

    fleet->count = workers;
    fleet->fronts = count;
    fleet->members = memory_take(workers * sizeof *fleet->members);
    for (unsigned i = 0; i < workers; i++) {
        struct member *member = &fleet->members[i];

        member->fleet = fleet;
        member->descriptors = memory_take((count + 1) * sizeof(int));
        for (size_t j = 0; j < count; j++)
            member->descriptors[j] = -1;
    }
    for (unsigned i = 0; i < workers; i++)
        if (!bind_member(fleet, &fleet->members[i], fronts, complaint)) {
            fleet_free(fleet);
            return NULL;
        }
    return fleet;
}

static void member_is_drained(void *user)
{
    struct member *member = user;

    atomic_store(&member->drained, true);
    loop_wake(member->fleet->main);
}

static void look_for_end(struct fleet *fleet)
{
    for (unsigned i = 0; i < fleet->count; i++)
        if (!atomic_load(&fleet->members[i].drained))
            return;
    if (fleet->drained) {
        void (*drained)(void *) = fleet->drained;

        fleet->drained = NULL;
        drained(fleet->user);
    }
}

static void follow_order(void *user)
{
    struct member *member = user;
    int order = atomic_exchange(&member->order, ORDER_NONE);

    if (order == ORDER_END)
        loop_stop(member->loop);
    else if (order != ORDER_NONE)
        worker_drain(member->worker, order == ORDER_CUT);
    if (member == member->fleet->members && member->fleet->draining)
        look_for_end(member->fleet);
}

static void watch_drain(struct member *member)
{
    member->worker->drained = member_is_drained;
    member->worker->drained_user = member;
}

static void *serve(void *user)
{
    struct member *member = user;

    loop_run(member->loop);
    worker_free(member->worker);
    return NULL;
}

static void start_thread(struct member *member)
{
    sigset_t all, before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&member->thread, NULL, serve, member);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        errno = error;
        say_errno("a worker's thread cannot be started");
        abort();
    }
    member->threaded = true;
}

void fleet_start(struct fleet *fleet, struct run *run, struct loop *loop)
{
    fleet->main = loop;
    for (unsigned i = 0; i < fleet->count; i++) {
        struct member *member = &fleet->members[i];

        member->loop = i == 0 ? loop : loop_new();
        member->worker = worker_new(run, member->loop, i, member->descriptors);
        watch_drain(member);
        loop_on_wake(member->loop, follow_order, member);
    }
    for (unsigned i = 1; i < fleet->count; i++)
        start_thread(&fleet->members[i]);
}

static void give_order(struct member *member, enum order order)
{
    atomic_store(&member->order, order);
    loop_wake(member->loop);
}

void fleet_drain(struct fleet *fleet, bool at_once, void (*drained)(void *user), void *user)
{
    enum order order = at_once || fleet->draining ? ORDER_CUT : ORDER_DRAIN;

    fleet->draining = true;
    fleet->drained = drained;
    fleet->user = user;
    for (unsigned i = 0; i < fleet->count; i++)
        give_order(&fleet->members[i], order);
}

static void close_unused(struct fleet *fleet, struct member *member)
{
    for (size_t i = 0; i < fleet->fronts; i++)
        if (!member->worker && member->descriptors[i] >= 0)
            close(member->descriptors[i]);
    free(member->descriptors);
}

void fleet_free(struct fleet *fleet)
{
    if (!fleet)
        return;
    for (unsigned i = 1; i < fleet->count; i++)
        if (fleet->members[i].threaded)
            give_order(&fleet->members[i], ORDER_END);
    for (unsigned i = 0; i < fleet->count; i++) {
        struct member *member = &fleet->members[i];

        if (member->threaded) {
            pthread_join(member->thread, NULL);
            loop_free(member->loop);
        } else {
            worker_free(member->worker);
        }
        close_unused(fleet, member);
    }
    free(fleet->members);
    free(fleet);
}
