/* loop_fixture: a loop with a pair of sockets and a list of who was called, for tests. */
#include "loop_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

void loop_fixture_note(struct loop_fixture *bench, char letter)
{
    assert_true(bench->count + 1 < sizeof(bench->calls));
    bench->calls[bench->count++] = letter;
}

int loop_fixture_set_up(void **state)
{
    struct loop_fixture *bench = calloc(1, sizeof(*bench));

    bench->loop = loop_new_main();
    *state = bench;
    return bench->loop ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, bench->fds) : -1;
}

int loop_fixture_tear_down(void **state)
{
    struct loop_fixture *bench = *state;

    watch_stop(&bench->watch);
    watch_stop(&bench->watch);
    alarm_clear(&bench->alarm);
    close(bench->fds[0]);
    close(bench->fds[1]);
    loop_free(bench->loop);
    free(bench);
    return 0;
}

static void stop(void *user)
{
    struct loop_fixture *bench = user;

    loop_stop(bench->loop);
}

void loop_fixture_run(struct loop_fixture *bench, usec time)
{
    alarm_set(&bench->alarm, bench->loop, loop_now() + time, stop, bench);
    loop_run(bench->loop);
}

void loop_fixture_send(const struct loop_fixture *bench)
{
    assert_int_equal(write(bench->fds[1], "x", 1), 1);
}

void loop_fixture_note_other(void *user, unsigned events)
{
    struct loop_fixture *bench = user;

    (void)events;
    loop_fixture_note(bench, 'o');
    watch_stop(&bench->watch);
}
