/* embedded: a small real HTTP origin on loopback. */
#include "origin/embedded.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "net/listener.h"
#include "origin/guest.h"
#include "origin/reply.h"
#include "stream/block.h"

struct embedded {
    struct loop *loop;
    struct listener *listener;
    struct pool pool;
    struct list guests;
};

static void accepted(void *user, int fd, const struct address *peer)
{
    struct embedded *embedded = user;

    (void)peer;
    guest_open(&embedded->guests, embedded->loop, &embedded->pool, fd);
}

/* The listener pauses by itself until descriptors are free again. */
static void starved(void *user, int error)
{
    (void)user, (void)error;
}

struct embedded *embedded_new(struct loop *loop, struct address *address, struct buffer *complaint)
{
    char text[ADDRESS_TEXT];
    int fd = listener_bind(address, false);
    struct embedded *embedded;

    if (fd < 0) {
        buffer_format(complaint, "%s: %s", address_write(address, text), strerror(errno));
        return NULL;
    }
    embedded = memory_take(sizeof *embedded);
    embedded->loop = loop;
    list_init(&embedded->guests);
    embedded->listener = listener_new(loop, fd, accepted, starved, embedded);
    return embedded;
}

void embedded_free(struct embedded *embedded)
{
    if (!embedded)
        return;
    listener_free(embedded->listener);
    LIST_EACH (&embedded->guests)
        guest_free(CONTAINER_OF(node, struct guest, node));
    pool_clear(&embedded->pool);
    free(embedded);
}

void embedded_describe(struct buffer *out)
{
    for (size_t i = 0; pages_at(i); i++)
        buffer_format(out, "%-24s %s\n", pages_at(i)->path, pages_at(i)->help);
}
