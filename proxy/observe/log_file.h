/* log_file: a file or pipe that whole lines go to, and what becomes of them when it fails. */
#ifndef PANNE_OBSERVE_LOG_FILE_H
#define PANNE_OBSERVE_LOG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"

struct log_file;

/* `-` is stdout. NULL with a complaint. */
struct log_file *log_file_open(const char *path, struct buffer *complaint);
void log_file_free(struct log_file *file);

/* One thread at a time, with SIGPIPE blocked. `lines` are `count` lines with their newlines. Those
 * that cannot be written are counted and dropped, and the failure is said on stderr the first time;
 * the rest of a line that was cut goes out before the next ones, so that what stands in the log is
 * whole lines. */
void log_file_put(struct log_file *file, struct text lines, size_t count);
/* Opens the path anew, appending; on failure goes on with the old one and says so. */
void log_file_reopen(struct log_file *file);
/* Syncs and closes; nothing can be put any more. */
void log_file_close(struct log_file *file);

/* Lines so far; any thread. */
uint64_t log_file_written(const struct log_file *file);
uint64_t log_file_failed(const struct log_file *file);

#endif
