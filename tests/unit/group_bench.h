/* group_bench: a group, with what it closes kept, and attempts to put in. */
#ifndef PANNE_TESTS_GROUP_BENCH_H
#define PANNE_TESTS_GROUP_BENCH_H

#include "history/group.h"

enum { GROUP_MOST = 64 };

/* What closed, with a copy of its steps. */
struct closed {
    struct operation operations[GROUP_MOST];
    struct step steps[GROUP_MOST][OPERATION_STEPS];
    size_t count;
};

struct bench {
    struct polling *polling;
    struct reasks *reasks;
    struct group *group;
    struct closed closed;
};

struct bench *bench_new(void);
void bench_free(struct bench *bench);
/* group_parts.close; user is a struct closed. */
void bench_note(void *user, const struct operation *operation);
/* An attempt that failed, or was ok; 10 ms long; of client 0 and print 77. */
struct attempt bench_attempt(usec began, bool ok);
const struct operation *bench_take(struct bench *bench, struct attempt *attempt);
void bench_end(struct bench *bench, usec now);

#endif
