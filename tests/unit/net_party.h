/* net_party: what the tests of net/ have in common: loopback sockets, a name server, waiting. */
#ifndef PANNE_TESTS_NET_PARTY_H
#define PANNE_TESTS_NET_PARTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/address.h"
#include "net/loop.h"

/* Runs the loop until somebody stops it; false if nobody has in that time. */
bool party_wait(struct loop *loop, usec most);
size_t party_descriptors(void);

/* Listens (or, with a backlog below 0, does not) on HOST with `*port`, or with any port if that is
 * 0. */
int party_listen(const char *host, uint16_t *port, int backlog);
/* A listening socket that answers no SYN, its queue being full of `fillers`. */
struct party_hole {
    int listener, fillers[4];
};
void party_hole_open(struct party_hole *hole, const char *host, uint16_t *port);
void party_hole_close(struct party_hole *hole);
/* The next connection, blocking. */
int party_accept(int listener);
/* True if the other end has closed `fd`; waits a moment for it. */
bool party_is_closed(int fd);

/* A name server on 127.0.0.1 that runs in the loop. What is not in its records does not exist. */
struct party_record {
    const char *name;
    const char *v4[4], *v6[4];
    unsigned ttl;
    bool silent; /* never answers */
};

struct party_names {
    int fd;
    struct watch watch;
    const struct party_record *records;
    size_t count;
    unsigned queries;
    char servers[32]; /* for resolver_new_with */
};

void party_names_open(struct party_names *names, struct loop *loop,
                      const struct party_record *records, size_t count);
void party_names_close(struct party_names *names);

/* Takes connections in the loop. To each, when something has come from it, it says `answer`: `cut`
 * bytes (0: all) at once and the rest a moment later. Then it closes if `closes`. */
struct party_server {
    struct loop *loop;
    int listener, fd;
    struct watch accepting, reading;
    struct alarm later;
    const char *answer; /* NULL: says nothing */
    size_t length, cut;
    bool closes;
    char heard[2048]; /* what came first, terminated */
    uint16_t port;
};
void party_server_open(struct party_server *server, struct loop *loop);
/* Closes the connection that it has, if any. */
void party_server_hang_up(struct party_server *server);
void party_server_close(struct party_server *server);

#endif
