/* by_client: a moment for each client. */
#ifndef PANNE_VERDICT_BY_CLIENT_H
#define PANNE_VERDICT_BY_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

/* Zero-fill to start. */
struct by_client {
    usec *moments;
    size_t count;
};

/* NEVER: none was set; so for HISTORY_NOBODY. */
usec by_client_get(const struct by_client *table, uint32_t client);
void by_client_set(struct by_client *table, uint32_t client, usec moment);
void by_client_clear(struct by_client *table);

#endif
