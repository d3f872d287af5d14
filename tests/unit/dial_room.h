/* dial_room: upstreams with all they need, and who is told of their dials. */
#ifndef PANNE_TESTS_DIAL_ROOM_H
#define PANNE_TESTS_DIAL_ROOM_H

#include "net/upstream.h"
#include "net_party.h"
#include "stream/block.h"

struct dial_room {
    struct loop *loop;
    struct pool pool;
    struct party_names names;
    struct resolver *resolver;
    struct tls_client *tls; /* trusts the system's CAs alone */
    struct upstreams *upstreams;
    bool (*allowed)(void *user, const struct address *address);
    unsigned asked; /* how often, if `allowed` counts */
    struct dial *dial;
    unsigned calls; /* since dial_start */
    struct origin *origin;
    enum dial_fault fault;
    char detail[400];
};

int dial_room_enter(void **state);
int dial_room_leave(void **state);
/* Other upstreams in place of the room's. */
void dial_room_options(struct dial_room *room, const struct upstream_options *options,
                       struct tls_client *tls);
void dial_room_patience(struct dial_room *room, usec connect_timeout);

struct endpoint endpoint_of(const char *host, uint16_t port);
struct endpoint tls_endpoint_of(const char *host, uint16_t port);

/* Frees what the last dial gave. */
void dial_start(struct dial_room *room, struct endpoint endpoint, const struct parent *parent,
                bool tunnel);
/* And waits for the one call of `done`. */
void dial_to(struct dial_room *room, struct endpoint endpoint, const struct parent *parent,
             bool tunnel);

#endif
