/* group: ties attempts into operations.
 *
 * By the client's markers where it sends any: the SDKs' invocation ids and idempotency keys, trace
 * and request ids if they come again, and the number of the attempt where it is told. Else an
 * attempt belongs to the one before it that had the same client and fingerprint, if that failed,
 * and if it began within a window of that one's end: 30 s, or twice the operation's longest gap or
 * what the answer asked to wait, if that is longer. No attempt counts that comes as late as the
 * client asks for the same anyway (reasks_window), but who was asked to wait may take that long,
 * and up to as much again. After a final answer nothing but a marker ties. A request that the
 * client was seen to poll begins an operation of its own once half its interval has passed. */
#ifndef PANNE_HISTORY_GROUP_H
#define PANNE_HISTORY_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "history/operation.h"
#include "history/polling.h"
#include "history/reasks.h"

struct group;

struct group_parts {
    const struct polling *polling; /* lent, like reasks */
    const struct reasks *reasks;
    /* As each operation closes; lent for the call. */
    void (*close)(void *user, const struct operation *operation);
    void *user;
};

struct group *group_new(const struct group_parts *parts);
void group_free(struct group *group);
/* Fills in the attempt's pair, index and gap, and returns its operation, lent until group_settle,
 * which must follow. `polled`: its service's requests are polled on purpose; `in_trouble`: for an
 * operation that begins. */
const struct operation *group_take(struct group *group, struct attempt *attempt, bool polled,
                                   bool in_trouble);
/* Tells of the operation that the last attempt ended, while that attempt is still there. */
void group_settle(struct group *group);
/* No more will come; `now` is the end of the run. */
void group_end(struct group *group, usec now);
/* Operations closed before their time, for lack of room. */
uint64_t group_evicted(const struct group *group);

#endif
