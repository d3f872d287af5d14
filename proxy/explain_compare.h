/* explain_compare: what a log says that was decided, against what the engine says now. */
#ifndef PANNE_EXPLAIN_COMPARE_H
#define PANNE_EXPLAIN_COMPARE_H

#include "base/buffer.h"
#include "explain_record.h"
#include "explain_replay.h"

enum compared {
    COMPARED_SAME,
    COMPARED_DOUBTFUL, /* it may differ only because lines are missing */
    COMPARED_DIFFERENT,
};

/* Writes lines on what differs. `gapped`: the engine's counts lack requests. */
enum compared compare(const struct replay *replay, const struct logged *logged,
                      const struct decision *decision, bool gapped, struct buffer *out);

/* `exchange 17 (line 40): POST /pay of 127.0.0.1`, and an end of line. */
void compare_write_head(const struct logged *logged, struct buffer *out);

#endif
