/* view_samples: operations, attempt by attempt, and the gaps between attempts. */
#include "base/attributes.h"
#include "report/view.h"

static const char *end_name(uint8_t end)
{
    static const char *const names[] = { [ATTEMPT_ANSWERED] = "answered",
                                         [ATTEMPT_BROKEN] = "broken",
                                         [ATTEMPT_LEFT] = "left",
                                         [ATTEMPT_UNFINISHED] = "unfinished",
                                         [ATTEMPT_TUNNEL] = "tunnel" };

    return end < COUNT_OF(names) ? names[end] : NULL;
}

static const char *tie_name(enum operation_tie tie)
{
    static const char *const names[] = {
        [TIE_SINGLE] = "single", [TIE_PRINT] = "likeness", [TIE_MARK] = "marker"
    };

    return names[tie];
}

static const char *close_name(enum operation_close close)
{
    static const char *const names[] = { [CLOSE_SUCCEEDED] = "succeeded",
                                         [CLOSE_FINAL] = "final",
                                         [CLOSE_GAVE_UP] = "gave up",
                                         [CLOSE_OPEN] = "open" };

    return names[close];
}

/* In the order of the bits. */
static struct record_list touches_of(unsigned touched, struct arena *arena)
{
    static const char *const names[] = { "answer", "redirect", "delay",       "hang",
                                         "volume", "cut",      "reset",       "content",
                                         "dial",   "tls",      "certificate", "other" };
    const char **items = ARENA_ARRAY(arena, const char *, COUNT_OF(names));
    size_t count = 0;

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (touched & 1U << i)
            items[count++] = names[i];
    return (struct record_list){ items, count };
}

static struct record_list steps_of(const struct operation *operation, struct arena *arena)
{
    struct view_step *items = ARENA_ARRAY(arena, struct view_step, operation->step_count + 1);

    for (size_t i = 0; i < operation->step_count; i++) {
        const struct step *step = &operation->steps[i];

        items[i] = (struct view_step){ .exchange = step->exchange,
                                       .status = step->status,
                                       .told = step->told,
                                       .began_s = step->began,
                                       .ended_s = step->ended,
                                       .retry_after_s = step->retry_after,
                                       .end = end_name(step->end),
                                       .ok = step->ok,
                                       .failed = step->failed,
                                       .touched = touches_of(step->touched, arena) };
    }
    return (struct record_list){ items, operation->step_count };
}

static struct view_operation operation_of(const struct history *history,
                                          const struct operation *operation, struct arena *arena)
{
    const struct history_client *client =
        operation->client == HISTORY_NOBODY ? NULL : history_client(history, operation->client);
    const struct history_service *service =
        operation->service == HISTORY_NONE ? NULL : history_service(history, operation->service);
    const struct history_phase *phase =
        operation->phase == HISTORY_NONE ? NULL : history_phase(history, operation->phase);
    const struct text none = { 0 };

    return (struct view_operation){ .client = client ? client->name : none,
                                    .service = service ? service->name : none,
                                    .phase = phase ? phase->name : none,
                                    .method = operation->method,
                                    .host = operation->host,
                                    .path = operation->path,
                                    .tie = tie_name(operation->tie),
                                    .close = close_name(operation->close),
                                    .attempts = operation->attempts,
                                    .overlaps = operation->overlaps,
                                    .began_s = operation->began,
                                    .ended_s = operation->ended,
                                    .steps = steps_of(operation, arena) };
}

static struct record_list operations_of(const struct history *history,
                                        const struct operation *operations, size_t count,
                                        struct arena *arena)
{
    struct view_operation *items = ARENA_ARRAY(arena, struct view_operation, count + 1);

    for (size_t i = 0; i < count; i++)
        items[i] = operation_of(history, &operations[i], arena);
    return (struct record_list){ items, count };
}

static void fill_gaps(const struct sample_set *samples, struct arena *arena,
                      struct view_report *view)
{
    struct view_gaps *items = ARENA_ARRAY(arena, struct view_gaps, SAMPLE_INDICES);
    size_t count = 0;

    for (size_t i = 0; i < SAMPLE_INDICES; i++)
        if (samples->gap_total[i] > 0)
            items[count++] = (struct view_gaps){ i + 1,
                                                 samples->gap_total[i],
                                                 { samples->gaps[i], samples->gap_count[i] } };
    view->gaps = (struct record_list){ items, count };
}

void view_samples(const struct judgment *judgment, struct arena *arena, struct view_report *view)
{
    const struct sample_set *samples = judgment->samples;
    struct view_operations *operations = ARENA_NEW(arena, struct view_operations);

    *operations = (struct view_operations){
        .total = samples->operation_total,
        .worst = operations_of(judgment->history, samples->worst, samples->worst_count, arena),
        .drawn =
            operations_of(judgment->history, samples->operations, samples->operation_count, arena),
    };
    view->operations = operations;
    fill_gaps(samples, arena, view);
}
