/* port: one thread's way into the log: its events go in, and come out packed, in order. */
#ifndef PANNE_OBSERVE_PORT_H
#define PANNE_OBSERVE_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/time.h"
#include "observe/bell.h"
#include "observe/event.h"
#include "observe/witness.h"

struct recorder_port;

/* A packed event; `packed` is lent. */
struct port_record {
    usec time;
    enum event_kind kind;
    struct text packed;
};

/* `bell` is lent and rung when something has been put. */
struct recorder_port *port_new(size_t ring_bytes, struct bell *bell);
/* Nothing is kept: what is put goes to the stand at once, and nothing comes out. Many threads may
 * put. `stand` is lent. */
struct recorder_port *port_new_straight(struct stand *stand);
/* What is still inside is dropped. */
void port_free(struct recorder_port *port);

/* Events are kept for a log. */
bool port_keeps(const struct recorder_port *port);
/* The one thread that puts. No room: the event is counted as lost. */
void port_put(struct recorder_port *port, enum event_kind kind, const void *event, usec now);
/* Any thread. */
uint64_t port_lost(const struct recorder_port *port);

/* The one thread that takes. The oldest record, the same until port_drop; false: none. */
bool port_front(struct recorder_port *port, struct port_record *record);
void port_drop(struct recorder_port *port);

#endif
