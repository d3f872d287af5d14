/* values: numbers kept of a stream, as many as there is room for, each as likely as any other. */
#ifndef PANNE_VERDICT_VALUES_H
#define PANNE_VERDICT_VALUES_H

#include <stddef.h>
#include <stdint.h>

enum { VALUES_MOST = 4096 };

/* Zero-fill to start. */
struct values {
    double *items;
    size_t count, room;
    uint64_t seen;
};

void values_add(struct values *values, double value);
/* In ascending order, for good: nothing can be added after it. */
const double *values_sorted(struct values *values);
void values_clear(struct values *values);

#endif
