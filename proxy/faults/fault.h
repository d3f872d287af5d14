/* fault: the descriptor of one way to go wrong. A kind is one file and one row in table.h; parser,
 * defaults, `panne faults`, manual and schema come from it. */
#ifndef PANNE_FAULTS_FAULT_H
#define PANNE_FAULTS_FAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/field.h"
#include "faults/plan.h"

/* Where a kind can bite. */
enum { FAULT_ON_HTTP = 1, FAULT_ON_TUNNEL = 2 };

struct fault_kind {
    const char *name;    /* the key in YAML */
    const char *family;  /* answers, time, volume, bytes, … : the chapter in the manual */
    const char *summary; /* one line, for `panne faults` and the man page, no period */
    const char *about;   /* a paragraph for the manual: what the client sees, what stays valid, what
                            the bounds are */
    const char *example; /* as it stands in a rule: `latency: {p50: 80ms, p99: 2s}` */
    const struct field *fields;
    size_t params_size;
    unsigned stands_on;
    bool answers; /* gives an answer of its own: the first one wins, later ones are shadowed */

    /* What one row cannot say about the parameters together. Appends to `complaint` and returns
     * false. May be NULL. May complete params (fit a distribution). */
    bool (*check)(void *params, struct buffer *complaint);
    /* Hooks edit plain data or add filters; the exchange carries the plan out. Either may be NULL.
     */
    void (*at_request)(const void *params, struct request_plan *plan);
    void (*at_response)(const void *params, struct response_plan *plan);
};

/* NULL where there is none of that name. */
const struct fault_kind *fault_find(struct text name);
/* NULL past the end. In the order of the table. */
const struct fault_kind *fault_at(size_t index);
/* problem_suggestion's name_at; `list` is not used. */
const char *fault_name_at(const void *list, size_t index);

#endif
