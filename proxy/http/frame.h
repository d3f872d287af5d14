/* frame: where a checked message ends, and whether its start may stand (RFC 9112 3.2, 6 and 9.3).
 */
#ifndef PANNE_HTTP_FRAME_H
#define PANNE_HTTP_FRAME_H

#include "base/attributes.h"
#include "http/check.h"
#include "http/head.h"

/* Fills head->framing, content_length and bodiless from what the check found. READ_WRONG with a
 * refusal in `check`. */
MUST_USE enum read_result frame_request(struct check *check, struct head *head);
MUST_USE enum read_result frame_response(struct check *check, struct text request_method,
                                         struct head *head);
/* Fills keep_alive, expects_continue and upgrade, once the fields are there. */
void frame_connection(struct head *head);

#endif
