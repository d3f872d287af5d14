/* loop_fixture: a loop with a pair of sockets and a list of who was called, for tests. */
#ifndef PANNE_TESTS_LOOP_FIXTURE_H
#define PANNE_TESTS_LOOP_FIXTURE_H

#include "net/loop.h"

struct loop_fixture {
    struct loop *loop;
    int fds[2];
    struct watch watch;
    struct alarm alarm; /* the end of a test, or of its patience */
    char calls[256];    /* a letter each */
    size_t count;
    unsigned left;
    int status; /* of a child */
};

/* For cmocka. */
int loop_fixture_set_up(void **state);
int loop_fixture_tear_down(void **state);

void loop_fixture_note(struct loop_fixture *bench, char letter);
/* As a watch's callback: notes an `o` and stops the watch. */
void loop_fixture_note_other(void *user, unsigned events);
void loop_fixture_run(struct loop_fixture *bench, usec time);
/* Makes fds[0] readable. */
void loop_fixture_send(const struct loop_fixture *bench);

#endif
