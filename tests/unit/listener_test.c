/* listener_test: listeners bind where they may, accept what comes, and rest when the process is
 * starving. */
#include "net/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct bench {
    struct loop *loop;
    struct alarm alarm;
    struct listener *listener;
    struct address address;
    char folder[64];
    int clients[128], accepted[128];
    size_t client_count, accepted_count;
    size_t stop_at; /* accepted: then `then` happens */
    enum { GO_ON, PAUSE, FREE } then;
    unsigned starved;
    int error;
};

static int open_bench(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    bench->loop = loop_new();
    snprintf(bench->folder, sizeof(bench->folder), "/tmp/listener_test.XXXXXX");
    *state = bench;
    return mkdtemp(bench->folder) && bench->loop ? 0 : -1;
}

static int close_bench(void **state)
{
    struct bench *bench = *state;

    alarm_clear(&bench->alarm);
    listener_free(bench->listener);
    for (size_t i = 0; i < bench->client_count; i++)
        close(bench->clients[i]);
    for (size_t i = 0; i < bench->accepted_count; i++)
        close(bench->accepted[i]);
    loop_free(bench->loop);
    /* Empty, or a file was left behind. */
    if (rmdir(bench->folder) < 0)
        return -1;
    free(bench);
    return 0;
}

static void stop(void *user)
{
    struct bench *bench = user;

    loop_stop(bench->loop);
}

static void run_for(struct bench *bench, usec time)
{
    alarm_set(&bench->alarm, bench->loop, loop_now() + time, stop, bench);
    loop_run(bench->loop);
}

static void on_accepted(void *user, int fd, const struct address *peer)
{
    struct bench *bench = user;

    assert_true(bench->accepted_count < 128);
    assert_int_equal(peer->any.sa_family, bench->address.any.sa_family);
    bench->accepted[bench->accepted_count++] = fd;
    if (bench->accepted_count != bench->stop_at)
        return;
    if (bench->then == PAUSE)
        listener_pause(bench->listener, true);
    if (bench->then == FREE) {
        listener_free(bench->listener);
        bench->listener = NULL;
    }
}

static void on_starved(void *user, int error)
{
    struct bench *bench = user;

    bench->starved++;
    bench->error = error;
}

static void listen_at(struct bench *bench, const char *host)
{
    int fd;

    assert_true(address_parse(text_from(host), 0, &bench->address));
    fd = listener_bind(&bench->address, false);
    assert_true(fd >= 0);
    assert_int_not_equal(address_port(&bench->address), 0);
    bench->listener = listener_new(bench->loop, fd, on_accepted, on_starved, bench);
}

static void connect_clients(struct bench *bench, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int fd = socket(bench->address.any.sa_family, SOCK_STREAM, 0);

        assert_true(fd >= 0);
        assert_int_equal(connect(fd, &bench->address.any, bench->address.length), 0);
        bench->clients[bench->client_count++] = fd;
    }
}

static void what_connects_is_accepted_ready_for_use(void **state)
{
    struct bench *bench = *state;
    int on = 0;
    socklen_t length = sizeof(on);

    listen_at(bench, "127.0.0.1");
    connect_clients(bench, 3);
    run_for(bench, 10 * MSEC);
    assert_int_equal(bench->accepted_count, 3);
    for (int i = 0; i < 3; i++) {
        int fd = bench->accepted[i];

        assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &length), 0);
        assert_int_equal(on, 1);
    }
}

static void more_than_a_turn_s_worth_is_accepted_in_the_end(void **state)
{
    struct bench *bench = *state;

    listen_at(bench, "::1");
    connect_clients(bench, 100);
    run_for(bench, 30 * MSEC);
    assert_int_equal(bench->accepted_count, 100);
}

static void a_paused_listener_accepts_nothing_until_it_goes_on(void **state)
{
    struct bench *bench = *state;

    bench->then = PAUSE;
    bench->stop_at = 2;
    listen_at(bench, "127.0.0.1");
    connect_clients(bench, 5);
    run_for(bench, 10 * MSEC);
    assert_int_equal(bench->accepted_count, 2);
    listener_pause(bench->listener, false);
    run_for(bench, 10 * MSEC);
    assert_int_equal(bench->accepted_count, 5);
}

static void a_listener_may_be_freed_while_it_accepts(void **state)
{
    struct bench *bench = *state;

    bench->then = FREE;
    bench->stop_at = 2;
    listen_at(bench, "127.0.0.1");
    connect_clients(bench, 5);
    run_for(bench, 10 * MSEC);
    assert_int_equal(bench->accepted_count, 2);
    assert_null(bench->listener);
}

static void out_of_descriptors_it_rests_and_then_goes_on(void **state)
{
    struct bench *bench = *state;
    struct rlimit before, none;
    int probe;

    listen_at(bench, "127.0.0.1");
    connect_clients(bench, 2);
    probe = dup(0);
    close(probe);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = (rlim_t)probe;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    run_for(bench, 60 * MSEC);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(bench->starved, 1);
    assert_int_equal(bench->error, EMFILE);
    assert_int_equal(bench->accepted_count, 0);
    run_for(bench, 80 * MSEC);
    assert_int_equal(bench->starved, 1);
    assert_int_equal(bench->accepted_count, 2);
}

