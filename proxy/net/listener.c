/* listener: a socket that accepts. */
#include "net/listener.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

/* So many in one turn, so that a storm of connections leaves the others their turn. */
#define ACCEPTED_MOST 64
#define STARVED_PAUSE (100 * MSEC)

struct listener {
    struct watch watch;
    int fd;
    struct alarm relief; /* the end of the pause after starvation */
    struct loop *loop;
    void (*accepted)(void *user, int fd, const struct address *peer);
    void (*starved)(void *user, int error);
    void *user;
    struct address address;
    struct stat file; /* a Unix socket's, to take away no other than ours */
    bool paused, starving;
    bool refused;           /* bound, and not listening */
    bool accepting, doomed; /* freed from within `accepted` */
};

static void close_keeping_errno(int fd)
{
    int kept = errno;

    close(fd);
    errno = kept;
}

/* Whether a socket's file is there that nobody listens at any more. */
static bool is_left_behind(const struct address *address)
{
    struct stat file;
    bool refused;
    int fd;

    if (lstat(address->local.sun_path, &file) < 0 || !S_ISSOCK(file.st_mode))
        return false;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    refused = connect(fd, &address->any, address->length) < 0 && errno == ECONNREFUSED;
    close(fd);
    return refused;
}

static bool bind_to(int fd, const struct address *address)
{
    if (bind(fd, &address->any, address->length) == 0)
        return true;
    if (address->any.sa_family != AF_UNIX || errno != EADDRINUSE)
        return false;
    if (!is_left_behind(address)) {
        errno = EADDRINUSE;
        return false;
    }
    return unlink(address->local.sun_path) == 0 && bind(fd, &address->any, address->length) == 0;
}

static bool allow_reuse(int fd, const struct address *address, bool shared)
{
    int on = 1;

    if (address->any.sa_family == AF_UNIX)
        return true;
    return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
           (!shared || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0) &&
           /* What is accepted inherits it, which saves a call for each connection. */
           setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0;
}

int listener_bind(struct address *address, bool shared)
{
    socklen_t length = sizeof(*address) - sizeof(address->length);
    struct address real = { 0 };
    int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    if (!allow_reuse(fd, address, shared) || !bind_to(fd, address))
        goto failed;
    if (listen(fd, SOMAXCONN) < 0 || getsockname(fd, &real.any, &length) < 0)
        goto failed;
    real.length = length;
    *address = real;
    return fd;

failed:
    close_keeping_errno(fd);
    return -1;
}

static void watch_listener(struct listener *listener)
{
    bool idle = listener->paused || listener->starving || listener->refused;

    watch_change(&listener->watch, idle ? 0 : WATCH_READ);
}

static void on_relief(void *user)
{
    struct listener *listener = user;

    listener->starving = false;
    watch_listener(listener);
}

static void starve(struct listener *listener, int error)
{
    listener->starving = true;
    watch_listener(listener);
    alarm_set(&listener->relief, listener->loop, loop_now() + STARVED_PAUSE, on_relief, listener);
    listener->starved(listener->user, error);
}

/* True if there may be more to accept. Errors of a connection that is gone already, or that a
 * firewall did not want, come out of accept, too (accept(2), "Error handling"): they are none of
 * the listener's. */
static bool accept_failed(struct listener *listener, int error)
{
    switch (error) {
    case EAGAIN:
        return false;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EBADF:
    case EINVAL:
    case ENOTSOCK:
    case EOPNOTSUPP:
        starve(listener, error);
        return false;
    default:
        return true;
    }
}

static bool accept_one(struct listener *listener)
{
    struct address peer = { .length = sizeof(peer) - sizeof(peer.length) };
    int fd = accept4(listener->fd, &peer.any, &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0)
        return accept_failed(listener, errno);
    listener->accepted(listener->user, fd, &peer);
    return true;
}

static void on_connections(void *user, unsigned events)
{
    struct listener *listener = user;
    bool more = true;

    (void)events;
    listener->accepting = true;
    for (int i = 0; i < ACCEPTED_MOST && more; i++)
        more = accept_one(listener) && !listener->paused && !listener->refused && !listener->doomed;
    listener->accepting = false;
    if (listener->doomed)
        free(listener);
}

struct listener *listener_new(struct loop *loop, int fd,
                              void (*accepted)(void *user, int fd, const struct address *peer),
                              void (*starved)(void *user, int error), void *user)
{
    struct listener *listener = memory_take(sizeof(*listener));
    struct address *address = &listener->address;

    listener->loop = loop;
    listener->fd = fd;
    listener->accepted = accepted;
    listener->starved = starved;
    listener->user = user;
    address->length = sizeof(*address) - sizeof(address->length);
    if (getsockname(fd, &address->any, &address->length) < 0)
        address->any.sa_family = AF_UNSPEC;
    if (address->any.sa_family == AF_UNIX)
        (void)stat(address->local.sun_path, &listener->file);
    watch_start(&listener->watch, loop, fd, WATCH_READ, on_connections, listener);
    return listener;
}

void listener_pause(struct listener *listener, bool paused)
{
    listener->paused = paused;
    watch_listener(listener);
}

/* Linux: a listening socket that is shut down is closed to connections, but can listen again; its
 * port is given back unless it was asked for by number, so that is done at once. */
static bool stop_listening(struct listener *listener)
{
    const struct address *address = &listener->address;

    if (shutdown(listener->fd, SHUT_RD) < 0)
        return false;
    if (bind(listener->fd, &address->any, address->length) < 0 && errno != EINVAL)
        return false;
    return true;
}

bool listener_refuse(struct listener *listener, bool refused)
{
    if (refused == listener->refused)
        return true;
    if (listener->address.any.sa_family == AF_UNIX)
        return false;
    if (refused ? !stop_listening(listener) : listen(listener->fd, SOMAXCONN) < 0)
        return false;
    listener->refused = refused;
    watch_listener(listener);
    return true;
}

static void remove_file(const struct listener *listener)
{
    const char *path = listener->address.local.sun_path;
    struct stat file;

    if (listener->address.any.sa_family == AF_UNIX && stat(path, &file) == 0 &&
        file.st_dev == listener->file.st_dev && file.st_ino == listener->file.st_ino)
        unlink(path);
}

void listener_free(struct listener *listener)
{
    if (!listener)
        return;
    remove_file(listener);
    watch_stop(&listener->watch);
    alarm_clear(&listener->relief);
    close(listener->fd);
    if (listener->accepting)
        listener->doomed = true;
    else
        free(listener);
}
