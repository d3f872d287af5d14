/* wire_part: the world's side of wire_bench: dice, a queue of moments, and the answers. */
#include "wire_part.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/random.h"

double wire_draw(struct wire_dice *dice)
{
    return random_unit(random_join(random_mix(dice->seed), dice->drawn++));
}

double wire_draw_exponential(struct wire_dice *dice)
{
    return -log(1 - wire_draw(dice));
}

static bool before(const struct wire_moment *a, const struct wire_moment *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(struct wire_moment *a, struct wire_moment *b)
{
    struct wire_moment kept = *a;

    *a = *b;
    *b = kept;
}

void wire_expect(struct wire_queue *queue, usec at, enum wire_happens what, uint32_t client,
                 struct wire_job *job)
{
    size_t i = queue->count++;

    if (queue->count > queue->room) {
        queue->room = queue->room ? 2 * queue->room : 64;
        queue->moments = memory_grow(queue->moments, queue->room * sizeof *queue->moments);
    }
    queue->moments[i] = (struct wire_moment){ at, queue->ordered++, what, client, job };
    for (; i > 0 && before(&queue->moments[i], &queue->moments[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&queue->moments[i], &queue->moments[(i - 1) / 2]);
}

struct wire_moment wire_next(struct wire_queue *queue)
{
    struct wire_moment first = queue->moments[0];
    size_t i = 0, child;

    queue->moments[0] = queue->moments[--queue->count];
    while ((child = 2 * i + 1) < queue->count) {
        if (child + 1 < queue->count && before(&queue->moments[child + 1], &queue->moments[child]))
            child++;
        if (!before(&queue->moments[child], &queue->moments[i]))
            break;
        swap(&queue->moments[child], &queue->moments[i]);
        i = child;
    }
    return first;
}

void wire_queue_clear(struct wire_queue *queue)
{
    free(queue->moments);
    *queue = (struct wire_queue){ 0 };
}

bool wire_fault_on(const struct wire_fault *fault, usec moment)
{
    return moment >= fault->begins && moment < fault->ends;
}

static const struct wire_fault *bites(const struct wire_world *world, struct wire_dice *dice,
                                      usec moment)
{
    for (size_t i = 0; i < world->fault_count; i++) {
        const struct wire_fault *fault = &world->faults[i];

        if (wire_fault_on(fault, moment) && (fault->share <= 0 || wire_draw(dice) < fault->share))
            return fault;
    }
    return NULL;
}

uint16_t wire_phase(const struct wire_world *world, usec moment)
{
    bool begun = false, ended = world->fault_count > 0;

    for (size_t i = 0; i < world->fault_count; i++) {
        begun = begun || moment >= world->faults[i].begins;
        ended = ended && moment >= world->faults[i].ends;
    }
    return ended ? 2 : begun ? 1 : 0;
}

static void answer(struct attempt *attempt, uint16_t status)
{
    attempt->end = ATTEMPT_ANSWERED;
    attempt->status = status;
    attempt->ok = status < 400;
    attempt->failed = status == 408 || status == 425 || status == 429 || status == 500 ||
                      (status >= 502 && status <= 504);
    attempt->final = !attempt->ok && !attempt->failed;
    attempt->ambiguous = status == 500 || status == 502 || status == 504;
    attempt->throttled = status == 429 || (status == 503 && attempt->retry_after != NEVER);
}

static void hurt(struct attempt *attempt, const struct wire_fault *fault)
{
    if (fault->hurt == WIRE_STATUS) {
        attempt->touched = TOUCH_ANSWER;
        attempt->retry_after = fault->retry_after ? fault->retry_after : NEVER;
        attempt->retry_date = fault->retry_date;
        answer(attempt, fault->status ? fault->status : 503);
        return;
    }
    if (fault->hurt == WIRE_SLOW) {
        attempt->touched = TOUCH_DELAY;
        attempt->delay = fault->delay;
        attempt->ended += fault->delay;
        attempt->first_byte += fault->delay;
        return;
    }
    attempt->touched = fault->hurt == WIRE_HANG ? TOUCH_HANG : TOUCH_RESET;
    attempt->end = ATTEMPT_BROKEN;
    attempt->status = 0;
    attempt->ok = false;
    attempt->failed = attempt->ambiguous = true;
    attempt->first_byte = NEVER;
    if (fault->hurt == WIRE_HANG)
        attempt->ended = usec_max(attempt->ended, fault->ends);
}

static void leave(struct attempt *attempt, usec timeout)
{
    attempt->ended = attempt->began + timeout;
    attempt->end = ATTEMPT_LEFT;
    attempt->status = 0;
    attempt->ok = attempt->final = attempt->throttled = false;
    attempt->failed = attempt->ambiguous = true;
    attempt->retry_after = attempt->first_byte = NEVER;
}

static usec latency(const struct wire_world *world, struct wire_dice *dice)
{
    if (!world->latency && !world->tail)
        return 2 * MSEC + (usec)(wire_draw_exponential(dice) * (double)MSEC);
    return world->latency + (usec)(wire_draw_exponential(dice) * (double)world->tail);
}

void wire_answer(const struct wire_world *world, struct wire_dice *dice, struct attempt *attempt,
                 usec timeout)
{
    const struct wire_fault *fault;

    attempt->first_byte = latency(world, dice);
    attempt->ended = attempt->began + attempt->first_byte;
    answer(attempt, 200);
    fault = bites(world, dice, attempt->began);
    if (fault)
        hurt(attempt, fault);
    if (timeout && attempt->ended - attempt->began > timeout)
        leave(attempt, timeout);
}
