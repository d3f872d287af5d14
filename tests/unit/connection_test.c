/* connection_test: what a connection reads and waits for, with every end at every byte. */
#include "net/connection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "connection_bench.h"

static void nothing_is_read_and_no_buffer_held_before_the_poller_speaks(void **state)
{
    struct connection_bench *bench = *state;

    bench_connect(bench, "hello");
    assert_false(connection_fill(&bench->connection));
    assert_int_equal(bench->fake->reading.calls, 0);
    assert_null(bench->connection.input);
    assert_int_equal(bench_turn(bench), WATCH_READ);
    assert_true(connection_fill(&bench->connection));
    bench_expect_input(bench, "hello");
    assert_int_equal(bench->connection.bytes_in, 5);
}

static void a_drained_socket_is_not_asked_again(void **state)
{
    struct connection_bench *bench = *state;

    bench_connect(bench, "hello");
    bench_turn(bench);
    assert_true(connection_is_ready(&bench->connection, true));
    assert_false(connection_is_ready(&bench->connection, false));
    assert_true(connection_fill(&bench->connection));
    assert_false(connection_is_ready(&bench->connection, true));
    assert_false(connection_fill(&bench->connection));
    assert_int_equal(bench->fake->reading.calls, 1);
}

static void a_false_alarm_gives_the_buffer_back(void **state)
{
    struct connection_bench *bench = *state;

    bench_connect(bench, "hello");
    bench->connection.readable = true;
    bench->fake->reading = (struct fake_side){ .stops = true, .how = IO_WANT_READ };
    assert_false(connection_fill(&bench->connection));
    assert_null(bench->connection.input);
    assert_false(bench->connection.readable);
    assert_int_equal(bench->pool.block_count, 1);
}

static void the_buffer_goes_back_with_the_last_byte_used(void **state)
{
    struct connection_bench *bench = *state;

    bench_connect(bench, "hello");
    bench_turn(bench);
    assert_true(connection_fill(&bench->connection));
    connection_use(&bench->connection, 2);
    bench_expect_input(bench, "llo");
    connection_use(&bench->connection, 3);
    bench_expect_input(bench, "");
    assert_null(bench->connection.input);
}

static void every_end_at_every_byte_is_seen_once(void **state)
{
    static const struct {
        enum io how;
        bool ended, cut, broken;
    } rows[] = {
        { IO_END, true, false, false },
        { IO_CUT, true, true, false },
        { IO_RESET, false, false, true },
        { IO_FAILED, false, false, true },
    };
    struct connection_bench *bench = *state;

    for (size_t at = 0; at <= 5; at++) {
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            unsigned fills = 0;

            bench_connect(bench, "hello");
            bench->fake->reading =
                (struct fake_side){ .step = 2, .stops = true, .at = at, .how = rows[i].how };
            bench->connection.readable = true;
            while (connection_fill(&bench->connection))
                fills++;
            assert_int_equal(fills, (at + 1) / 2 + 1);
            assert_int_equal(connection_input(&bench->connection).length, at);
            assert_int_equal(bench->connection.read_ended, rows[i].ended);
            assert_int_equal(bench->connection.cut, rows[i].cut);
            assert_int_equal(bench->connection.broken, rows[i].broken);
            assert_false(connection_is_ready(&bench->connection, true));
            connection_watch(&bench->connection, true);
            assert_int_equal(bench->connection.watch.events, 0);
            bench_disconnect(bench);
        }
    }
}

static void bytes_that_the_poller_cannot_see_are_read(void **state)
{
    struct connection_bench *bench = *state;

    bench_connect(bench, "hello");
    bench->fake->holds = true;
    bench->fake->reading.step = 3;
    assert_true(connection_is_ready(&bench->connection, true));
    assert_true(connection_fill(&bench->connection));
    assert_true(connection_is_ready(&bench->connection, true));
    assert_true(connection_fill(&bench->connection));
    assert_false(connection_is_ready(&bench->connection, true));
    bench_expect_input(bench, "hello");
}

static char *many(size_t length)
{
    char *bytes = calloc(1, length + 1);

    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)('a' + i % 23);
    return bytes;
}

static void a_full_buffer_stops_reading_until_it_is_used_or_widened(void **state)
{
    struct connection_bench *bench = *state;
    char *bytes = many(3 * BLOCK_SIZE);

    bench_connect(bench, bytes);
    bench_turn(bench);
    assert_true(connection_fill(&bench->connection));
    assert_false(connection_fill(&bench->connection));
    assert_true(bench->connection.readable);
    assert_false(connection_is_ready(&bench->connection, true));
    connection_watch(&bench->connection, true);
    assert_int_equal(bench->connection.watch.events, 0);
    assert_false(connection_widen(&bench->connection, BLOCK_SIZE));
    assert_true(connection_widen(&bench->connection, 5 * BLOCK_SIZE / 2));
    assert_int_equal(bench->connection.input->size, 2 * BLOCK_SIZE);
    assert_true(connection_fill(&bench->connection));
    assert_true(connection_widen(&bench->connection, 5 * BLOCK_SIZE / 2));
    assert_false(connection_widen(&bench->connection, 5 * BLOCK_SIZE / 2));
    assert_true(connection_fill(&bench->connection));
    assert_int_equal(connection_input(&bench->connection).length, 5 * BLOCK_SIZE / 2);
    assert_memory_equal(connection_input(&bench->connection).at, bytes, 5 * BLOCK_SIZE / 2);
    connection_watch(&bench->connection, true);
    assert_int_equal(bench->connection.watch.events, 0);
    free(bytes);
}

