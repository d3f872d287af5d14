/* log_writer: the thread that takes events out of all ports, by time, and writes them as lines. */
#ifndef PANNE_OBSERVE_LOG_WRITER_H
#define PANNE_OBSERVE_LOG_WRITER_H

#include <stdint.h>

#include "base/attributes.h"
#include "base/time.h"
#include "observe/bell.h"
#include "observe/event.h"
#include "observe/log_file.h"
#include "observe/port.h"
#include "observe/witness.h"

struct log_writer;

/* Starts the thread. `file`, `bell` and `stand` are lent until log_writer_finish has returned;
 * times count from `start`. What is written is told at `stand`, in the same order; NULL: nowhere.
 * NULL with errno. */
struct log_writer *log_writer_new(struct log_file *file, struct bell *bell, struct stand *stand,
                                  usec start);
/* From now on it looks at `port`, too; takes it. Any thread. */
void log_writer_add(struct log_writer *writer, struct recorder_port *port);
/* Any thread: soon the log is opened anew; events before `now` still go to the old one. */
void log_writer_reopen(struct log_writer *writer, usec now);
/* Events that found no room, over all ports. Any thread. */
uint64_t log_writer_lost(const struct log_writer *writer);
/* Once: takes all there is, writes `end` (may be NULL) with what is missing filled in, closes the
 * log and joins the thread. `conclusion` (may be NULL) is shown `end` before it is written, on that
 * thread. */
void log_writer_finish(struct log_writer *writer, struct event_end *end, usec now,
                       const struct conclusion *conclusion);
/* After log_writer_finish. Frees the ports. */
void log_writer_free(struct log_writer *writer);

#endif
