/* samples: what is kept of a stream: some of all, and the worst. */
#include "verdict/samples.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "history/reservoir.h"

static void copy_words(char *to, size_t room, struct text text)
{
    size_t length = text.length < room ? text.length : room - 1;

    if (length > 0)
        memcpy(to, text.at, length);
    to[length] = '\0';
}

static void add_gap(struct sample_set *samples, const struct attempt *attempt)
{
    size_t place, index = attempt->index - 1;

    if (attempt->index == 0 || index >= SAMPLE_INDICES || attempt->gap == NEVER)
        return;
    place = reservoir_place(samples->gap_total[index]++, SAMPLE_GAPS);
    if (place == SAMPLE_GAPS)
        return;
    samples->gaps[index][place] = attempt->gap;
    if (samples->gap_count[index] < SAMPLE_GAPS)
        samples->gap_count[index]++;
}

void samples_attempt(struct sample_set *samples, const struct attempt *attempt)
{
    struct sample_attempt *sample;
    size_t place;

    add_gap(samples, attempt);
    if (!samples->attempts)
        samples->attempts = memory_take(SAMPLE_ATTEMPTS * sizeof(*samples->attempts));
    place = reservoir_place(samples->attempt_total++, SAMPLE_ATTEMPTS);
    if (place == SAMPLE_ATTEMPTS)
        return;
    if (samples->attempt_count < SAMPLE_ATTEMPTS)
        samples->attempt_count++;
    sample = &samples->attempts[place];
    *sample = (struct sample_attempt){ .exchange = attempt->exchange,
                                       .began = attempt->began,
                                       .lasted = attempt->ended - attempt->began,
                                       .client = attempt->client,
                                       .service = attempt->service,
                                       .phase = attempt->phase,
                                       .status = attempt->status,
                                       .touched = (uint16_t)attempt->touched,
                                       .end = (uint8_t)attempt->end,
                                       .ok = attempt->ok,
                                       .failed = attempt->failed,
                                       .index = attempt->index };
    copy_words(sample->method, sizeof(sample->method), attempt->method);
    copy_words(sample->path, sizeof(sample->path), attempt->path);
}

static struct text place_text(char **at, struct text text)
{
    struct text placed = text_of(*at, text.length);

    if (text.length > 0)
        memcpy(*at, text.at, text.length);
    *at += text.length;
    return placed;
}

/* Steps and texts lie in one piece, which begins with the steps. */
static void keep_operation(struct operation *kept, const struct operation *operation)
{
    size_t size = operation->step_count * sizeof(struct step);
    struct step *steps = memory_take(size + operation->method.length + operation->host.length +
                                     operation->path.length + 1);
    char *at = (char *)steps + size;

    if (size > 0)
        memcpy(steps, operation->steps, size);
    *kept = *operation;
    kept->steps = steps;
    kept->method = place_text(&at, operation->method);
    kept->host = place_text(&at, operation->host);
    kept->path = place_text(&at, operation->path);
}

static void drop_operation(struct operation *kept)
{
    free((void *)(uintptr_t)kept->steps);
    *kept = (struct operation){ 0 };
}

/* Most attempts first; of equal ones, those that came first stay. */
static void keep_if_worst(struct sample_set *samples, const struct operation *operation)
{
    size_t at = samples->worst_count;

    if (!samples->worst)
        samples->worst = memory_take(SAMPLE_WORST * sizeof(*samples->worst));
    while (at > 0 && samples->worst[at - 1].attempts < operation->attempts)
        at--;
    if (at == SAMPLE_WORST)
        return;
    if (samples->worst_count == SAMPLE_WORST)
        drop_operation(&samples->worst[--samples->worst_count]);
    memmove(&samples->worst[at + 1], &samples->worst[at],
            (samples->worst_count - at) * sizeof(*samples->worst));
    keep_operation(&samples->worst[at], operation);
    samples->worst_count++;
}

void samples_operation(struct sample_set *samples, const struct operation *operation)
{
    size_t place;

    if (operation->attempts < 2)
        return;
    keep_if_worst(samples, operation);
    if (!samples->operations)
        samples->operations = memory_take(SAMPLE_OPERATIONS * sizeof(*samples->operations));
    place = reservoir_place(samples->operation_total++, SAMPLE_OPERATIONS);
    if (place == SAMPLE_OPERATIONS)
        return;
    if (samples->operation_count < SAMPLE_OPERATIONS)
        samples->operation_count++;
    drop_operation(&samples->operations[place]);
    keep_operation(&samples->operations[place], operation);
}

static int by_beginning(const void *a, const void *b)
{
    const struct sample_attempt *one = a, *other = b;

    if (one->began != other->began)
        return one->began < other->began ? -1 : 1;
    return one->exchange < other->exchange ? -1 : one->exchange > other->exchange;
}

static uint64_t first_exchange(const struct operation *operation)
{
    return operation->step_count > 0 ? operation->steps[0].exchange : 0;
}

static int by_first(const void *a, const void *b)
{
    const struct operation *one = a, *other = b;

    if (one->began != other->began)
        return one->began < other->began ? -1 : 1;
    return first_exchange(one) < first_exchange(other)
               ? -1
               : first_exchange(one) > first_exchange(other);
}

void samples_end(struct sample_set *samples)
{
    if (samples->attempt_count > 0)
        qsort(samples->attempts, samples->attempt_count, sizeof(*samples->attempts), by_beginning);
    if (samples->operation_count > 0)
        qsort(samples->operations, samples->operation_count, sizeof(*samples->operations),
              by_first);
}

void samples_clear(struct sample_set *samples)
{
    for (size_t i = 0; i < samples->operation_count; i++)
        drop_operation(&samples->operations[i]);
    for (size_t i = 0; i < samples->worst_count; i++)
        drop_operation(&samples->worst[i]);
    free(samples->operations);
    free(samples->worst);
    free(samples->attempts);
    *samples = (struct sample_set){ 0 };
}
