/* values: a reservoir that grows up to its bound. */
#include "verdict/values.h"

#include <stdlib.h>

#include "base/arena.h"
#include "history/reservoir.h"

void values_add(struct values *values, double value)
{
    size_t place = reservoir_place(values->seen++, VALUES_MOST);

    if (place == VALUES_MOST)
        return;
    if (place == values->room) {
        values->room = values->room > 0 ? 2 * values->room : 16;
        values->items = memory_grow(values->items, values->room * sizeof(*values->items));
    }
    values->items[place] = value;
    if (place == values->count)
        values->count++;
}

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

const double *values_sorted(struct values *values)
{
    if (values->count > 0)
        qsort(values->items, values->count, sizeof(*values->items), by_value);
    return values->items;
}

void values_clear(struct values *values)
{
    free(values->items);
    *values = (struct values){ 0 };
}
