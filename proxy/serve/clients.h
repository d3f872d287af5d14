/* clients: numbers for clients in the order of their appearance (--client-by), shared by all
 * workers. */
#ifndef PANNE_SERVE_CLIENTS_H
#define PANNE_SERVE_CLIENTS_H

#include <stdint.h>

#include "base/text.h"

struct clients;

struct clients *clients_new(void);
void clients_free(struct clients *clients);
/* From 1. The value itself is not kept, only its hash (salted afresh in each run). Past 65,536
 * clients all others share number 0. Thread-safe. */
uint32_t clients_number(struct clients *clients, struct text value);

#endif
