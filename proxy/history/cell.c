/* cell: counts of a part of the history. */
#include "history/private.h"

#include <stdlib.h>

void cell_add_attempt(struct cell *cell, const struct attempt *attempt, size_t bucket)
{
    cell->attempts++;
    cell->bytes_up += attempt->bytes_up;
    cell->bytes_down += attempt->bytes_down;
    cell->touched += attempt->touched != 0;
    cell->retries += attempt->index > 0;
    if (attempt->end == ATTEMPT_ANSWERED)
        cell->latency[bucket]++;
    if (attempt->ok) {
        cell->ok++;
        return;
    }
    cell->failed += attempt->failed;
    cell->final += attempt->final;
    cell->throttled += attempt->throttled;
    cell->broken += attempt->end == ATTEMPT_BROKEN;
    cell->left += attempt->end == ATTEMPT_LEFT;
    cell->unfinished += attempt->end == ATTEMPT_UNFINISHED;
}

void series_add_attempt(struct series *series, const struct attempt *attempt)
{
    struct bin *bin = series_at(series, attempt->began);
    usec lasted = attempt->ended - attempt->began;

    bin->attempts++;
    bin->bytes_up += attempt->bytes_up;
    bin->bytes_down += attempt->bytes_down;
    bin->unsafe += attempt->method_class == METHOD_UNSAFE;
    if (attempt->ok)
        bin->ok++;
    else
        bin->failed += attempt->failed;
    if (attempt->index > 0)
        bin->retries++;
    if (attempt->touched != 0)
        bin->touched++;
    if (attempt->end != ATTEMPT_ANSWERED)
        return;
    bin->answered++;
    bin->lasted += (uint64_t)lasted;
    if (lasted > bin->slowest * MSEC)
        bin->slowest = (uint32_t)usec_min(lasted / MSEC, UINT32_MAX);
}

void cell_add_operation(struct cell *cell, const struct operation *operation)
{
    cell->operations++;
    cell->succeeded += operation->close == CLOSE_SUCCEEDED;
    cell->gave_up += operation->close == CLOSE_GAVE_UP;
    cell->marked += operation->tie == TIE_MARK;
}

struct cell *phase_cell_new(struct phase_record *phase, size_t place)
{
    phase->cells[place] = memory_take(sizeof *phase->cells[place]);
    return phase->cells[place];
}

void phase_clear(struct phase_record *phase)
{
    for (size_t i = 0; i <= SERVICES_MOST; i++)
        free(phase->cells[i]);
}

static void add(struct cell *sum, const struct cell *cell)
{
    sum->attempts += cell->attempts;
    sum->ok += cell->ok;
    sum->failed += cell->failed;
    sum->final += cell->final;
    sum->throttled += cell->throttled;
    sum->broken += cell->broken;
    sum->left += cell->left;
    sum->unfinished += cell->unfinished;
    sum->touched += cell->touched;
    sum->operations += cell->operations;
    sum->retries += cell->retries;
    sum->succeeded += cell->succeeded;
    sum->gave_up += cell->gave_up;
    sum->marked += cell->marked;
    sum->bytes_up += cell->bytes_up;
    sum->bytes_down += cell->bytes_down;
    for (size_t i = 0; i < LATENCY_BUCKETS; i++)
        sum->latency[i] += cell->latency[i];
}

static void sum_phase(struct history *history, struct phase_record *phase)
{
    for (size_t i = 0; i <= SERVICES_MOST; i++) {
        if (!phase->cells[i])
            continue;
        add(&phase->shown.cell, phase->cells[i]);
        add(&history->total, phase->cells[i]);
        if (i < SERVICES_MOST)
            add(&history->services[i].shown.cell, phase->cells[i]);
    }
}

void cells_sum(struct history *history)
{
    for (size_t i = 0; i < history->phase_names.count; i++)
        sum_phase(history, &history->phases[i]);
    sum_phase(history, &history->loose);
}
