/* tunnel_way: TLS inside TLS in one thread, and the parent proxy between them. */
#ifndef PANNE_TESTS_TUNNEL_WAY_H
#define PANNE_TESTS_TUNNEL_WAY_H

#include "tls_fixture.h"

/* near: ours, through `parent`, to far. The tunnel's bytes go on from `parent` to far's socket by
 * `tunnel_carry`, which stands for the parent proxy. */
struct way {
    struct tls_fixture *tls;
    struct transport *parent; /* the proxy's end of the connection with it */
    int wire;                 /* and of that with the origin */
    size_t most;              /* bytes that it carries at once */
};

int tunnel_enter(void **state);
int tunnel_leave(void **state);
void tunnel_hang_up(struct way *way);
/* The connection with the parent stands; no one has spoken behind it. Its near end. */
struct transport *tunnel_reach_parent(struct way *way);
/* What the parent has now, both ways. */
void tunnel_carry(struct way *way);
/* near through the parent, not yet shaken. */
void tunnel_join(struct way *way, struct tls_client *client);
struct tls_outcomes tunnel_shake(struct way *way);
void tunnel_must_join(struct way *way);

#endif
