/* port: how an event becomes a record of the ring, and where long ones stand meanwhile. */
#include "observe/port.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "observe/ring.h"

enum {
    DEFAULT_BYTES = 8 << 20,
    USUAL = 1024, /* nearly all events are shorter: they are packed in one go */
};

struct recorder_port {
    struct stand *stand; /* NULL: into the ring */
    struct ring *ring;
    struct bell *bell;
    size_t longest; /* that goes into the ring itself */
    atomic_uint_least64_t lost;
};

struct header {
    usec time;
    uint32_t kind;
    bool is_aside; /* what follows is a struct aside */
};

/* Memory that the record owns. */
struct aside {
    char *memory;
    size_t length;
};

struct recorder_port *port_new(size_t ring_bytes, struct bell *bell)
{
    struct recorder_port *port = memory_take(sizeof *port);

    port->ring = ring_new(ring_bytes > 0 ? ring_bytes : DEFAULT_BYTES);
    port->bell = bell;
    /* A long event shall not need a ring that is nearly empty. */
    port->longest = ring_longest(port->ring) / 4;
    atomic_init(&port->lost, 0);
    return port;
}

struct recorder_port *port_new_straight(struct stand *stand)
{
    struct recorder_port *port = memory_take(sizeof *port);

    port->stand = stand;
    atomic_init(&port->lost, 0);
    return port;
}

void port_free(struct recorder_port *port)
{
    struct port_record record;

    if (!port)
        return;
    while (port->ring && port_front(port, &record))
        port_drop(port);
    ring_free(port->ring);
    free(port);
}

static void commit(struct recorder_port *port, char *place, struct header header, size_t length)
{
    memcpy(place, &header, sizeof header);
    ring_commit(port->ring, sizeof header + length);
    bell_ring(port->bell);
}

/* Packs without knowing how long it will be. False if that did not fit. */
static bool put_usual(struct recorder_port *port, struct header header, const void *event)
{
    char *place = ring_reserve(port->ring, sizeof header + USUAL);
    size_t length;

    if (!place)
        return false;
    length = event_pack((enum event_kind)header.kind, event, place + sizeof header, USUAL);
    if (length > USUAL)
        return false;
    commit(port, place, header, length);
    return true;
}

static bool put_long(struct recorder_port *port, struct header header, const void *event)
{
    size_t length = event_pack((enum event_kind)header.kind, event, NULL, 0);
    struct aside aside = { NULL, length };
    size_t room = length;
    char *place;

    header.is_aside = length > port->longest;
    if (header.is_aside)
        room = sizeof aside;
    place = ring_reserve(port->ring, sizeof header + room);
    if (!place)
        return false;
    if (header.is_aside) {
        aside.memory = memory_take(length);
        memcpy(place + sizeof header, &aside, sizeof aside);
    }
    event_pack((enum event_kind)header.kind, event,
               aside.memory ? aside.memory : place + sizeof header, length);
    commit(port, place, header, room);
    return true;
}

bool port_keeps(const struct recorder_port *port)
{
    return port->ring != NULL;
}

void port_put(struct recorder_port *port, enum event_kind kind, const void *event, usec now)
{
    struct header header = { .time = now, .kind = (uint32_t)kind };

    if (port->stand)
        stand_tell(port->stand, kind, event, now);
    else if (!put_usual(port, header, event) && !put_long(port, header, event))
        atomic_fetch_add_explicit(&port->lost, 1, memory_order_relaxed);
}

uint64_t port_lost(const struct recorder_port *port)
{
    return atomic_load_explicit(&port->lost, memory_order_relaxed);
}

bool port_front(struct recorder_port *port, struct port_record *record)
{
    struct text front = ring_front(port->ring);
    struct header header;
    struct aside aside;

    if (!front.at)
        return false;
    memcpy(&header, front.at, sizeof header);
    record->time = header.time;
    record->kind = (enum event_kind)header.kind;
    record->packed = text_from_offset(front, sizeof header);
    if (header.is_aside) {
        memcpy(&aside, record->packed.at, sizeof aside);
        record->packed = text_of(aside.memory, aside.length);
    }
    return true;
}

void port_drop(struct recorder_port *port)
{
    struct text front = ring_front(port->ring);
    struct header header;
    struct aside aside;

    if (!front.at)
        return;
    memcpy(&header, front.at, sizeof header);
    if (header.is_aside) {
        memcpy(&aside, front.at + sizeof header, sizeof aside);
        free(aside.memory);
    }
    ring_drop(port->ring);
}
