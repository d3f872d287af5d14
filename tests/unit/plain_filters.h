/* plain_filters: filters of the plainest kind, one for each thing that a filter can do. */
#ifndef PANNE_TESTS_PLAIN_FILTERS_H
#define PANNE_TESTS_PLAIN_FILTERS_H

#include "stream/filter.h"

/* The params of all of them. */
struct plan {
    usec delay;
    size_t length;
    enum chunk_kind end;
};

extern const struct filter_ops plain_pass;    /* everything at once */
extern const struct filter_ops plain_late;    /* after `delay` */
extern const struct filter_ops plain_cut;     /* `end` after `length` bytes */
extern const struct filter_ops plain_slice;   /* a boundary behind each `length` bytes */
extern const struct filter_ops plain_replace; /* "<>" for each chunk */
extern const struct filter_ops plain_upper;   /* in capitals */
extern const struct filter_ops plain_pad;     /* `length` times "+" before the end */
extern const struct filter_ops plain_lose;    /* kept for `delay`, then lost */
extern const struct filter_ops plain_gush;    /* `length` times "+" without being asked */
extern const struct filter_ops plain_watch;   /* wakes every `delay` until the first byte */

#endif
