/* recorder: takes events from the loop threads and writes them outside the data path.
 *
 * Each worker puts packed events into a bounded ring of its own; one thread takes them out, in
 * order of time as far as is known, and writes lines. A full ring loses the event, counts it, and
 * the run ends with status 3. The recorder never influences a decision. */
#ifndef PANNE_OBSERVE_RECORDER_H
#define PANNE_OBSERVE_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/time.h"
#include "observe/event.h"
#include "observe/witness.h"

struct recorder;
struct recorder_port;

struct recorder_options {
    const char *log;               /* path of the NDJSON log; `-`: stdout; NULL: none */
    usec start;                    /* loop_now at the start of the run: times count from here */
    size_t ring_bytes;             /* for each port; 0: 8 MiB */
    const struct witness *witness; /* copied; NULL: none */
    struct conclusion conclusion;  /* conclude NULL: nobody */
};

/* Opens the log (created 0600, truncated) and starts the thread. NULL with a complaint. Without a
 * log there is no thread and putting costs a branch.
 *
 * The witness is told what stands in the log, in its order and on its thread, the last line
 * included, and lines that cannot be written; but no event that was lost. Without a log it is told
 * at once, by whoever puts, and texts are as they are: of any length, perhaps not UTF-8. */
struct recorder *recorder_new(const struct recorder_options *options, struct buffer *complaint);
/* A port for one thread's use alone. Lives as long as the recorder. */
struct recorder_port *recorder_port(struct recorder *recorder);
static inline bool recorder_port_is_on(const struct recorder_port *port)
{
    return port != NULL;
}
/* … and what is put stands in a log: what only people want to know (an
 * origin's address) is worth its price. */
bool recorder_port_has_log(const struct recorder_port *port);
/* NULL port: nothing. `now` is loop_now's. Copies everything. */
void recorder_put(struct recorder_port *port, enum event_kind kind, const void *event, usec now);

/* SIGHUP: opens the path anew (log rotation), appending: events before `now` still go to the old
 * one, and so do all others on failure, which is said. Any thread. */
void recorder_reopen(struct recorder *recorder, usec now);

/* What has gone wrong so far: events lost to full rings, lines that could not be written (disk
 * full, closed pipe; said on stderr once), any thread. */
struct recorder_state {
    uint64_t written, lost, failed;
};
struct recorder_state recorder_state(const struct recorder *recorder);

/* Writes all that is in the rings, then `end` as the last line (may be NULL) with `lost` filled in,
 * syncs and closes. Ports must be silent. Returns the final state. Then recorder_free. */
struct recorder_state recorder_finish(struct recorder *recorder, struct event_end *end, usec now);
void recorder_free(struct recorder *recorder);

#endif
