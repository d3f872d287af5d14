/* run_log: the lines of the log that tell what is run. */
#ifndef PANNE_RUN_LOG_H
#define PANNE_RUN_LOG_H

#include "observe/recorder.h"
#include "option.h"
#include "serve/run.h"

/* The first line, and one more for each generation that follows: the scenario's text and hash, and
 * all that decisions depend on. */
void run_log_begin(struct recorder_port *port, const struct run *run, const struct options *options,
                   uint64_t seed);

#endif