static void a_buffer_may_be_widened_before_anything_is_read(void **state)
{
    struct connection_bench *bench = *state;

    bench_connect(bench, "hello");
    assert_true(connection_widen(&bench->connection, 20000));
    assert_int_equal(bench->connection.input->size, 20000);
    bench_turn(bench);
    assert_true(connection_fill(&bench->connection));
    bench_expect_input(bench, "hello");
}

/* What was used makes room for more; views of it that wait in a queue stay as they are. */
static void used_bytes_make_room(void **state)
{
    struct connection_bench *bench = *state;
    char *bytes = many(2 * BLOCK_SIZE);

    for (int shared = 0; shared < 2; shared++) {
        struct connection *connection = &bench->connection;
        struct block *block;

        bench_connect(bench, bytes);
        bench_turn(bench);
        assert_true(connection_fill(connection));
        block = connection->input;
        if (shared)
            queue_put_view(&connection->out, block, block->bytes, BLOCK_SIZE - 10, PART_BODY, 0);
        connection_use(connection, BLOCK_SIZE - 10);
        assert_true(connection_fill(connection));
        assert_int_equal(connection->input != block, shared);
        assert_int_equal(connection_input(connection).length, BLOCK_SIZE);
        assert_memory_equal(connection_input(connection).at, bytes + BLOCK_SIZE - 10, BLOCK_SIZE);
        if (shared)
            assert_memory_equal(queue_front(&connection->out)->start, bytes, BLOCK_SIZE - 10);
        bench_disconnect(bench);
    }
    free(bytes);
}

static void a_connection_handed_over_calls_the_new_owner(void **state)
{
    struct connection_bench *bench = *state;
    struct connection_bench other = { .loop = bench->loop };

    bench_connect(bench, "hello");
    connection_hand_over(&bench->connection, bench->connection.call, &other);
    assert_int_equal(bench_turn(bench), 0);
    assert_int_equal(other.calls, 1);
    assert_true(bench->connection.readable);
}

/* Reading is not unasked for before something comes: that is one change less for the kernel, and an
 * end is seen. */
static void unwanted_bytes_are_told_once(void **state)
{
    struct connection_bench *bench = *state;

    bench_connect(bench, "");
    connection_watch(&bench->connection, false);
    assert_int_equal(bench->connection.watch.events, WATCH_READ);
    bench->fake->bytes = "hello";
    bench->fake->length = 5;
    fake_transport_update(bench->fake);
    assert_int_equal(bench_turn(bench), WATCH_READ);
    connection_watch(&bench->connection, false);
    assert_int_equal(bench_turn(bench), 0);
    connection_watch(&bench->connection, true);
    assert_true(connection_is_ready(&bench->connection, true));
    assert_true(connection_fill(&bench->connection));
    bench_expect_input(bench, "hello");
}

static void a_read_that_must_write_waits_for_that(void **state)
{
    struct connection_bench *bench = *state;

    bench_connect(bench, "hello");
    bench_turn(bench);
    bench->fake->reading.stops = true;
    bench->fake->reading.how = IO_WANT_WRITE;
    assert_false(connection_fill(&bench->connection));
    assert_false(connection_is_ready(&bench->connection, true));
    connection_watch(&bench->connection, true);
    assert_int_equal(bench->connection.watch.events, WATCH_WRITE);
    bench->fake->reading.stops = false;
    assert_int_equal(bench_turn(bench), WATCH_WRITE);
    assert_true(connection_fill(&bench->connection));
    bench_expect_input(bench, "hello");
}

int main(void)
{
#define CASE(test) \
    cmocka_unit_test_setup_teardown(test, connection_bench_open, connection_bench_close)
    const struct CMUnitTest tests[] = {
        CASE(nothing_is_read_and_no_buffer_held_before_the_poller_speaks),
        CASE(a_drained_socket_is_not_asked_again),
        CASE(a_false_alarm_gives_the_buffer_back),
        CASE(the_buffer_goes_back_with_the_last_byte_used),
        CASE(every_end_at_every_byte_is_seen_once),
        CASE(bytes_that_the_poller_cannot_see_are_read),
        CASE(a_full_buffer_stops_reading_until_it_is_used_or_widened),
        CASE(a_buffer_may_be_widened_before_anything_is_read),
        CASE(used_bytes_make_room),
        CASE(a_connection_handed_over_calls_the_new_owner),
        CASE(unwanted_bytes_are_told_once),
        CASE(a_read_that_must_write_waits_for_that),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
