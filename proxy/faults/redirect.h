/* redirect: the count of hops that a redirected client carries in its query. */
#ifndef PANNE_FAULTS_REDIRECT_H
#define PANNE_FAULTS_REDIRECT_H

#include "base/arena.h"
#include "base/text.h"

/* The parameter that says how many redirects the client has followed. */
#define REDIRECT_HOP "panne-hop"

/* The target, or path with query, without that parameter: what the origin is asked for. `hops`
 * gets its number, 0 where there is none. The same text where there is nothing to take out. */
struct text redirect_strip(struct text target, struct arena *arena, uint64_t *hops);

#endif
