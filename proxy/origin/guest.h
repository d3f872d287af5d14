/* guest: one client of the embedded origin. */
#ifndef PANNE_ORIGIN_GUEST_H
#define PANNE_ORIGIN_GUEST_H

#include "base/arena.h"
#include "base/list.h"
#include "http/codec.h"
#include "net/connection.h"
#include "net/loop.h"
#include "origin/reply.h"
#include "stream/pipeline.h"

enum guest_state { GUEST_HEAD, GUEST_DELAY, GUEST_SEND, GUEST_END };

struct guest {
    struct list node; /* among the embedded origin's */
    struct loop *loop;
    struct pool *pool;
    enum guest_state state;
    struct connection connection;
    struct reader reader;
    struct writer writer;
    struct arena arena; /* one request's */
    struct budget budget;
    struct pipeline pipeline; /* the answer's body */
    struct head request, answer;
    struct reply reply;
    struct alarm alarm;
    struct deadline deadline;
    struct errand errand;
    usec due, wake;
    bool running;
    bool read; /* the request, whole */
    bool made; /* the answer's body, whole */
    bool closes;
};

/* Takes the descriptor; frees itself when the client goes. */
void guest_open(struct list *guests, struct loop *loop, struct pool *pool, int fd);
void guest_free(struct guest *guest);

#endif
