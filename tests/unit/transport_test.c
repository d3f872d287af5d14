/* transport_test: queues leave in as few writes as they may, and every way for a socket to stop or
 * break is told. */
#include "net/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_transport.h"

struct bench {
    struct pool pool;
    struct budget budget;
    struct queue queue;
    struct transport *near; /* plain */
    int far;
};

/* Two ends of a connection over loopback, both non-blocking. */
static void connect_tcp(int ends[2])
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t length = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(ends[0], (struct sockaddr *)&address, length), 0);
    ends[1] = accept(listener, NULL, NULL);
    assert_true(ends[1] >= 0);
    close(listener);
    for (int i = 0; i < 2; i++)
        assert_int_equal(fcntl(ends[i], F_SETFL, O_NONBLOCK), 0);
}

static int open_bench(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    int ends[2];

    signal(SIGPIPE, SIG_IGN);
    connect_tcp(ends);
    bench->near = tcp_transport_new(ends[0]);
    bench->far = ends[1];
    bench->budget.limit = SIZE_MAX;
    queue_init(&bench->queue, &bench->pool, &bench->budget);
    *state = bench;
    return 0;
}

static int close_bench(void **state)
{
    struct bench *bench = *state;
    int left;

    queue_clear(&bench->queue);
    left = bench->budget.held != 0;
    pool_clear(&bench->pool);
    transport_free(bench->near, false);
    if (bench->far >= 0)
        close(bench->far);
    free(bench);
    return left;
}

/* `|` is a boundary, `!` an end; each other byte is a chunk of its own. */
static void put(struct bench *bench, const char *chunks)
{
    for (; *chunks; chunks++) {
        if (*chunks == '|')
            queue_put_mark(&bench->queue, CHUNK_BOUNDARY, 0);
        else if (*chunks == '!')
            queue_put_mark(&bench->queue, CHUNK_END, 0);
        else
            /* Another time each, so that they are not merged. */
            queue_put_copy(&bench->queue, chunks, 1, PART_WIRE, (usec)(uintptr_t)chunks);
    }
}

static void expect_far(const struct bench *bench, const char *wanted)
{
    char bytes[256];
    ssize_t got = recv(bench->far, bytes, sizeof(bytes) - 1, 0);

    assert_true(got >= 0);
    bytes[got] = '\0';
    assert_string_equal(bytes, wanted);
}

static void adjacent_chunks_leave_in_one_write_and_a_boundary_divides(void **state)
{
    static const struct {
        const char *chunks, *written;
        size_t put;
    } rows[] = {
        { "", "", 0 },          { "a", "a|", 1 },        { "abc", "abc|", 3 },
        { "ab|c", "ab|c|", 3 }, { "|a||b|", "a|b|", 2 }, { "ab!", "ab|", 2 },
        { "a!b", "a|", 1 },     { "!", "", 0 },          { "|!", "", 0 },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct bench *bench = *state;
        struct fake_transport *fake = fake_transport_new("", 0);
        size_t went = 99;

        fake->marks = true;
        put(bench, rows[i].chunks);
        assert_int_equal(transport_flush(&fake->transport, &bench->queue, &went), IO_DONE);
        assert_int_equal(went, rows[i].put);
        assert_string_equal(fake->written.at ? fake->written.at : "", rows[i].written);
        if (strchr(rows[i].chunks, '!'))
            assert_int_equal(queue_front(&bench->queue)->kind, CHUNK_END);
        else
            assert_true(queue_is_empty(&bench->queue));
        queue_clear(&bench->queue);
        transport_free(&fake->transport, false);
        fake_transport_delete(fake);
    }
}

static void more_chunks_than_one_write_takes_leave_in_several(void **state)
{
    struct bench *bench = *state;
    char many[201] = { 0 };
    size_t went;

    memset(many, 'm', sizeof(many) - 1);
    put(bench, many);
    assert_int_equal(transport_flush(bench->near, &bench->queue, &went), IO_DONE);
    assert_int_equal(went, 200);
    expect_far(bench, many);
}

