/* judge: a verdict by a scenario's terms, for the commands that come to one. */
#ifndef PANNE_JUDGE_H
#define PANNE_JUDGE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "observe/event.h"
#include "option.h"
#include "scenario/scenario.h"
#include "verdict/verdict.h"

struct judge;

/* By the terms of the scenario, which is lent until judge_free. */
struct judge *judge_new(const struct scenario *scenario, enum profile profile);
void judge_free(struct judge *judge);
/* Whether a run has anything to judge, or anybody who asks: rules, expectations, a report, a
 * baseline or a log. Without, nothing need be taken in. */
bool judge_is_wanted(const struct scenario *scenario, const struct options *options);
/* Takes an event, in the log's order; as a witness's, `judge` is the user. */
void judge_take(void *judge, enum event_kind kind, const void *event, usec time);
/* Reads the log that the findings are to be compared with. False with a complaint. */
bool judge_set_baseline(struct judge *judge, const char *log, struct buffer *complaint);
/* Once all events are in; later calls change nothing. With `gates`, what got worse than in the
 * baseline is a failure. */
const struct judgment *judge_conclude(struct judge *judge, bool gates);

/* Reads a whole log and judges it by the terms of the scenario in it; `profile` in place of the one
 * that it was judged by, if it is not PROFILE_COUNT. NULL with a complaint. `stream`: told every
 * event besides; may be NULL. */
struct judge_stream {
    void *user;
    void (*take)(void *user, enum event_kind kind, const void *event, usec time);
};
struct judge *judge_read(const char *path, enum profile profile, const struct judge_stream *stream,
                         struct buffer *complaint);

/* The exit status that it makes by itself. */
int judge_status(const struct judgment *judgment, const char **why);

#endif
