/* connection_write_test: what a connection writes, with every stop at every byte, and how it begins
 * and ends. */
#include "net/connection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "connection_bench.h"

static void a_blocked_write_waits_for_the_poller_at_every_byte(void **state)
{
    struct connection_bench *bench = *state;

    for (size_t at = 0; at < 5; at++) {
        struct connection *connection = &bench->connection;

        bench_connect(bench, "");
        bench->fake->writing = (struct fake_side){ .stops = true, .at = at, .how = IO_WANT_WRITE };
        fake_transport_update(bench->fake);
        bench_put(bench, "hello");
        assert_int_equal(connection_flush(connection), at > 0);
        assert_true(connection->blocked);
        assert_int_equal(connection->bytes_out, at);
        assert_false(connection_flush(connection));
        assert_false(connection_is_flushed(connection));
        connection_watch(connection, false);
        assert_true(connection->watch.events & WATCH_WRITE);
        assert_int_equal(bench_turn(bench), 0);
        bench->fake->writing.stops = false;
        fake_transport_update(bench->fake);
        assert_true(bench_turn(bench) & WATCH_WRITE);
        assert_true(connection_flush(connection));
        assert_true(connection_is_flushed(connection));
        assert_string_equal(bench->fake->written.at, "hello");
        connection_watch(connection, true);
        assert_int_equal(connection->watch.events, WATCH_READ);
        bench_disconnect(bench);
    }
}

/* What the peer sent before it went, an answer perhaps, can still be read. */
static void a_write_that_breaks_is_seen_at_every_byte_and_reading_goes_on(void **state)
{
    static const enum io hows[] = { IO_RESET, IO_FAILED };
    struct connection_bench *bench = *state;

    for (size_t i = 0; i < 10; i++) {
        bench_connect(bench, "hello");
        bench->fake->writing = (struct fake_side){ .stops = true, .at = i / 2, .how = hows[i % 2] };
        bench_put(bench, "hello");
        assert_true(connection_flush(&bench->connection));
        assert_true(bench->connection.write_broken);
        assert_int_equal(bench->connection.bytes_out, i / 2);
        assert_false(connection_flush(&bench->connection));
        connection_watch(&bench->connection, true);
        assert_int_equal(bench->connection.watch.events, WATCH_READ);
        assert_int_equal(bench_turn(bench), WATCH_READ);
        assert_true(connection_fill(&bench->connection));
        bench_expect_input(bench, "hello");
        bench_disconnect(bench);
    }
}

static void an_end_is_carried_out_behind_the_bytes_and_once(void **state)
{
    static const enum chunk_kind kinds[] = { CHUNK_END, CHUNK_CUT };
    struct connection_bench *bench = *state;

    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        bench_connect(bench, "");
        bench_put(bench, "hello");
        queue_put_mark(&bench->connection.out, kinds[i], 0);
        bench_put(bench, "thrown away");
        assert_true(connection_flush(&bench->connection));
        assert_true(bench->connection.write_ended);
        assert_true(connection_is_flushed(&bench->connection));
        assert_string_equal(bench->fake->written.at, "hello");
        assert_int_equal(bench->fake->ends, 1);
        assert_false(connection_flush(&bench->connection));
        assert_int_equal(bench->fake->ends, 1);
        bench_disconnect(bench);
    }
}

static void an_end_that_must_wait_is_tried_again(void **state)
{
    static const enum io hows[] = { IO_WANT_WRITE, IO_WANT_READ };
    struct connection_bench *bench = *state;

    for (size_t i = 0; i < COUNT_OF(hows); i++) {
        bench_connect(bench, "");
        bench->fake->end = hows[i];
        queue_put_mark(&bench->connection.out, CHUNK_END, 0);
        assert_false(connection_flush(&bench->connection));
        assert_false(connection_is_flushed(&bench->connection));
        assert_true(bench->connection.blocked);
        bench->fake->end = IO_DONE;
        bench->fake->bytes = "x";
        bench->fake->length = 1;
        fake_transport_update(bench->fake);
        connection_watch(&bench->connection, false);
        assert_true(bench_turn(bench) != 0);
        assert_true(connection_flush(&bench->connection));
        assert_true(bench->connection.write_ended);
        assert_int_equal(bench->fake->ends, 2);
        bench_disconnect(bench);
    }
    bench_connect(bench, "");
    bench->fake->end = IO_RESET;
    queue_put_mark(&bench->connection.out, CHUNK_END, 0);
    assert_true(connection_flush(&bench->connection));
    assert_true(bench->connection.write_broken);
}

static void a_reset_breaks_and_closing_tells_the_peer(void **state)
{
    struct connection_bench *bench = *state;

    bench_connect(bench, "hello");
    bench_put(bench, "hello");
    queue_put_mark(&bench->connection.out, CHUNK_RESET, 0);
    assert_true(connection_flush(&bench->connection));
    assert_string_equal(bench->fake->written.at, "hello");
    assert_true(bench->connection.broken && bench->connection.reset);
    assert_true(connection_is_flushed(&bench->connection));
    assert_int_equal(bench->fake->ends, 0);
    connection_watch(&bench->connection, true);
    assert_int_equal(bench->connection.watch.events, 0);
    connection_close(&bench->connection, true);
    assert_true(bench->fake->reset);
    connection_watch(&bench->connection, true);
    assert_false(connection_fill(&bench->connection));
    assert_false(connection_flush(&bench->connection));
}

