/* queue_bench: two queues of one budget, to be tried. */
#ifndef PANNE_TESTS_QUEUE_BENCH_H
#define PANNE_TESTS_QUEUE_BENCH_H

#include "stream/queue.h"

struct queue_bench {
    struct pool pool;
    struct budget budget; /* 1000 bytes */
    struct queue queue, other;
};

/* cmocka's set-up and tear-down; the latter fails if anything stays in the books. */
int queue_bench_open(void **state);
int queue_bench_close(void **state);
/* Fails the test unless chunks, queues and budget agree. */
void queue_bench_check(const struct queue_bench *bench);
/* Empties the queue, which must have held that text, `|` also where chunks meet (see flow_table.h).
 */
void queue_bench_expect(struct queue *queue, const char *wanted);

#endif
