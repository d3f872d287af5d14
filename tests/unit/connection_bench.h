/* connection_bench: a connection over a fake transport, and the loop that serves it. */
#ifndef PANNE_TESTS_CONNECTION_BENCH_H
#define PANNE_TESTS_CONNECTION_BENCH_H

#include "fake_transport.h"
#include "net/connection.h"

struct connection_bench {
    struct loop *loop;
    struct pool pool;
    struct connection connection;
    struct fake_transport *fake;
    struct alarm alarm;
    unsigned calls, events; /* of the connection */
};

/* cmocka's set-up and tear-down. */
int connection_bench_open(void **state);
int connection_bench_close(void **state);
/* A connection that will read `bytes`. */
void bench_connect(struct connection_bench *bench, const char *bytes);
/* What its connection calls, with the bench: stops the loop. */
void connection_bench_called(void *user, unsigned events);
void bench_disconnect(struct connection_bench *bench);
/* Until the connection is called, or two milliseconds have passed. Gives the events. */
unsigned bench_turn(struct connection_bench *bench);
void bench_put(struct connection_bench *bench, const char *bytes);
void bench_expect_input(const struct connection_bench *bench, const char *wanted);

#endif
