/* answers: the addresses of names that were looked up, kept for a while, at most 256 of them. */
#ifndef PANNE_NET_ANSWERS_H
#define PANNE_NET_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/text.h"
#include "base/time.h"
#include "net/address.h"

enum {
    ANSWER_MOST = 16, /* addresses of a name that are of use to anybody */
    ANSWERS_SETS = 64,
    ANSWERS_WAYS = 4,
};

struct answer {
    char *name;
    usec expires;
    size_t count;
    struct address addresses[ANSWER_MOST];
};

/* Zero-fill, then set the seed. A set is searched one by one. */
struct answers {
    uint64_t seed;
    struct answer *sets[ANSWERS_SETS][ANSWERS_WAYS];
};

/* With a copy of the name; expired until told otherwise. */
struct answer *answer_new(struct text name);
void answer_free(struct answer *answer);

/* Literals, names that are loopback by definition (RFC 6761 6.3) and kept answers that are still
 * valid at `now`: a copy, whose name is lent until the next answers_put. Ports are 0. */
MUST_USE bool answers_know(struct answers *answers, struct text name, usec now,
                           struct answer *answer);
/* Takes the answer. Of a full set, the one that expires first is forgotten. */
void answers_put(struct answers *answers, struct answer *answer);
void answers_clear(struct answers *answers);

#endif
