/* clients: numbers by first appearance, in an open-addressed table of salted hashes. */
#include "serve/clients.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/random.h"

#define SLOTS 131072u /* half of them are used at most */
#define MOST 65536u

struct client {
    uint64_t hash; /* 0: free */
    uint32_t number;
};

struct clients {
    pthread_mutex_t lock;
    uint64_t salt;
    uint32_t count;
    struct client slots[SLOTS];
};

struct clients *clients_new(void)
{
    struct clients *clients = memory_take(sizeof *clients);

    pthread_mutex_init(&clients->lock, NULL);
    clients->salt = random_fresh();
    return clients;
}

void clients_free(struct clients *clients)
{
    if (!clients)
        return;
    pthread_mutex_destroy(&clients->lock);
    free(clients);
}

static uint32_t find_or_add(struct clients *clients, uint64_t hash)
{
    size_t slot = hash % SLOTS;

    while (clients->slots[slot].hash != 0) {
        if (clients->slots[slot].hash == hash)
            return clients->slots[slot].number;
        slot = (slot + 1) % SLOTS;
    }
    if (clients->count == MOST)
        return 0;
    clients->slots[slot] = (struct client){ hash, ++clients->count };
    return clients->count;
}

uint32_t clients_number(struct clients *clients, struct text value)
{
    uint64_t hash = text_hash(clients->salt, value) | 1;
    uint32_t number;

    pthread_mutex_lock(&clients->lock);
    number = find_or_add(clients, hash);
    pthread_mutex_unlock(&clients->lock);
    return number;
}
