/* wire_bench: the verdict's part for a single check: its hooks, called on what a world plays. */
#include <stdlib.h>

#include "base/arena.h"
#include "wire_bench.h"

struct bench {
    const struct check *check;
    const void *limits;
    void *state;
    bool troubled;
};

static void bench_attempt(void *user, const struct attempt *attempt,
                          const struct operation *operation)
{
    struct bench *bench = user;

    bench->troubled = bench->troubled || attempt->touched;
    if (!bench->check->attempt ||
        (!bench->troubled && !bench->check->calm && attempt->ok && attempt->index == 0))
        return;
    bench->check->attempt(bench->state, bench->limits, attempt, operation);
}

static void bench_operation(void *user, const struct operation *operation)
{
    struct bench *bench = user;

    if (!bench->check->operation ||
        (!bench->troubled && !bench->check->calm && operation->close == CLOSE_SUCCEEDED &&
         operation->attempts == 1))
        return;
    bench->check->operation(bench->state, bench->limits, operation);
}

struct finding wire_judge(const struct check *check, const void *limits,
                          const struct wire_world *world, const struct history *history,
                          double alpha, struct arena *arena)
{
    struct bench bench = { .check = check, .limits = limits };
    struct history_watcher watcher = { .user = &bench,
                                       .attempt = bench_attempt,
                                       .operation = bench_operation };
    struct judging judging = { .history = history,
                               .limits = limits,
                               .scope = { .phase = HISTORY_NONE, .service = HISTORY_NONE },
                               .alpha = alpha };
    struct finding finding = { .check = check, .arena = arena, .grouped = -1 };

    bench.state = memory_take(check->state_size ? check->state_size : 1);
    wire_play(world, &watcher);
    check->judge(bench.state, &judging, &finding);
    if (check->clear)
        check->clear(bench.state);
    free(bench.state);
    return finding;
}
