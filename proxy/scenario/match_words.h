/* match_words: why a match held or did not, in words. */
#ifndef PANNE_SCENARIO_MATCH_WORDS_H
#define PANNE_SCENARIO_MATCH_WORDS_H

#include "base/buffer.h"
#include "scenario/match.h"

/* What it asks for, with what the subject has of it: `host api.test (api.*), path /a (/?)`;
 * `everything` for an empty match. */
void match_write_held(const struct match *match, const struct subject *subject, struct buffer *out);
/* The first of its keys that does not hold: `method GET is not POST`. */
void match_write_failed(const struct match *match, const struct subject *subject,
                        struct buffer *out);

#endif
