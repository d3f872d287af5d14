/* reply: what the embedded origin answers, as plain data; made by pages, sent by guests. */
#ifndef PANNE_ORIGIN_REPLY_H
#define PANNE_ORIGIN_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/time.h"
#include "http/head.h"
#include "stream/queue.h"

struct reply;

/* Puts more of a long body into `out`, as far as its budget goes. False when the body is complete;
 * `*wake` says when to be called again though nothing drains. */
typedef bool reply_more(struct reply *reply, struct queue *out, usec now, usec *wake);

struct reply {
    unsigned status;
    struct text type;
    struct text body;  /* where `more` is NULL */
    struct text allow; /* value of Allow with 405 */
    usec delay;        /* before anything is sent */
    reply_more *more;  /* makes the body bit by bit */
    uint64_t length;   /* of what `more` makes, if `length_known` */
    bool length_known;
    bool gzip;           /* the body goes through gzip */
    bool echoes;         /* the body is the request's */
    uint64_t left, made; /* for `more`: how much is still to come, and how much has come */
    usec next;           /* for `more` */
};

/* A request as pages see it. */
struct ask {
    const struct head *head;
    struct text path, query;
    struct arena *arena;
};

/* A page: one row of the table in pages.c. */
struct page {
    const char *path;    /* ends in `/` where something follows it */
    const char *methods; /* separated by spaces; NULL: any */
    const char *help;
    void (*answer)(const struct ask *ask, struct text rest, struct reply *reply);
};

/* Always fills `reply`: 404 and 405 too. */
void pages_answer(const struct ask *ask, struct reply *reply);
const struct page *pages_at(size_t index);

/* vehicle.c: the vehicle API of the demonstration. */
void vehicle_list(const struct ask *ask, struct text rest, struct reply *reply);
void vehicle_one(const struct ask *ask, struct text rest, struct reply *reply);
void vehicle_token(const struct ask *ask, struct text rest, struct reply *reply);
void vehicle_key(const struct ask *ask, struct text rest, struct reply *reply);

#endif
