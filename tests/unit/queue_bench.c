/* queue_bench: two queues of one budget, to be tried. */
#include "queue_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "flow_table.h"

int queue_bench_open(void **state)
{
    struct queue_bench *bench = calloc(1, sizeof(*bench));

    if (!bench)
        return -1;
    bench->budget.limit = 1000;
    queue_init(&bench->queue, &bench->pool, &bench->budget);
    queue_init(&bench->other, &bench->pool, &bench->budget);
    *state = bench;
    return 0;
}

int queue_bench_close(void **state)
{
    struct queue_bench *bench = *state;
    size_t left;

    queue_clear(&bench->queue);
    queue_clear(&bench->other);
    left = bench->budget.held + bench->queue.bytes + bench->other.bytes;
    pool_clear(&bench->pool);
    free(bench);
    return left == 0 ? 0 : -1;
}

static size_t sum_of(const struct queue *queue)
{
    size_t sum = 0;

    for (const struct chunk *chunk = queue->first; chunk; chunk = chunk->next) {
        sum += chunk->length;
        if (!chunk->next)
            assert_ptr_equal(chunk, queue->last);
    }
    if (!queue->first)
        assert_null(queue->last);
    assert_int_equal(sum, queue->bytes);
    return sum;
}

void queue_bench_check(const struct queue_bench *bench)
{
    assert_int_equal(sum_of(&bench->queue) + sum_of(&bench->other), bench->budget.held);
}

void queue_bench_expect(struct queue *queue, const char *wanted)
{
    char *text = flow_drain(queue, true);

    assert_string_equal(text, wanted);
    free(text);
}
