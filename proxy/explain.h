/* explain: a log's decisions, one after another, put to a fresh engine. */
#ifndef PANNE_EXPLAIN_H
#define PANNE_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "observe/log_read.h"

struct explain;

/* What has come out. Differences are listed up to a bound, as lines. */
struct explained {
    uint64_t decisions; /* put to the engine */
    uint64_t different;
    uint64_t doubtful;   /* could not be compared, since the log is not whole */
    uint64_t earlier;    /* decided by a scenario that the log does not have */
    bool begun;          /* it has a line at all */
    bool whole;          /* the log has its end and has lost nothing */
    bool told;           /* the request wanted is in it */
    uint64_t nearest;    /* of those that are in it, the one nearest to that; 0: none */
    struct buffer list;  /* of what is different */
    struct buffer words; /* about the request wanted */
};

/* `request`: the exchange to tell about, or 0. */
struct explain *explain_new(uint64_t request);
void explain_free(struct explain *explain);

/* Takes a line in. False with a complaint: this is not a log that can be explained. */
MUST_USE bool explain_take(struct explain *explain, const struct log_line *line,
                           struct buffer *complaint);
/* A line of an event that is not known: only its number counts. */
void explain_pass(struct explain *explain, const struct log_line *line);
/* The log has ended. Lent. */
const struct explained *explain_finish(struct explain *explain);

#endif
