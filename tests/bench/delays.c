/* delays: how much later than asked the first byte of each answer comes, over many connections. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_EVENTS = 64, ROOM = 64 * 1024 };

struct caller {
    int fd;
    bool waiting;    /* a request is out and no byte of its answer is here */
    int64_t sent;    /* when its request went out, µs */
    int64_t due;     /* when to send the next one, -1 while an answer is coming */
    size_t answered; /* bytes of the answer that are here */
};

struct bench {
    int epoll;
    struct caller *callers;
    size_t count;
    size_t size;   /* of a whole answer, head and body */
    int64_t delay; /* what was asked for, µs */
    int64_t pause; /* between an answer and the next request, µs */
    int64_t *errors;
    size_t filled, room;
    const char *request;
};

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static int dial(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        fail("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static void ask(struct bench *bench, struct caller *caller)
{
    size_t length = strlen(bench->request);

    caller->waiting = true;
    caller->due = -1;
    caller->answered = 0;
    caller->sent = now();
    if (send(caller->fd, bench->request, length, MSG_NOSIGNAL) != (ssize_t)length)
        fail("send");
}

static void note(struct bench *bench, int64_t error)
{
    if (bench->filled == bench->room) {
        bench->room = bench->room ? bench->room * 2 : 4096;
        bench->errors = realloc(bench->errors, bench->room * sizeof *bench->errors);
        if (!bench->errors)
            fail("realloc");
    }
    bench->errors[bench->filled++] = error;
}

/* The whole answer's size, from its head: the first one tells for all of them. */
static size_t size_of_answer(const char *answer, size_t length)
{
    const char *end = memmem(answer, length, "\r\n\r\n", 4);
    const char *field = strcasestr(answer, "\r\ncontent-length:");

    if (!end || !field || strncmp(answer, "HTTP/1.1 200", 12) != 0) {
        fprintf(stderr, "not an answer that can be measured:\n%.*s\n", (int)length, answer);
        exit(1);
    }
    return (size_t)(end + 4 - answer) + strtoul(field + 17, NULL, 10);
}

/* `at` is when epoll said so: the byte was there then, however many come before it in the batch. */
static void hear(struct bench *bench, struct caller *caller, int64_t at)
{
    char room[ROOM + 1];
    ssize_t got = recv(caller->fd, room, ROOM, MSG_DONTWAIT);

    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0)
        fail("recv");
    room[got] = 0;
    if (caller->waiting)
        note(bench, at - caller->sent - bench->delay);
    caller->waiting = false;
    if (!bench->size)
        bench->size = size_of_answer(room, (size_t)got);
    caller->answered += (size_t)got;
    if (caller->answered < bench->size)
        return;
    if (bench->pause)
        caller->due = at + bench->pause;
    else
        ask(bench, caller);
}

/* Sends what is due; the time until the next one, in ms. */
static int ask_those_due(struct bench *bench)
{
    int64_t next = 50000, at = now();

    for (size_t i = 0; i < bench->count; i++) {
        struct caller *caller = &bench->callers[i];

        if (caller->due < 0)
            continue;
        if (caller->due <= at)
            ask(bench, caller);
        else if (caller->due - at < next)
            next = caller->due - at;
    }
    return (int)((next + 999) / 1000);
}

static void run(struct bench *bench, int64_t length)
{
    struct epoll_event events[MOST_EVENTS];
    int64_t end = now() + length, at;

    while (now() < end) {
        int count = epoll_wait(bench->epoll, events, MOST_EVENTS, ask_those_due(bench));

        at = now();
        for (int i = 0; i < count; i++)
            hear(bench, &bench->callers[events[i].data.u32], at);
    }
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void report(struct bench *bench)
{
    size_t n = bench->filled;

    if (n == 0) {
        fputs("delays: no answer came\n", stderr);
        exit(1);
    }
    qsort(bench->errors, n, sizeof *bench->errors, compare);
    printf("%zu %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", n, bench->errors[0],
           bench->errors[n / 2], bench->errors[n * 9 / 10], bench->errors[n * 99 / 100],
           bench->errors[n - 1]);
}

static void open_callers(struct bench *bench, int port)
{
    int64_t start = now(), turn = bench->delay + bench->pause;

    bench->callers = calloc(bench->count, sizeof *bench->callers);
    if (!bench->callers)
        fail("calloc");
    for (size_t i = 0; i < bench->count; i++) {
        struct epoll_event event = { .events = EPOLLIN, .data.u32 = (uint32_t)i };

        bench->callers[i].fd = dial(port);
        bench->callers[i].due = start + turn * (int64_t)i / (int64_t)bench->count;
        if (epoll_ctl(bench->epoll, EPOLL_CTL_ADD, bench->callers[i].fd, &event) != 0)
            fail("epoll_ctl");
    }
}

/* Prints: answers, then least, p50, p90, p99 and most of the errors in µs. */
int main(int argc, char **argv)
{
    struct bench bench = { .request = "GET /1k HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" };

    if (argc != 6) {
        fputs("usage: delays PORT CONNECTIONS MILLISECONDS DELAY-US PAUSE-US\n", stderr);
        return 2;
    }
    bench.epoll = epoll_create1(EPOLL_CLOEXEC);
    bench.count = strtoul(argv[2], NULL, 10);
    bench.delay = strtol(argv[4], NULL, 10);
    bench.pause = strtol(argv[5], NULL, 10);
    open_callers(&bench, atoi(argv[1]));
    run(&bench, strtol(argv[3], NULL, 10) * 1000);
    report(&bench);
    for (size_t i = 0; i < bench.count; i++)
        close(bench.callers[i].fd);
    close(bench.epoll);
    free(bench.callers);
    free(bench.errors);
    return 0;
}