static void every_stop_at_every_byte_is_told_and_nothing_is_lost(void **state)
{
    static const enum io hows[] = { IO_WANT_READ, IO_WANT_WRITE, IO_RESET, IO_FAILED };
    struct bench *bench = *state;

    for (size_t at = 0; at <= 6; at++) {
        for (size_t i = 0; i < COUNT_OF(hows) * 3; i++) {
            struct fake_transport *fake = fake_transport_new("", 0);
            size_t went, more;

            fake->writing =
                (struct fake_side){ .step = i % 3, .stops = true, .at = at, .how = hows[i / 3] };
            put(bench, "abc|de");
            assert_int_equal(transport_flush(&fake->transport, &bench->queue, &went),
                             at < 5 ? hows[i / 3] : IO_DONE);
            assert_int_equal(went, at < 5 ? at : 5);
            fake->writing.stops = false;
            assert_int_equal(transport_flush(&fake->transport, &bench->queue, &more), IO_DONE);
            assert_int_equal(went + more, 5);
            assert_string_equal(fake->written.at, "abcde");
            transport_free(&fake->transport, false);
            fake_transport_delete(fake);
        }
    }
}

static void a_short_read_tells_that_the_socket_is_empty(void **state)
{
    struct bench *bench = *state;
    char bytes[8];
    size_t got;

    assert_int_equal(transport_handshake(bench->near), IO_DONE);
    assert_int_equal(transport_read(bench->near, bytes, 4, &got), IO_WANT_READ);
    assert_true(bench->near->drained);
    assert_int_equal(send(bench->far, "abcdef", 6, 0), 6);
    assert_int_equal(transport_read(bench->near, bytes, 4, &got), IO_DONE);
    assert_int_equal(got, 4);
    assert_false(bench->near->drained);
    assert_int_equal(transport_read(bench->near, bytes, 4, &got), IO_DONE);
    assert_int_equal(got, 2);
    assert_true(bench->near->drained);
    shutdown(bench->far, SHUT_WR);
    assert_int_equal(transport_read(bench->near, bytes, 4, &got), IO_END);
    assert_int_equal(got, 0);
    assert_false(bench->near->ops->holds_bytes(bench->near));
}

