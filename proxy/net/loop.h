/* loop: readiness, time and signals of one thread (the only user of libev is loop.c). */
#ifndef PANNE_NET_LOOP_H
#define PANNE_NET_LOOP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/list.h"
#include "base/time.h"

struct loop;

struct loop *loop_new(void);
/* The one loop of the process that also hears of children (loop_on_child). */
struct loop *loop_new_main(void);
void loop_free(struct loop *loop);
/* Until loop_stop. Must be called on the thread that owns the loop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* CLOCK_MONOTONIC, read now (vDSO, no system call), not the loop's cached time. */
usec loop_now(void);

enum { WATCH_READ = 1, WATCH_WRITE = 2 };

/* One descriptor's readiness; embed it in what owns the descriptor. Zero-fill to start.
 * Level-triggered. */
struct watch {
    void *storage[8]; /* libev's ev_io; loop.c asserts that it fits */
    struct loop *loop;
    void (*call)(void *user, unsigned events);
    void *user;
    unsigned events; /* what is waited for */
    bool known;      /* to the loop */
};

void watch_start(struct watch *watch, struct loop *loop, int fd, unsigned events,
                 void (*call)(void *user, unsigned events), void *user);
/* No cost if the events stay the same; 0 pauses. Changes within one turn of the loop cost at most
 * one system call. */
void watch_change(struct watch *watch, unsigned events);
/* Before the descriptor is closed. Safe twice, and on a zero-filled watch. */
void watch_stop(struct watch *watch);
/* Hands readiness to somebody else without telling the kernel. */
void watch_hand_over(struct watch *watch, void (*call)(void *user, unsigned events), void *user);

/* A moment to be called at, exactly: one heap of (due, alarm) and one timerfd, armed only when the
 * earliest due changes. Never early; late by what the kernel takes to wake us (tens of
 * microseconds). Zero-fill to start. */
struct alarm {
    usec due;
    size_t slot; /* heap place + 1; 0: not set */
    struct loop *loop;
    void (*call)(void *user);
    void *user;
};

void alarm_set(struct alarm *alarm, struct loop *loop, usec due, void (*call)(void *user),
               void *user);
void alarm_clear(struct alarm *alarm);

/* A time-out that is moved often and rarely comes: kept lazily, called up to 100 ms late, never
 * early, and moving it later costs a store. Zero-fill to start. */
struct deadline {
    usec due;    /* when it is meant; NEVER: not set */
    usec queued; /* when the loop will look at it */
    size_t slot;
    struct loop *loop;
    void (*call)(void *user);
    void *user;
};

/* NEVER puts it off for good at the cost of a store; deadline_clear before its memory is freed. */
void deadline_set(struct deadline *deadline, struct loop *loop, usec due, void (*call)(void *user),
                  void *user);
void deadline_clear(struct deadline *deadline);

/* Called on the loop's thread for each such signal (several may be merged). One handler a signal
 * and process; up to 16. */
void loop_on_signal(struct loop *loop, int signal, void (*call)(void *user, int signal),
                    void *user);
/* `call` runs on the loop's thread soon after any thread called loop_wake. One a loop. */
void loop_on_wake(struct loop *loop, void (*call)(void *user), void *user);
void loop_wake(struct loop *loop);
/* A child's end, on the loop that handles SIGCHLD. Calls once with the wait status. */
void loop_on_child(struct loop *loop, int pid, void (*call)(void *user, int status), void *user);
/* Runs at the end of the present turn, before sleeping: for freeing what may still be on the stack.
 */
struct errand {
    struct list node;
    void (*call)(void *user);
    void *user;
    bool queued;
};
/* Zero-fill an errand to start. */
void loop_later(struct loop *loop, struct errand *errand, void (*call)(void *user), void *user);
/* It will not be called. Safe on one that is not queued. */
void loop_forget(struct errand *errand);

#endif
