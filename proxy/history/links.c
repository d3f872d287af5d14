/* links: a bounded table by the connection's number. */
#include "history/links.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/map.h"

enum { LINKS_MOST = 1 << 16 };

struct known {
    unsigned touched;
    uint64_t first_exchange;
    unsigned connects;
    bool lost;
};

struct links {
    struct map map;
    uint64_t refused;
    bool bad_certificates;
};

struct links *links_new(bool bad_certificates)
{
    struct links *links = memory_take(sizeof *links);

    links->bad_certificates = bad_certificates;
    return links;
}

void links_free(struct links *links)
{
    if (!links)
        return;
    for (size_t i = 0; links->map.count > 0 && i <= links->map.mask; i++)
        free(map_at(&links->map, i));
    map_free(&links->map);
    free(links);
}

/* Past the bound nothing more is kept: connections are far fewer. */
static struct known *know(struct links *links, uint64_t connection)
{
    struct known *known = map_find(&links->map, connection);

    if (!known && links->map.count == LINKS_MOST)
        links->refused++;
    if (known || links->map.count == LINKS_MOST)
        return known;
    known = memory_take(sizeof *known);
    map_put(&links->map, connection, known);
    return known;
}

void links_touch(struct links *links, uint64_t connection, unsigned touch)
{
    struct known *known = know(links, connection);

    if (known)
        known->touched |= touch;
}

uint64_t links_refused(const struct links *links)
{
    return links->refused;
}

unsigned links_touched(const struct links *links, uint64_t connection)
{
    const struct known *known = map_find(&links->map, connection);

    return known ? known->touched : 0;
}

void links_lose(struct links *links, uint64_t connection)
{
    struct known *known = know(links, connection);

    if (known)
        known->lost = true;
}

void links_connect(struct links *links, uint64_t connection)
{
    struct known *known = know(links, connection);

    if (known)
        known->connects++;
}

/* At the end of an exchange the client may have asked for it (`done`), at that of the run we did
 * (`drain`): neither is known for a loss. */
static bool was_taken(struct text end)
{
    static const char *const ends[] = { "idle", "aged", "timeout", "reset", "tls", "refused" };

    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (text_is(end, ends[i]))
            return true;
    return false;
}

void links_exchange(struct links *links, uint64_t connection, uint64_t exchange)
{
    struct known *known = links->bad_certificates ? know(links, connection) : NULL;

    if (known && known->first_exchange == 0)
        known->first_exchange = exchange;
}

struct link links_end(struct links *links, const struct event_connection *event, usec time)
{
    struct known *known = links->map.count > 0 ? map_take(&links->map, event->connection) : NULL;
    usec lasted = event->lasted == NEVER ? 0 : usec_max(event->lasted, 0);
    struct link link = {
        .connection = event->connection,
        .opened = usec_max(time - lasted, 0),
        .lasted = lasted,
        .requests = event->requests,
        .bytes_in = event->bytes_in,
        .tls = event->tls.length > 0,
        .resumed = event->resumed,
        .failed = text_is(event->end, "tls") || text_is(event->end, "refused"),
        .lost = was_taken(event->end),
        .client = event->client,
        .server_name = event->server_name,
    };

    if (known) {
        link.touched = known->touched;
        link.lost = link.lost || known->lost;
        link.requests -= known->connects < link.requests ? known->connects : link.requests;
        link.deceived = (known->touched & TOUCH_CERTIFICATE) != 0;
        link.sent_exchange = link.deceived ? known->first_exchange : 0;
        free(known);
    }
    link.left = !link.lost && text_is(event->end, "client");
    return link;
}
