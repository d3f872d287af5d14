/* race: when the next address is tried, who has won, and which failure is worth telling. */
#include "net/race.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <unistd.h>

#define STAGGER (250 * MSEC) /* RFC 8305 5 recommends it */
#define CROWDED (10 * MSEC)  /* until a Unix socket's full backlog is tried again */

enum outcome { RUNS, WON, FAILED, CAME_TOO_EARLY };

static enum dial_fault fault_of(int error)
{
    switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return DIAL_STARVED;
    case ECONNREFUSED:
    case ECONNRESET:
    case ENOENT: /* of Unix sockets */
        return DIAL_REFUSED;
    case ETIMEDOUT:
        return DIAL_TIMEOUT;
    default:
        return DIAL_UNREACHABLE;
    }
}

/* A machine without IPv6 finds each IPv6 address unreachable; what the others say is nearer to the
 * cause. */
static int telling(enum dial_fault fault)
{
    switch (fault) {
    case DIAL_STARVED:
        return 5;
    case DIAL_REFUSED:
        return 4;
    case DIAL_TIMEOUT:
        return 3;
    case DIAL_UNREACHABLE:
        return 2;
    case DIAL_FORBIDDEN:
        return 1;
    default:
        return 0;
    }
}

static void note(struct race *race, const struct address *address, enum dial_fault fault, int error)
{
    if (telling(fault) <= telling(race->fault))
        return;
    race->fault = fault;
    race->error = error;
    race->failed = *address;
}

static void attempt_close(struct attempt *attempt)
{
    if (attempt->fd < 0)
        return;
    watch_stop(&attempt->watch);
    close(attempt->fd);
    attempt->fd = -1;
    attempt->race->running--;
}

void race_stop(struct race *race)
{
    alarm_clear(&race->alarm);
    for (size_t i = 0; i < race->count; i++)
        attempt_close(&race->attempts[i]);
    race->count = 0;
}

/* A port of the ephemeral range that nobody listens on may be given to the connecting socket
 * itself, which then connects to itself (RFC 9293 3.5, simultaneous open). */
static bool met_itself(const struct attempt *attempt)
{
    struct address own = { .length = sizeof own.v6 };

    if (attempt->address.any.sa_family == AF_UNIX || !address_is_loopback(&attempt->address))
        return false;
    return getsockname(attempt->fd, &own.any, &own.length) == 0 &&
           address_equal(&own, &attempt->address);
}

static void win(struct attempt *attempt)
{
    struct race *race = attempt->race;
    struct address address = attempt->address;
    int fd = attempt->fd;

    watch_stop(&attempt->watch);
    attempt->fd = -1;
    race->running--;
    race_stop(race);
    race->done(race->user, fd, &address);
}

static void advance(struct race *race);

static void on_connected(void *user, unsigned events)
{
    struct attempt *attempt = user;
    int error = 0;
    socklen_t size = sizeof error;

    (void)events;
    if (getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error == 0 && met_itself(attempt))
        error = ECONNREFUSED;
    if (error == 0) {
        win(attempt);
        return;
    }
    note(attempt->race, &attempt->address, fault_of(error), error);
    attempt_close(attempt);
    advance(attempt->race);
}

static enum outcome attempt_failed(struct attempt *attempt, int error)
{
    if (error == EAGAIN && attempt->address.any.sa_family == AF_UNIX) {
        attempt_close(attempt);
        return CAME_TOO_EARLY;
    }
    note(attempt->race, &attempt->address, fault_of(error), error);
    attempt_close(attempt);
    return FAILED;
}

static enum outcome attempt_start(struct attempt *attempt)
{
    struct race *race = attempt->race;
    const struct address *address = &attempt->address;
    int family = address->any.sa_family, on = 1;

    if (race->allowed && !race->allowed(race->allowed_user, address)) {
        note(race, address, DIAL_FORBIDDEN, 0);
        return FAILED;
    }
    attempt->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (attempt->fd < 0) {
        note(race, address, fault_of(errno), errno);
        return FAILED;
    }
    race->running++;
    if (family != AF_UNIX)
        setsockopt(attempt->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(attempt->fd, &address->any, address->length) == 0)
        return met_itself(attempt) ? attempt_failed(attempt, ECONNREFUSED) : WON;
    if (errno != EINPROGRESS)
        return attempt_failed(attempt, errno);
    watch_start(&attempt->watch, race->loop, attempt->fd, WATCH_WRITE, on_connected, attempt);
    return RUNS;
}

static void on_alarm(void *user)
{
    advance(user);
}

/* Starts the next address, and those behind it as long as they fail at once. */
static void advance(struct race *race)
{
    alarm_clear(&race->alarm);
    while (race->next < race->count) {
        struct attempt *attempt = &race->attempts[race->next];
        enum outcome outcome = attempt_start(attempt);

        if (outcome == WON) {
            win(attempt);
            return;
        }
        if (outcome == CAME_TOO_EARLY) {
            alarm_set(&race->alarm, race->loop, loop_now() + CROWDED, on_alarm, race);
            return;
        }
        race->next++;
        if (outcome == RUNS)
            break;
    }
    if (race->next < race->count) {
        alarm_set(&race->alarm, race->loop, loop_now() + STAGGER, on_alarm, race);
    } else if (race->running == 0) {
        race_stop(race);
        race->done(race->user, -1, NULL);
    }
}

void race_start(struct race *race, const struct address *addresses, size_t count)
{
    race->count = count < RACE_MOST ? count : RACE_MOST;
    for (size_t i = 0; i < race->count; i++) {
        race->attempts[i].race = race;
        race->attempts[i].address = addresses[i];
        race->attempts[i].fd = -1;
    }
    advance(race);
}
