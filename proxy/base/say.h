/* say: a line on stderr, as the program's own voice. */
#ifndef PANNE_BASE_SAY_H
#define PANNE_BASE_SAY_H

#include "base/attributes.h"

/* `panne: message`, one write(2) a line, errno kept. Control bytes in the message come out as `?`.
 */
void say(const char *format, ...) PRINTF_LIKE(1, 2);
/* The same with `: strerror(errno)` behind it. */
void say_errno(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
