/* run_listen: --listen, --upstream, --route and --forward as fronts. */
#ifndef PANNE_RUN_LISTEN_H
#define PANNE_RUN_LISTEN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/buffer.h"
#include "option.h"
#include "serve/settings.h"

/* Fills in the settings' fronts, which lie in `arena`: the pairs, the routes, the forward ones, and
 * last, with COMMAND, one at a free port of loopback for it. Needs the settings' `allowed`. Says
 * what is reachable from elsewhere. False with a complaint. */
MUST_USE bool run_listen(struct settings *settings, const struct options *options,
                         struct arena *arena, struct buffer *complaint);
/* The front that COMMAND is to use. */
struct front *run_listen_for_command(const struct settings *settings);
/* All requests go to one origin, by one reverse front, and no forward one was asked for. */
bool run_listen_is_single(const struct settings *settings, const struct options *options);
/* Whether our own listeners would send requests around in circles, or a parent proxy is one of
 * them. Once ports are known, too. */
MUST_USE bool run_listen_check_loops(const struct settings *settings, struct buffer *complaint);

#endif
