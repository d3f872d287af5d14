/* run_settings: the options of a run as settings. */
#ifndef PANNE_RUN_SETTINGS_H
#define PANNE_RUN_SETTINGS_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/buffer.h"
#include "option.h"
#include "serve/settings.h"

/* Everything but what is known only once sockets are bound. Lists lie in `arena`, texts are lent
 * from the options. False with a complaint: wrong usage. */
MUST_USE bool run_settings(struct settings *settings, const struct options *options,
                           struct arena *arena, struct buffer *complaint);

#endif
