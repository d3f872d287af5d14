/* by_client: an array by the client's number, as long as it has to be. */
#include "verdict/by_client.h"

#include <stdlib.h>

#include "base/arena.h"
#include "history/attempt.h"

usec by_client_get(const struct by_client *table, uint32_t client)
{
    return client < table->count ? table->moments[client] : NEVER;
}

void by_client_set(struct by_client *table, uint32_t client, usec moment)
{
    if (client == HISTORY_NOBODY)
        return;
    if (client >= table->count) {
        size_t count = client + (size_t)client / 2 + 16;

        table->moments = memory_grow(table->moments, count * sizeof(*table->moments));
        for (size_t i = table->count; i < count; i++)
            table->moments[i] = NEVER;
        table->count = count;
    }
    table->moments[client] = moment;
}

void by_client_clear(struct by_client *table)
{
    free(table->moments);
    *table = (struct by_client){ 0 };
}
