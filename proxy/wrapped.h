/* wrapped: COMMAND within a run: started once all listens, repeated if wanted, its end is the end.
 */
#ifndef PANNE_WRAPPED_H
#define PANNE_WRAPPED_H

#include <stdbool.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "conductor.h"
#include "net/certs.h"
#include "observe/recorder.h"
#include "option.h"
#include "serve/settings.h"

struct wrapped;

struct wrapped_parts {
    struct loop *loop;
    struct recorder_port *port;
    const struct options *options;
    const struct settings *settings;
    const struct certs *certs;
};

/* All lent. NULL with a complaint. */
MUST_USE struct wrapped *wrapped_new(const struct wrapped_parts *parts, struct buffer *complaint);
/* After the loop has ended. */
void wrapped_free(struct wrapped *wrapped);

/* Starts COMMAND; it tells the conductor of its end. False after having said why not. */
MUST_USE bool wrapped_start(struct wrapped *wrapped, struct conductor *conductor);
/* For conductor_parts; `user` is a struct wrapped. */
void wrapped_signaled(void *user, int signo);
void wrapped_timeline_over(void *user);
/* Whether COMMAND, the last time, or any time before, ended otherwise than with 0. */
bool wrapped_failed(const struct wrapped *wrapped);
/* It could not be started again. */
bool wrapped_broken(const struct wrapped *wrapped);

#endif