static void reset_far_end(struct bench *bench)
{
    struct linger at_once = { .l_onoff = 1 };

    setsockopt(bench->far, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(bench->far);
    bench->far = -1;
}

static void a_reset_is_told_with_its_cause_on_either_side(void **state)
{
    struct bench *bench = *state;
    char byte;
    size_t count;

    reset_far_end(bench);
    assert_int_equal(transport_read(bench->near, &byte, 1, &count), IO_RESET);
    assert_string_equal(bench->near->complaint, "Connection reset by peer");
    put(bench, "ab");
    assert_int_equal(transport_flush(bench->near, &bench->queue, &count), IO_RESET);
    assert_string_equal(bench->near->complaint, "Broken pipe");
    assert_int_equal(queue_front(&bench->queue)->length, 1);
    assert_int_equal(bench->near->ops->end(bench->near), IO_RESET);
}

static void freeing_with_reset_resets_and_without_it_ends(void **state)
{
    static const ssize_t wanted[] = { 0, -1 };

    (void)state;
    for (int reset = 0; reset < 2; reset++) {
        char byte;
        int ends[2];

        connect_tcp(ends);
        transport_free(tcp_transport_new(ends[0]), reset);
        assert_int_equal(recv(ends[1], &byte, 1, 0), wanted[reset]);
        close(ends[1]);
    }
    transport_free(NULL, true);
}

static void ending_lets_the_other_side_go_on(void **state)
{
    struct bench *bench = *state;
    char byte;
    size_t got;

    assert_int_equal(bench->near->ops->end(bench->near), IO_DONE);
    assert_int_equal(recv(bench->far, &byte, 1, 0), 0);
    assert_int_equal(send(bench->far, "x", 1, 0), 1);
    assert_int_equal(transport_read(bench->near, &byte, 1, &got), IO_DONE);
}

static void a_full_socket_says_so_and_goes_on_later(void **state)
{
    struct bench *bench = *state;
    char *bytes = calloc(1, 1 << 20);
    size_t went, total = 0, seen = 0;

    for (int i = 0; i < 16; i++)
        queue_put_copy(&bench->queue, bytes, 1 << 20, PART_WIRE, i);
    assert_int_equal(transport_flush(bench->near, &bench->queue, &went), IO_WANT_WRITE);
    assert_in_range(went, 1, (16 << 20) - 1);
    total = went;
    while (seen < 16 << 20) {
        ssize_t got = recv(bench->far, bytes, 1 << 20, 0);

        seen += got > 0 ? (size_t)got : 0;
        (void)transport_flush(bench->near, &bench->queue, &went);
        total += went;
    }
    assert_int_equal(total, 16 << 20);
    free(bytes);
}

static void put_pipe(struct bench *bench, struct pipe_pair *pipe, size_t length)
{
    struct chunk *chunk = chunk_new(&bench->pool, CHUNK_PIPE);

    chunk->pipe = pipe;
    chunk->length = length;
    queue_put(&bench->queue, chunk, 0);
}

static void bytes_pass_through_a_pipe_in_their_place(void **state)
{
    struct bench *bench = *state;
    struct pipe_pair *pipe = pipe_take(&bench->pool);
    size_t got, went;

    assert_int_equal(transport_splice_in(bench->near, pipe, 100, &got), IO_WANT_READ);
    assert_int_equal(send(bench->far, "hello", 5, 0), 5);
    assert_int_equal(transport_splice_in(bench->near, pipe, 3, &got), IO_DONE);
    assert_int_equal(got, 3);
    assert_int_equal(pipe->held, 3);
    assert_false(bench->near->drained);
    put(bench, "<");
    put_pipe(bench, pipe, got);
    put(bench, ">");
    assert_int_equal(transport_flush(bench->near, &bench->queue, &went), IO_DONE);
    assert_int_equal(went, 5);
    expect_far(bench, "<hel>");
    assert_int_equal(bench->pool.pipe_count, 1);

    pipe = pipe_take(&bench->pool);
    assert_int_equal(transport_splice_in(bench->near, pipe, 100, &got), IO_DONE);
    assert_int_equal(got, 2);
    assert_true(bench->near->drained);
    put_pipe(bench, pipe, got);
    reset_far_end(bench);
    assert_int_equal(transport_flush(bench->near, &bench->queue, &went), IO_RESET);
}

static void an_end_is_told_to_a_pipe_too(void **state)
{
    struct bench *bench = *state;
    struct pipe_pair *pipe = pipe_take(&bench->pool);
    size_t got;

    shutdown(bench->far, SHUT_WR);
    assert_int_equal(transport_splice_in(bench->near, pipe, 9, &got), IO_END);
    assert_int_equal(got, 0);
    pipe_drop(&bench->pool, pipe);
}

static void a_reset_is_told_to_a_pipe_too(void **state)
{
    struct bench *bench = *state;
    struct pipe_pair *pipe = pipe_take(&bench->pool);
    size_t got;

    reset_far_end(bench);
    assert_int_equal(transport_splice_in(bench->near, pipe, 9, &got), IO_RESET);
    assert_string_equal(bench->near->complaint, "Connection reset by peer");
    pipe_drop(&bench->pool, pipe);
}

static void a_pipe_that_does_not_fit_keeps_the_rest(void **state)
{
    struct bench *bench = *state;
    struct pipe_pair *pipe = pipe_take(&bench->pool);
    static const char bytes[65536];
    size_t went;

    while (send(bench->near->fd, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0)
        ;
    pipe->held = (size_t)write(pipe->in, bytes, sizeof(bytes));
    put_pipe(bench, pipe, pipe->held);
    assert_int_equal(transport_flush(bench->near, &bench->queue, &went), IO_WANT_WRITE);
    assert_int_equal(queue_front(&bench->queue)->length, pipe->held);
    assert_int_equal(went + pipe->held, sizeof(bytes));
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, open_bench, close_bench)
    const struct CMUnitTest tests[] = {
        CASE(adjacent_chunks_leave_in_one_write_and_a_boundary_divides),
        CASE(more_chunks_than_one_write_takes_leave_in_several),
        CASE(every_stop_at_every_byte_is_told_and_nothing_is_lost),
        CASE(a_short_read_tells_that_the_socket_is_empty),
        CASE(a_reset_is_told_with_its_cause_on_either_side),
        CASE(freeing_with_reset_resets_and_without_it_ends),
        CASE(ending_lets_the_other_side_go_on),
        CASE(a_full_socket_says_so_and_goes_on_later),
        CASE(bytes_pass_through_a_pipe_in_their_place),
        CASE(an_end_is_told_to_a_pipe_too),
        CASE(a_reset_is_told_to_a_pipe_too),
        CASE(a_pipe_that_does_not_fit_keeps_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
