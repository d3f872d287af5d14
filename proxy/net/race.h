/* race: the first of several addresses that accepts a connection (RFC 8305 5). */
#ifndef PANNE_NET_RACE_H
#define PANNE_NET_RACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "net/address.h"
#include "net/loop.h"
#include "net/upstream.h"

enum { RACE_MOST = 16 };

struct race;

struct attempt {
    struct race *race;
    struct address address;
    struct watch watch;
    int fd; /* -1: not running */
};

/* Embed it; zero-fill to start. */
struct race {
    struct loop *loop;
    struct attempt attempts[RACE_MOST];
    size_t count, next, running;
    struct alarm alarm;                                         /* starts the next one */
    bool (*allowed)(void *user, const struct address *address); /* may be NULL */
    void *allowed_user;
    /* `fd` is the receiver's, connected to `address`; or -1, and `fault`, `error` and `failed` say
     * what went wrong. The race is over then and may be freed. */
    void (*done)(void *user, int fd, const struct address *address);
    void *user;
    enum dial_fault fault; /* the most telling failure so far, */
    int error;             /* its errno, 0 for DIAL_FORBIDDEN, */
    struct address failed; /* and its address */
};

/* Set loop, allowed and done before. May call `done` before it returns. */
void race_start(struct race *race, const struct address *addresses, size_t count);
/* Closes all; safe twice and on a zero-filled race. */
void race_stop(struct race *race);

#endif
