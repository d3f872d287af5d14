/* samples: operations and gaps kept for pictures and evidence, chosen by the stream alone. */
#ifndef PANNE_VERDICT_SAMPLES_H
#define PANNE_VERDICT_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/operation.h"

enum {
    SAMPLE_OPERATIONS = 200, /* drawn from all with more than one attempt */
    SAMPLE_WORST = 12,       /* … and those with most attempts */
    SAMPLE_GAPS = 512,       /* for each retry index */
    SAMPLE_INDICES = 8,      /* retries 1 to 8 */
    SAMPLE_ATTEMPTS = 2000,  /* drawn from all exchanges, for the filterable list */
};

struct sample_attempt {
    uint64_t exchange;
    usec began, lasted;
    uint32_t client;
    uint16_t service, phase, status, touched;
    uint8_t end;
    bool ok, failed;
    uint32_t index;
    char method[12], path[64];
};

struct sample_set {
    struct operation *operations; /* with steps of their own */
    size_t operation_count;
    uint64_t operation_total;
    struct operation *worst; /* most attempts first */
    size_t worst_count;
    usec gaps[SAMPLE_INDICES][SAMPLE_GAPS];
    size_t gap_count[SAMPLE_INDICES];
    uint64_t gap_total[SAMPLE_INDICES];
    struct sample_attempt *attempts; /* in order of beginning, once judged */
    size_t attempt_count;
    uint64_t attempt_total;
};

/* The keeper; zero-fill to start. */
void samples_attempt(struct sample_set *samples, const struct attempt *attempt);
void samples_operation(struct sample_set *samples, const struct operation *operation);
/* Sorts what is to be in order. */
void samples_end(struct sample_set *samples);
void samples_clear(struct sample_set *samples);

#endif
