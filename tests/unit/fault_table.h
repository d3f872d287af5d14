/* fault_table: the test of a fault in bodies and tunnels as a table of (time, in, out). */
#ifndef PANNE_TESTS_FAULT_TABLE_H
#define PANNE_TESTS_FAULT_TABLE_H

#include "fault_bench.h"
#include "flow_table.h"

struct fault_row {
    usec time;
    const char *in, *out; /* as in struct flow_row; `in` NULL ends the rows */
};

struct fault_case {
    const char *claim, *settings;
    size_t piece;     /* what arrives is cut into chunks of so many bytes; 0: uncut */
    uint64_t touched; /* at the end */
    struct fault_row rows[6];
};

struct fault_table {
    const char *kind;
    const struct fault_case *cases;
    size_t count;
    usec unit;       /* of the rows' times; 0: a microsecond */
    usec phase_ends; /* 0: never */
};

/* Each case as the body of an answer, and as what a tunnel's origin sends. Fails the test with the
 * claim, the row and both texts; and also if the fault changes how the exchange itself goes. */
void fault_check_down(const struct fault_table *table);
/* The same on the request's way, for faults with the parameter `on`. */
void fault_check_up(const struct fault_table *table);

#endif
