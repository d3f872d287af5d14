/* outcome: what a run came to: its summary and its exit status. */
#ifndef PANNE_OUTCOME_H
#define PANNE_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "observe/recorder.h"
#include "serve/run.h"
#include "verdict/verdict.h"

struct result {
    bool broken;         /* something could not be carried out, and has been said */
    bool command_failed; /* COMMAND ended otherwise than with 0 */
    struct recorder_state log;
    const struct judgment *judgment; /* NULL: there is none */
};

/* The exit status; `*why` is a constant that says it in words. */
int outcome_status(const struct result *outcome, const struct run *run, const char **why);
/* Over all generations. */
uint64_t outcome_requests(const struct run *run);
uint64_t outcome_connections(const struct run *run);
uint64_t outcome_exercised(const struct run *run);
uint64_t outcome_crowded(const struct run *run);
/* What happened, newest scenario first, and what is not judged. */
void outcome_summary(const struct run *run, bool color, struct buffer *out);

#endif
