/* body: what the parts of the body fault share. For body*.c alone. */
#ifndef PANNE_FAULTS_BODY_H
#define PANNE_FAULTS_BODY_H

#include "base/text.h"
#include "stream/filter.h"

/* What a text that was not given has NULL for. */
struct body {
    int on;
    struct text replace, merge, find, with, content_type;
    uint64_t limit;
};

/* Both take PART_BODY and PART_TRAILER; their params are the hit, whose params are the above. */

/* The whole body is dropped, and `replace` takes its place. */
extern const struct filter_ops body_replace;
/* Holds the body back until it is whole, then edits it by `merge` or `find`. One that is longer
 * than `limit`, would get longer than that, has no proper end, or stays the same passes as it is.
 */
extern const struct filter_ops body_edit;

#endif
