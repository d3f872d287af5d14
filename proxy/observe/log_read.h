/* log_read: reads a recorded run's log, line by line, back into events. */
#ifndef PANNE_OBSERVE_LOG_READ_H
#define PANNE_OBSERVE_LOG_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/time.h"
#include "observe/event.h"

/* The longest line that is read: the scenario's text of 1 MiB, with every byte escaped, and the
 * rest of the first line. */
#define LOG_LINE_MOST ((size_t)8 << 20)

struct log_reader;

/* One line. Texts are lent until the next is read. What a line lacks is empty, 0, false, or for
 * times NEVER. */
struct log_line {
    uint64_t number; /* from 1 */
    enum event_kind kind;
    uint64_t sequence;
    usec time;
    union {
#define X(name, help, fields) struct event_##name name;
        EVENTS(X)
#undef X
    } event;
};

enum log_found {
    LOG_LINE,
    LOG_STRANGE, /* a line of an event that this version does not know; number, sequence and time
                    are set */
    LOG_END,     /* of the file */
    LOG_CUT,     /* … in the middle of a line */
    LOG_BROKEN,  /* the complaint says why */
};

/* `-`: stdin. NULL with a complaint. */
struct log_reader *log_reader_open(const char *path, struct buffer *complaint);
void log_reader_close(struct log_reader *reader);

/* The next line. Blank ones are passed over. A complaint names the line: `line 7: …`. */
MUST_USE enum log_found log_read(struct log_reader *reader, struct log_line *line,
                                 struct buffer *complaint);

#endif
