/* tally_cells: the numbers behind a tally, for tally.c that raises and summary.c that prints them.
 */
#ifndef PANNE_OBSERVE_TALLY_CELLS_H
#define PANNE_OBSERVE_TALLY_CELLS_H

#include <stdatomic.h>

#include "observe/tally.h"

enum { CACHE_LINE = 64, STATUS_CLASSES = 6 };

typedef atomic_uint_least64_t tally_count;

struct phase_cell {
    _Alignas(CACHE_LINE) tally_count requests;
    tally_count failed, lasted, slowest; /* the latter two in usec: all together, and the longest */
    tally_count by_class[STATUS_CLASSES];
    tally_count openings;
    bool left_out;
};

struct service_cell {
    _Alignas(CACHE_LINE) tally_count requests;
    tally_count openings; /* connections that faults met as they opened */
};

struct rule_cell {
    _Alignas(CACHE_LINE) tally_count decided;
    tally_count exercised, shadowed;
    bool left_out;
};

/* Each array has one cell more than there are names: for none. */
struct tally {
    struct tally_names names;
    struct phase_cell *phases;
    struct service_cell *services;
    struct rule_cell *rules;
    _Alignas(CACHE_LINE) tally_count opened;
    tally_count closed, refused, troubles;
};

uint64_t tally_read(const tally_count *count);

#endif
