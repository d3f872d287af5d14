/* log_scan: a line of a log read without a JSON library, if it is spelled as event_write spells it.
 * It costs a tenth; a line that is spelled otherwise gets the same from the library. */
#ifndef PANNE_OBSERVE_LOG_SCAN_H
#define PANNE_OBSERVE_LOG_SCAN_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/text.h"
#include "observe/log_read.h"

struct log_scanner;

struct log_scanner *log_scanner_new(void);
void log_scanner_free(struct log_scanner *scanner);

/* Reads a line without its end into one that is all zeros. Texts are lent from `text`, and where
 * they have escapes from the scanner, until the next scan. False: the line is spelled in another
 * way, or wrong, or has a number too long to be read here; what stands in `line` is of no use. */
MUST_USE bool log_scan(struct log_scanner *scanner, struct text text, struct log_line *line);

#endif
