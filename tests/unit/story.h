/* story: a run's events for tests of the verdict, made up in the order of a log. */
#ifndef PANNE_TESTS_STORY_H
#define PANNE_TESTS_STORY_H

#include "history/history.h"

/* Where events go, as with verdict_take. */
struct story {
    void (*take)(void *user, enum event_kind kind, const void *event, usec time);
    void *user;
    uint64_t exchange; /* the last one's number */
};

/* A request of `api` by a client 127.0.0.1 in that phase, GET / with 200, that took 10 ms; to be
 * changed as a test needs it. Each has a print of its own. */
struct event_request story_request(struct story *story, const char *phase);
/* It ends then. */
void story_take(struct story *story, const struct event_request *event, usec time);
/* The same, hit by a fault of that kind. */
void story_hit(struct story *story, const struct event_request *event, const char *kind, usec time);
void story_phase(struct story *story, const char *name, usec time);
/* `attempts` at one operation that are hit and get a 503, each `gap` after the one before; the
 * first one begins at `time`. Returns the end of the last. */
usec story_operation(struct story *story, const char *client, const char *phase, unsigned attempts,
                     usec gap, usec time);

#endif