static void a_write_that_must_read_waits_for_that(void **state)
{
    struct connection_bench *bench = *state;

    bench_connect(bench, "");
    bench->fake->writing = (struct fake_side){ .stops = true, .at = 2, .how = IO_WANT_READ };
    bench_put(bench, "hello");
    assert_true(connection_flush(&bench->connection));
    connection_watch(&bench->connection, false);
    assert_int_equal(bench->connection.watch.events, WATCH_READ);
    bench->fake->writing.stops = false;
    assert_int_equal(bench_turn(bench), 0);
    assert_false(connection_flush(&bench->connection));
    bench->fake->bytes = "x";
    bench->fake->length = 1;
    fake_transport_update(bench->fake);
    assert_int_equal(bench_turn(bench), WATCH_READ);
    assert_true(connection_flush(&bench->connection));
    assert_string_equal(bench->fake->written.at, "hello");
}

static void an_end_of_reading_leaves_writing_alone(void **state)
{
    struct connection_bench *bench = *state;

    bench_connect(bench, "");
    bench->fake->reading = (struct fake_side){ .stops = true, .how = IO_END };
    fake_transport_update(bench->fake);
    bench_turn(bench);
    assert_true(connection_fill(&bench->connection));
    assert_true(bench->connection.read_ended);
    bench_put(bench, "hello");
    assert_true(connection_flush(&bench->connection));
    assert_string_equal(bench->fake->written.at, "hello");
}

static void a_handshake_waits_for_what_it_needs(void **state)
{
    static const struct {
        enum io how;
        unsigned events;
        bool broken;
    } rows[] = {
        { IO_DONE, WATCH_READ, false },
        { IO_WANT_READ, WATCH_READ, false },
        { IO_WANT_WRITE, WATCH_READ | WATCH_WRITE, false },
        { IO_FAILED, 0, true },
        { IO_RESET, 0, true },
    };
    struct connection_bench *bench = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        bench_connect(bench, "");
        bench->connection.readable = true;
        bench->fake->handshake = rows[i].how;
        assert_int_equal(connection_handshake(&bench->connection), rows[i].how);
        connection_watch(&bench->connection, true);
        assert_int_equal(bench->connection.watch.events, rows[i].events);
        assert_int_equal(bench->connection.broken, rows[i].broken);
        assert_int_equal(bench->fake->handshakes, 1);
        bench_disconnect(bench);
    }
}

static void bytes_are_spliced_from_one_connection_to_another(void **state)
{
    struct connection_bench *bench = *state;
    struct connection *connection = &bench->connection;
    struct pipe_pair *pipe = pipe_take(&bench->pool);
    struct chunk *chunk = chunk_new(&bench->pool, CHUNK_PIPE);
    int ends[2];
    size_t got;
    char bytes[16];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    connection_open(connection, tcp_transport_new(ends[0]), bench->loop, &bench->pool,
                    connection_bench_called, bench);
    assert_false(connection_splice(connection, pipe, 100, &got));
    assert_int_equal(send(ends[1], "hello", 5, 0), 5);
    assert_int_equal(bench_turn(bench), WATCH_READ);
    assert_false(connection_splice(connection, pipe, 0, &got));
    assert_true(connection_splice(connection, pipe, 100, &got));
    assert_int_equal(got, 5);
    assert_int_equal(connection->bytes_in, 5);
    assert_false(connection->readable);
    chunk->pipe = pipe;
    chunk->length = got;
    queue_put(&connection->out, chunk, 0);
    assert_true(connection_flush(connection));
    assert_int_equal(connection->bytes_out, 5);
    assert_int_equal(recv(ends[1], bytes, sizeof(bytes), 0), 5);
    pipe = pipe_take(&bench->pool);
    close(ends[1]);
    bench_turn(bench);
    assert_true(connection_splice(connection, pipe, 100, &got));
    assert_true(connection->read_ended);
    pipe_drop(&bench->pool, pipe);
}

int main(void)
{
#define CASE(test) \
    cmocka_unit_test_setup_teardown(test, connection_bench_open, connection_bench_close)
    const struct CMUnitTest tests[] = {
        CASE(a_blocked_write_waits_for_the_poller_at_every_byte),
        CASE(a_write_that_breaks_is_seen_at_every_byte_and_reading_goes_on),
        CASE(an_end_is_carried_out_behind_the_bytes_and_once),
        CASE(an_end_that_must_wait_is_tried_again),
        CASE(a_reset_breaks_and_closing_tells_the_peer),
        CASE(a_write_that_must_read_waits_for_that),
        CASE(an_end_of_reading_leaves_writing_alone),
        CASE(a_handshake_waits_for_what_it_needs),
        CASE(bytes_are_spliced_from_one_connection_to_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