static void a_descriptor_that_does_not_listen_is_no_endless_loop(void **state)
{
    struct bench *bench = *state;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    bench->listener = listener_new(bench->loop, fd, on_accepted, on_starved, bench);
    run_for(bench, 20 * MSEC);
    assert_int_equal(bench->starved, 1);
    assert_int_equal(bench->error, EINVAL);
}

static void a_port_is_shared_only_if_all_say_so(void **state)
{
    struct address first, second;
    int fds[3];

    (void)state;
    assert_true(address_parse(text_from("127.0.0.1"), 0, &first));
    fds[0] = listener_bind(&first, true);
    second = first;
    fds[1] = listener_bind(&second, true);
    assert_true(fds[0] >= 0 && fds[1] >= 0);
    assert_true(address_equal(&first, &second));
    fds[2] = listener_bind(&second, false);
    assert_int_equal(fds[2], -1);
    assert_int_equal(errno, EADDRINUSE);
    close(fds[0]);
    close(fds[1]);
}

static void what_cannot_be_bound_says_why(void **state)
{
    static const struct {
        const char *host;
        int error;
    } rows[] = { { "192.0.2.1", EADDRNOTAVAIL }, { "unix:/nowhere/at/all", ENOENT } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct address address;
        bool local = strncmp(rows[i].host, "unix:", 5) == 0;

        assert_true(local ? address_local(text_from(rows[i].host + 5), &address)
                          : address_parse(text_from(rows[i].host), 1, &address));
        errno = 0;
        assert_int_equal(listener_bind(&address, false), -1);
        assert_int_equal(errno, rows[i].error);
    }
    {
        struct address address = { .length = 2 };

        address.any.sa_family = AF_MAX;
        assert_int_equal(listener_bind(&address, false), -1);
    }
}

static void set_path(struct bench *bench, char path[96])
{
    snprintf(path, 96, "%s/socket", bench->folder);
    assert_true(address_local(text_from(path), &bench->address));
}

static void a_unix_socket_is_removed_with_its_listener(void **state)
{
    struct bench *bench = *state;
    char path[96];
    int fd;

    set_path(bench, path);
    fd = listener_bind(&bench->address, false);
    bench->listener = listener_new(bench->loop, fd, on_accepted, on_starved, bench);
    connect_clients(bench, 2);
    run_for(bench, 10 * MSEC);
    assert_int_equal(bench->accepted_count, 2);
    assert_int_equal(access(path, F_OK), 0);
    listener_free(bench->listener);
    bench->listener = NULL;
    assert_int_equal(access(path, F_OK), -1);
}

static void a_dead_socket_is_replaced_a_live_one_and_a_file_are_not(void **state)
{
    struct bench *bench = *state;
    char path[96];
    int fd;

    set_path(bench, path);
    close(listener_bind(&bench->address, false));
    assert_int_equal(access(path, F_OK), 0);
    fd = listener_bind(&bench->address, false);
    assert_true(fd >= 0);
    errno = 0;
    assert_int_equal(listener_bind(&bench->address, false), -1);
    assert_int_equal(errno, EADDRINUSE);
    close(fd);
    assert_int_equal(unlink(path), 0);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(listener_bind(&bench->address, false), -1);
    assert_int_equal(errno, EADDRINUSE);
    assert_int_equal(unlink(path), 0);
}

static void a_socket_that_took_its_place_is_left_alone(void **state)
{
    struct bench *bench = *state;
    char path[96];
    int fd;

    set_path(bench, path);
    fd = listener_bind(&bench->address, false);
    bench->listener = listener_new(bench->loop, fd, on_accepted, on_starved, bench);
    /* Kept under another name, so that its number is not given to the new one. */
    {
        char aside[112];

        snprintf(aside, sizeof(aside), "%s.aside", path);
        assert_int_equal(rename(path, aside), 0);
        fd = listener_bind(&bench->address, false);
        listener_free(bench->listener);
        bench->listener = NULL;
        assert_int_equal(access(path, F_OK), 0);
        unlink(aside);
    }
    close(fd);
    unlink(path);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, open_bench, close_bench)
    const struct CMUnitTest tests[] = {
        CASE(what_connects_is_accepted_ready_for_use),
        CASE(more_than_a_turn_s_worth_is_accepted_in_the_end),
        CASE(a_paused_listener_accepts_nothing_until_it_goes_on),
        CASE(a_listener_may_be_freed_while_it_accepts),
        CASE(out_of_descriptors_it_rests_and_then_goes_on),
        CASE(a_descriptor_that_does_not_listen_is_no_endless_loop),
        CASE(a_port_is_shared_only_if_all_say_so),
        CASE(what_cannot_be_bound_says_why),
        CASE(a_unix_socket_is_removed_with_its_listener),
        CASE(a_dead_socket_is_replaced_a_live_one_and_a_file_are_not),
        CASE(a_socket_that_took_its_place_is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
