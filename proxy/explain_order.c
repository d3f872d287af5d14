/* explain_order: what waits, waits for the number before it; memory is that of the operations and
 * of what waits. */
#include "explain_order.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/random.h"

/* Numbers that follow each other: ordinals of an operation, or turns of a replay. */
struct line {
    struct replay *replay;
    uint64_t next;
    bool gapped;
    struct map waiting; /* by number; in operations, only where there are no turns */
};

struct order {
    order_ask *ask;
    void *user;
    struct map operations; /* by hash of client, service, method and path */
    struct map turns;      /* of replays that take them, by number */
};

struct order *order_new(order_ask *ask, void *user)
{
    struct order *order = memory_take(sizeof *order);

    order->ask = ask;
    order->user = user;
    return order;
}

static void free_lines(struct map *lines)
{
    for (size_t i = 0; i <= lines->mask; i++) {
        struct line *line = map_at(lines, i);

        if (!line)
            continue;
        for (size_t k = 0; k <= line->waiting.mask; k++)
            logged_free(map_at(&line->waiting, k));
        map_free(&line->waiting);
        free(line);
    }
    map_free(lines);
}

void order_free(struct order *order)
{
    if (!order)
        return;
    free_lines(&order->operations);
    free_lines(&order->turns);
    free(order);
}

static struct line *find_line(struct map *lines, uint64_t key, struct replay *replay,
                              uint64_t first)
{
    struct line *line = map_find(lines, key);

    if (line)
        return line;
    line = memory_take(sizeof *line);
    line->replay = replay;
    line->next = first;
    map_put(lines, key, line);
    return line;
}

static struct line *find_operation(struct order *order, struct replay *replay,
                                   const struct logged *logged)
{
    const struct event_request *event = &logged->event;
    uint64_t key = text_hash(random_mix(2 * replay->number + logged->opening), event->client);

    key = text_hash(key, event->service);
    key = text_hash(key, event->method);
    key = text_hash(key, event->path);
    return find_line(&order->operations, key, replay, 0);
}

static struct line *find_turns(struct order *order, struct replay *replay)
{
    return find_line(&order->turns, replay->number, replay, 1);
}

/* Where it waits for the number before its own. */
static struct line *find_waiting(struct order *order, struct replay *replay,
                                 const struct logged *logged)
{
    return replay_takes_turns(replay) ? find_turns(order, replay)
                                      : find_operation(order, replay, logged);
}

static uint64_t number_of(const struct replay *replay, const struct logged *logged)
{
    return replay_takes_turns(replay) ? logged->event.turn : logged->event.ordinal;
}

/* `missing`: how many numbers before this one are not there. False: this one has been there. */
static bool step(struct line *line, uint64_t number, uint64_t *missing)
{
    if (number < line->next)
        return false;
    *missing = number - line->next;
    line->gapped = line->gapped || *missing > 0;
    line->next = number + 1;
    return true;
}

/* Its turn has come. */
static void ask(struct order *order, struct replay *replay, struct logged *logged)
{
    struct line *operation = find_operation(order, replay, logged);
    struct order_turn turn = { .replay = replay, .logged = logged };

    if (replay_takes_turns(replay)) {
        struct line *turns = find_turns(order, replay);

        (void)step(turns, logged->event.turn, &turn.turns_missing);
        turn.gapped = turns->gapped;
    }
    turn.repeated = !step(operation, logged->event.ordinal, &turn.missing);
    turn.gapped = turn.gapped || operation->gapped;
    order->ask(order->user, &turn);
}

bool order_put(struct order *order, struct replay *replay, struct logged *logged)
{
    struct line *line = find_waiting(order, replay, logged);
    uint64_t number = number_of(replay, logged);

    if (number < line->next || map_find(&line->waiting, number))
        return false;
    if (number > line->next) {
        map_put(&line->waiting, number, logged);
        return true;
    }
    for (; logged; logged = map_take(&line->waiting, line->next))
        ask(order, replay, logged);
    return true;
}

/* Where there are no turns, by ordinal. */
static int by_number(const void *left, const void *right)
{
    const struct logged *const *a = left, *const *b = right;
    const struct event_request *one = &(*a)->event, *other = &(*b)->event;

    if (one->turn != other->turn)
        return (one->turn > other->turn) - (one->turn < other->turn);
    return (one->ordinal > other->ordinal) - (one->ordinal < other->ordinal);
}

static void finish(struct order *order, struct line *line)
{
    size_t count = 0, most = line->waiting.count;
    struct logged **sorted;

    if (most == 0)
        return;
    sorted = memory_take(most * sizeof *sorted);
    for (size_t i = 0; i <= line->waiting.mask && count < most; i++)
        if (map_at(&line->waiting, i))
            sorted[count++] = map_at(&line->waiting, i);
    map_free(&line->waiting);
    qsort(sorted, count, sizeof(struct logged *), by_number);
    for (size_t i = 0; i < count; i++)
        ask(order, line->replay, sorted[i]);
    free(sorted);
}

void order_finish(struct order *order)
{
    for (size_t i = 0; i <= order->turns.mask; i++)
        if (map_at(&order->turns, i))
            finish(order, map_at(&order->turns, i));
    for (size_t i = 0; i <= order->operations.mask; i++)
        if (map_at(&order->operations, i))
            finish(order, map_at(&order->operations, i));
}
