/* explain_order: what waits, waits for the ordinal before it; memory is that of the operations and
 * of what waits. */
#include "explain_order.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/random.h"

struct operation {
    struct replay *replay;
    uint64_t next; /* ordinal */
    bool gapped;
    struct map waiting; /* by ordinal */
};

struct order {
    order_ask *ask;
    void *user;
    struct map operations; /* by hash of client, service, method and path */
};

struct order *order_new(order_ask *ask, void *user)
{
    struct order *order = memory_take(sizeof *order);

    order->ask = ask;
    order->user = user;
    return order;
}

static void operation_free(struct operation *operation)
{
    for (size_t i = 0; i <= operation->waiting.mask; i++)
        logged_free(map_at(&operation->waiting, i));
    map_free(&operation->waiting);
    free(operation);
}

void order_free(struct order *order)
{
    if (!order)
        return;
    for (size_t i = 0; i <= order->operations.mask; i++)
        if (map_at(&order->operations, i))
            operation_free(map_at(&order->operations, i));
    map_free(&order->operations);
    free(order);
}

static struct operation *find_operation(struct order *order, struct replay *replay,
                                        const struct logged *logged)
{
    const struct event_request *event = &logged->event;
    uint64_t key = text_hash(random_mix(2 * replay->number + logged->opening), event->client);
    struct operation *operation;

    key = text_hash(key, event->service);
    key = text_hash(key, event->method);
    key = text_hash(key, event->path);
    operation = map_find(&order->operations, key);
    if (operation)
        return operation;
    operation = memory_take(sizeof *operation);
    operation->replay = replay;
    map_put(&order->operations, key, operation);
    return operation;
}

/* Its turn has come. */
static void ask(struct order *order, struct operation *operation, struct logged *logged)
{
    uint64_t ordinal = logged->event.ordinal;
    struct order_turn turn = { .replay = operation->replay, .logged = logged };

    turn.missing = ordinal - operation->next;
    operation->gapped = operation->gapped || turn.missing > 0;
    turn.gapped = operation->gapped;
    operation->next = ordinal + 1;
    order->ask(order->user, &turn);
}

bool order_put(struct order *order, struct replay *replay, struct logged *logged)
{
    struct operation *operation = find_operation(order, replay, logged);
    uint64_t ordinal = logged->event.ordinal;

    if (ordinal < operation->next || map_find(&operation->waiting, ordinal))
        return false;
    if (ordinal > operation->next) {
        map_put(&operation->waiting, ordinal, logged);
        return true;
    }
    for (; logged; logged = map_take(&operation->waiting, operation->next))
        ask(order, operation, logged);
    return true;
}

static int by_ordinal(const void *left, const void *right)
{
    const struct logged *const *a = left, *const *b = right;
    uint64_t first = (*a)->event.ordinal, second = (*b)->event.ordinal;

    return (first > second) - (first < second);
}

static void finish_operation(struct order *order, struct operation *operation)
{
    size_t count = 0, most = operation->waiting.count;
    struct logged **sorted;

    if (most == 0)
        return;
    sorted = memory_take(most * sizeof *sorted);
    for (size_t i = 0; i <= operation->waiting.mask && count < most; i++)
        if (map_at(&operation->waiting, i))
            sorted[count++] = map_at(&operation->waiting, i);
    map_free(&operation->waiting);
    qsort(sorted, count, sizeof(struct logged *), by_ordinal);
    for (size_t i = 0; i < count; i++)
        ask(order, operation, sorted[i]);
    free(sorted);
}

void order_finish(struct order *order)
{
    for (size_t i = 0; i <= order->operations.mask; i++)
        if (map_at(&order->operations, i))
            finish_operation(order, map_at(&order->operations, i));
}
