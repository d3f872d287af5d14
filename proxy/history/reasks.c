/* reasks: good answers of late, and how soon after them the same was asked for. */
#include "history/reasks.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "history/attempt.h"

enum {
    PLACES = 1 << 15, /* of good answers: a later one takes an older one's place */
    STEPS = 9,        /* 125 ms, 250 ms, … 32 s */
    FEWEST = 20,
    MISTAKEN = 20, /* one in so many */
};
#define STEP_FIRST (125 * MSEC)

struct answer {
    uint64_t key;
    usec ended;
};

/* How many good answers there were, and how many were followed by the same request within a step.
 */
struct habit {
    uint32_t answers;
    uint32_t again[STEPS];
};

struct reasks {
    struct answer recent[PLACES];
    struct habit all;
    struct habit *clients;
    size_t client_count;
};

struct reasks *reasks_new(void)
{
    return memory_take(sizeof(struct reasks));
}

void reasks_free(struct reasks *reasks)
{
    if (!reasks)
        return;
    free(reasks->clients);
    free(reasks);
}

/* NULL for nobody. */
static struct habit *habit_of(struct reasks *reasks, uint32_t client)
{
    if (client == HISTORY_NOBODY)
        return NULL;
    if (client >= reasks->client_count) {
        size_t count = client + (size_t)client / 2 + 16;

        reasks->clients = memory_grow(reasks->clients, count * sizeof *reasks->clients);
        memset(reasks->clients + reasks->client_count, 0,
               (count - reasks->client_count) * sizeof *reasks->clients);
        reasks->client_count = count;
    }
    return &reasks->clients[client];
}

static void count_again(struct habit *habit, usec gap)
{
    size_t step = 0;

    while (step < STEPS && gap > STEP_FIRST << step)
        step++;
    if (habit && step < STEPS)
        habit->again[step]++;
}

void reasks_note(struct reasks *reasks, uint64_t key, uint32_t client, usec began, usec ended,
                 bool ok)
{
    struct answer *answer = &reasks->recent[key / 2 % PLACES];
    struct habit *habit = habit_of(reasks, client);

    if (answer->key == key) {
        count_again(habit, began - answer->ended);
        count_again(&reasks->all, began - answer->ended);
        answer->key = 0;
    }
    if (!ok)
        return;
    reasks->all.answers++;
    if (habit)
        habit->answers++;
    *answer = (struct answer){ key, ended };
}

static usec window_of(const struct habit *habit)
{
    uint64_t again = 0;
    size_t step = 0;

    while (step < STEPS && (again + habit->again[step]) * MISTAKEN <= habit->answers)
        again += habit->again[step++];
    return STEP_FIRST << (step > 0 ? step - 1 : 0);
}

usec reasks_window(const struct reasks *reasks, uint32_t client)
{
    if (client < reasks->client_count && reasks->clients[client].answers >= FEWEST)
        return window_of(&reasks->clients[client]);
    return reasks->all.answers >= FEWEST ? window_of(&reasks->all) : NEVER;
}
