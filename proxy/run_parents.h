/* run_parents: the proxy that the user has already. */
#ifndef PANNE_RUN_PARENTS_H
#define PANNE_RUN_PARENTS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/buffer.h"
#include "option.h"
#include "serve/settings.h"

/* From --parent, else from https_proxy, http_proxy, all_proxy (and those in capitals, but not
 * HTTP_PROXY, which a CGI client could set); no_proxy says what goes directly. From the environment
 * nothing on loopback is sent through a proxy. False with a complaint. */
MUST_USE bool run_parents(struct parents *parents, const struct options *options,
                          struct arena *arena, struct buffer *complaint);

#endif
