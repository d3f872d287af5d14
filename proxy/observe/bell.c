/* bell: the eventfd, and the flag that says whether anybody has to write to it. */
#include "observe/bell.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/arena.h"

struct bell {
    int fd;
    atomic_bool asleep;
};

struct bell *bell_new(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct bell *bell;

    if (fd < 0)
        return NULL;
    bell = memory_take(sizeof *bell);
    bell->fd = fd;
    atomic_init(&bell->asleep, false);
    return bell;
}

void bell_free(struct bell *bell)
{
    if (!bell)
        return;
    close(bell->fd);
    free(bell);
}

void bell_ring_loudly(struct bell *bell)
{
    const uint64_t once = 1;
    /* It can fail only where it has been rung 2^64 times already. */
    ssize_t written = write(bell->fd, &once, sizeof once);

    (void)written;
}

void bell_ring(struct bell *bell)
{
    if (atomic_load(&bell->asleep) && atomic_exchange(&bell->asleep, false))
        bell_ring_loudly(bell);
}

void bell_announce_sleep(struct bell *bell)
{
    atomic_store(&bell->asleep, true);
}

void bell_stay_awake(struct bell *bell)
{
    atomic_store(&bell->asleep, false);
}

void bell_rest(struct bell *bell, int milliseconds)
{
    struct pollfd ready = { .fd = bell->fd, .events = POLLIN };
    uint64_t rung;

    if (poll(&ready, 1, milliseconds) > 0 && read(bell->fd, &rung, sizeof rung) < 0)
        return; /* nothing was left to read: as good */
}

void bell_sleep(struct bell *bell)
{
    bell_rest(bell, -1);
    bell_stay_awake(bell);
}
