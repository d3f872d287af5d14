/* run_announce: telling user, log and ready file where the run listens. */
#ifndef PANNE_RUN_ANNOUNCE_H
#define PANNE_RUN_ANNOUNCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "observe/recorder.h"
#include "option.h"
#include "serve/settings.h"

struct announcement {
    const struct options *options;
    const struct settings *settings;
    const struct address *embedded; /* NULL: none */
    struct recorder_port *port;
    const uint64_t *fresh_seed; /* that the user could not know; NULL: none */
};

/* A line for each listener on stdout, or on stderr where stdout is COMMAND's or the log's. False
 * after having said that the ready file cannot be written. */
MUST_USE bool run_announce(const struct announcement *announcement);

#endif
