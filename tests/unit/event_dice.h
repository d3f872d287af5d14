/* event_dice: events at random, the same in each run. */
#ifndef PANNE_TESTS_EVENT_DICE_H
#define PANNE_TESTS_EVENT_DICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "observe/event.h"

struct dice {
    uint64_t state;
    struct arena arena; /* of texts */
    bool wild; /* also what no log holds in earnest, or what it cannot: times of centuries, numbers
                  of 64 bits, bytes that are no UTF-8 */
};

/* A number of as many bits as it happens to be, up to `most`. */
uint64_t dice_bits(struct dice *dice, unsigned most);
/* Texts are lent from the dice's arena. */
void dice_fill(struct dice *dice, const struct event_description *description, char *event);

#endif
