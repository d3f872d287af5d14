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
    const char *name;  /* `html`, as in --report html:FILE */
    const char *help;  /* one line, no period */
    const char *about; /* what else the manual says, in sentences; NULL: nothing */
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

/* The formats as an mdoc list. */
void report_manual(struct buffer *out);
/* The JSON Schema (draft-07) of the format `json`. */
void report_schema(struct buffer *out);

/* Words that several formats share. */

/* `2.9`, `1.25 s`, `38 %`, `12/s`, `x1.8`: a number of that unit as people read it, three digits.
 */
void report_number(enum unit unit, double value, struct buffer *out);
/* `at most 1.2`, `at least 95 %`; nothing where the finding has no limit. */
void report_limit(const struct finding *finding, struct buffer *out);
/* `12.345 s`, since the start of the run. */
void report_moment(usec moment, struct buffer *out);
/* `amplification`, `amplification during down`, `… of service api`, `… of client app-*`. One line,
 * harmless on a terminal. */
void report_subject(const struct finding *finding, struct buffer *out);
/* `passed`, `failed`, `inconclusive`. */
const char *report_sum_name(enum verdict_sum sum);
/* One line of what the whole came to: `failed: 1 expectation and 1 gate; of 28 checks 3 failed, 25
 * passed`. */
void report_sum(const struct judgment *judgment, struct buffer *out);
/* `x9.87 (x9.81 to x9.94)`; `38 % of 300 operations` where there are no bounds; nothing without a
 * value. */
void report_measured(const struct finding *finding, struct buffer *out);
/* Why its failure is one of the run: `gate`, `expected`; `warn only` for an expectation whose is
 * not; empty otherwise. */
const char *report_weight(const struct finding *finding);
/* What an inconclusive one lacks: `needs 23 more operations`, or why it was not judged. */
void report_missing(const struct finding *finding, struct buffer *out);
/* The line of evidence; where its operations were not all tied by markers, how many were. */
void report_evidence(const struct finding *finding, struct buffer *out);
/* `worse than x1.02`; nothing where there is no earlier run, or none of both tells. */
void report_change(const struct finding *finding, struct buffer *out);
/* `exchanges 17, 23, 31 and 290 more`; nothing where there are no proofs. */
void report_exchanges(const struct finding *finding, struct buffer *out);
/* `retry budget: allow retries only while … (Google SRE Book, …)`. */
void report_cure(const struct finding *finding, struct buffer *out);
/* Fail, warn, or worse than is allowed: those that are told at length. */
bool report_is_bad(const struct finding *finding);
/* What has to be known of the judgment as a whole, a sentence each without a period: how sure the
 * grouping is, what had no room. False past the end. */
bool report_note(const struct judgment *judgment, size_t index, struct buffer *out);
/* For XML and HTML: & < > " ' escaped, control characters that XML 1.0 forbids as U+FFFD, bytes
 * that are no UTF-8 likewise. */
void report_escape(struct text text, struct buffer *out);

#endif
