/* explain_words: why one exchange got what it got, in words. */
#ifndef PANNE_EXPLAIN_WORDS_H
#define PANNE_EXPLAIN_WORDS_H

#include "base/buffer.h"
#include "explain_record.h"
#include "explain_replay.h"

/* Asks the engine as it comes to know why; `decision` gets the answer. */
void explain_in_words(const struct replay *replay, const struct logged *logged,
                      struct question *question, struct arena *arena, struct decision *decision,
                      struct buffer *out);
/* Of an exchange that no engine was asked about. */
void explain_undecided(const struct logged *logged, struct buffer *out);

#endif
