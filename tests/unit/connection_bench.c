/* connection_bench: a connection over a fake transport, and the loop that serves it. */
#include "connection_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int connection_bench_open(void **state)
{
    struct connection_bench *bench = calloc(1, sizeof(*bench));

    bench->loop = loop_new();
    *state = bench;
    return 0;
}

void connection_bench_called(void *user, unsigned events)
{
    struct connection_bench *bench = user;

    bench->calls++;
    bench->events |= events;
    loop_stop(bench->loop);
}

void bench_connect(struct connection_bench *bench, const char *bytes)
{
    bench->fake = fake_transport_new(bytes, strlen(bytes));
    connection_open(&bench->connection, &bench->fake->transport, bench->loop, &bench->pool,
                    connection_bench_called, bench);
}

void bench_disconnect(struct connection_bench *bench)
{
    connection_close(&bench->connection, false);
    connection_close(&bench->connection, false);
    assert_false(connection_is_open(&bench->connection));
    if (bench->fake)
        fake_transport_delete(bench->fake);
    bench->fake = NULL;
}

int connection_bench_close(void **state)
{
    struct connection_bench *bench = *state;

    alarm_clear(&bench->alarm);
    bench_disconnect(bench);
    pool_clear(&bench->pool);
    loop_free(bench->loop);
    free(bench);
    return 0;
}

static void stop(void *user)
{
    struct connection_bench *bench = user;

    loop_stop(bench->loop);
}

unsigned bench_turn(struct connection_bench *bench)
{
    bench->events = 0;
    alarm_set(&bench->alarm, bench->loop, loop_now() + 2 * MSEC, stop, bench);
    loop_run(bench->loop);
    alarm_clear(&bench->alarm);
    return bench->events;
}

void bench_expect_input(const struct connection_bench *bench, const char *wanted)
{
    struct text input = connection_input(&bench->connection);

    assert_int_equal(input.length, strlen(wanted));
    assert_memory_equal(input.at, wanted, input.length);
}

void bench_put(struct connection_bench *bench, const char *bytes)
{
    queue_put_copy(&bench->connection.out, bytes, strlen(bytes), PART_WIRE, 0);
}
