/* cell: counts of a part of the history. */
#include "history/private.h"

void cell_add_attempt(struct cell *cell, const struct attempt *attempt)
{
    cell->attempts++;
    cell->ok += attempt->ok;
    cell->failed += attempt->failed;
    cell->final += attempt->final;
    cell->throttled += attempt->throttled;
    cell->broken += attempt->end == ATTEMPT_BROKEN;
    cell->left += attempt->end == ATTEMPT_LEFT;
    cell->unfinished += attempt->end == ATTEMPT_UNFINISHED;
    cell->touched += attempt->touched != 0;
    cell->retries += attempt->index > 0;
    cell->bytes_up += attempt->bytes_up;
    cell->bytes_down += attempt->bytes_down;
    if (attempt->end == ATTEMPT_ANSWERED)
        cell->latency[latency_bucket(attempt->ended - attempt->began)]++;
}

void cell_add_operation(struct cell *cell, const struct operation *operation)
{
    cell->operations++;
    cell->succeeded += operation->close == CLOSE_SUCCEEDED;
    cell->gave_up += operation->close == CLOSE_GAVE_UP;
    cell->marked += operation->tie == TIE_MARK;
}

struct cell *phase_cell(struct phase_record *phase, uint16_t service)
{
    size_t place = service == HISTORY_NONE ? SERVICES_MOST : service;

    if (!phase->cells[place])
        phase->cells[place] = memory_take(sizeof *phase->cells[place]);
    return phase->cells[place];
}
