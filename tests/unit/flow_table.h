/* flow_table: the test of a filter as a table of (time, in, out). */
#ifndef PANNE_TESTS_FLOW_TABLE_H
#define PANNE_TESTS_FLOW_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "stream/filter.h"

/* Rows leave out what is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* In texts, `|` is a boundary, `!` CHUNK_END, `~` CHUNK_CUT and `#` CHUNK_RESET; a backslash before
 * one of them, or before itself, makes it a byte like others. A byte 0 that comes out shows as a
 * backslash and `0`. */
struct flow_row {
    usec time;
    const char *in;  /* what arrives then, as memory of its own; NULL: nothing */
    const char *out; /* what comes out then, all of it; NULL ends the table */
    usec wake;       /* what pipeline_run must answer; 0: anything */
    enum part part;  /* of what arrives; 0: PART_BODY */
};

struct flow_case {
    const char *claim;
    const struct filter_ops *ops;
    const void *params;
    const struct flow_row *rows;
    unsigned parts; /* that the filter treats; 0: PART_BODY */
    size_t limit;   /* of the budget; 0: 256 KiB */
    size_t piece; /* what arrives is cut into chunks of so many bytes, each in memory of its own; 0:
                     uncut */
    bool splits;  /* `|` in `out` also stands where two chunks meet */
    uint64_t
        touched;    /* what the stage must have counted at the end; 0: anything, see `untouched` */
    bool untouched; /* it must have counted nothing */
};

/* The rows of a case, in place. The empty row that ends them is added. */
#define FLOW_ROWS(...)        \
    (const struct flow_row[]) \
    {                         \
        __VA_ARGS__,          \
        {                     \
            .out = NULL       \
        }                     \
    }

/* Runs one case through a pipeline of the one filter; takes all that comes out after each row, as
 * an encoder would. Fails the cmocka test with the claim, the row, and both texts. Checks also that
 * nothing stays in the budget. */
void flow_check(const struct flow_case *wanted);
void flow_check_all(const struct flow_case *cases, size_t count);

/* For tests with pipelines of their own. Puts `in` (see struct flow_row) into a queue. */
void flow_feed(struct queue *queue, const char *in, size_t piece, enum part part, usec now);
/* Takes everything out of a queue, as text: the caller's to free. */
char *flow_drain(struct queue *queue, bool splits);

#endif
