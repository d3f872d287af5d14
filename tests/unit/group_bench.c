/* group_bench: a group on a table. */
#include "group_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

void bench_note(void *user, const struct operation *operation)
{
    struct closed *closed = user;

    assert_true(closed->count < GROUP_MOST);
    closed->operations[closed->count] = *operation;
    memcpy(closed->steps[closed->count], operation->steps,
           operation->step_count * sizeof(struct step));
    closed->operations[closed->count].steps = closed->steps[closed->count];
    closed->count++;
}

struct bench *bench_new(void)
{
    struct bench *bench = memory_take(sizeof *bench);
    struct group_parts parts = { .close = bench_note, .user = &bench->closed };

    bench->polling = polling_new();
    parts.polling = bench->polling;
    parts.reasks = bench->reasks = reasks_new();
    bench->group = group_new(&parts);
    return bench;
}

void bench_free(struct bench *bench)
{
    group_free(bench->group);
    polling_free(bench->polling);
    reasks_free(bench->reasks);
    free(bench);
}

/* One that failed, or was ok; 10 ms long. */
struct attempt bench_attempt(usec began, bool ok)
{
    return (struct attempt){
        .exchange = 1,
        .began = began,
        .ended = began + 10 * MSEC,
        .status = ok ? 200 : 503,
        .ok = ok,
        .failed = !ok,
        .retry_after = NEVER,
        .print = 77,
        .method = text_from("GET"),
        .path = text_from("/cars"),
        .gap = NEVER,
    };
}

const struct operation *bench_take(struct bench *bench, struct attempt *attempt)
{
    const struct operation *operation;

    group_settle(bench->group); /* what the attempt before has ended */
    operation = group_take(bench->group, attempt, false, false);
    return operation;
}

void bench_end(struct bench *bench, usec now)
{
    group_settle(bench->group);
    group_end(bench->group, now);
}
