/* report: a verdict written down for people or for programs. A file each, and a row in table.h. */
#ifndef PANNE_REPORT_REPORT_H
#define PANNE_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "base/text.h"
#include "verdict/verdict.h"

struct report_options {
    bool color;       /* terminal */
    bool unicode;     /* terminal: may draw with more than ASCII */
    unsigned columns; /* terminal */
    struct text log;  /* where the log lies, for how to ask further; empty: there is none */
};

/* In proxy/report/NAME.c: const struct report_format report_NAME. */
struct report_format {
    const char *name; /* `html`, as in --report html:FILE */
    const char *help; /* one line, no period */
    /* The whole report, appended. The same judgment and options give the same bytes. */
    void (*write)(const struct judgment *judgment, const struct report_options *options,
                  struct buffer *out);
    /* Formats made of all exchanges, not of findings (HAR): written while a log is read, and only
     * then. `state` is theirs, zero-filled, of stream_size. NULL: none. */
    size_t stream_size;
    void (*stream)(void *state, enum event_kind kind, const void *event, usec time,
                   struct buffer *out);
    void (*stream_end)(void *state, struct buffer *out);
};

/* NULL where there is none of that name; NULL past the end. */
const struct report_format *report_find(struct text name);
const struct report_format *report_at(size_t index);
/* problem_suggestion's name_at. */
const char *report_name_at(const void *list, size_t index);

/* Words that several formats share. */

/* `2.9`, `1.25 s`, `38 %`, `12/s`, `x1.8`: a number of that unit as people read it, three digits.
 */
void report_number(enum unit unit, double value, struct buffer *out);
/* `at most 1.2`, `at least 95 %`; nothing where the finding has no limit. */
void report_limit(const struct finding *finding, struct buffer *out);
/* `12.345 s`, since the start of the run. */
void report_moment(usec moment, struct buffer *out);
/* `amplification`, `amplification during down`, `… of service api`, `… of client app-*`. */
void report_subject(const struct finding *finding, struct buffer *out);
/* One line of what the whole came to: `failed: 3 of 28 checks failed, 2 of them expected`. */
void report_sum(const struct judgment *judgment, struct buffer *out);
/* For XML and HTML: & < > " ' escaped, control characters that XML 1.0 forbids as U+FFFD, bytes
 * that are no UTF-8 likewise. */
void report_escape(struct text text, struct buffer *out);

#endif
