/* flood_bench: floods of whole bodies, and what is left when the flood is taken out again. */
#ifndef PANNE_TESTS_FLOOD_BENCH_H
#define PANNE_TESTS_FLOOD_BENCH_H

#include "fault_bench.h"

struct flood_run {
    const char *claim;
    const char *type, *encoding; /* Content-Type, Content-Encoding; NULL: none */
    const char *settings;
    struct text body;
    size_t piece;     /* that arrives at once; 0: all */
    size_t drained;   /* taken between two arrivals; 0: all that is there */
    size_t limit;     /* of the budget; 0: 256 KiB */
    bool known;       /* its length is */
    const char *mark; /* what ends it, as in struct flow_row; NULL: `!` */
};

struct flooded {
    struct buffer out; /* without the end */
    enum chunk_kind end;
    bool length_known;
    uint64_t length; /* as promised */
    uint64_t touched;
    size_t most_held; /* by the budget at any time behind what had arrived */
};

/* Runs a body through; fails the test if it does not end. */
void flood_run(const struct flood_run *run, struct flooded *flooded);

/* What the flood has added, taken out by the rules of the format: fails the test where it stands
 * where it must not. */
void strip_json(struct text flooded, struct buffer *plain);
void strip_events(struct text flooded, struct buffer *plain);
/* White space and comments behind the first `length` bytes. */
void strip_comments(struct text flooded, size_t length, struct buffer *plain);
/* Whether all of the body's lines are there, whole and in order; the last may have gained an end.
 */
bool keeps_lines(struct text body, struct text flooded);

#endif
