/* wire_part: the world's side of wire_bench: dice, a queue of moments, and the answers. */
#ifndef PANNE_TESTS_WIRE_PART_H
#define PANNE_TESTS_WIRE_PART_H

#include "wire_bench.h"

struct wire_dice {
    uint64_t seed, drawn;
};
/* Uniform in [0, 1); and with mean 1. */
double wire_draw(struct wire_dice *dice);
double wire_draw_exponential(struct wire_dice *dice);

enum wire_happens { WIRE_ARRIVES, WIRE_BEGINS, WIRE_ENDS };
struct wire_job;
struct wire_moment {
    usec at;
    uint64_t order;
    enum wire_happens what;
    uint32_t client;
    struct wire_job *job;
};
struct wire_queue {
    struct wire_moment *moments; /* a heap */
    size_t count, room;
    uint64_t ordered;
};
void wire_expect(struct wire_queue *queue, usec at, enum wire_happens what, uint32_t client,
                 struct wire_job *job);
/* The earliest; of equal ones the first expected. There must be one. */
struct wire_moment wire_next(struct wire_queue *queue);
void wire_queue_clear(struct wire_queue *queue);

bool wire_fault_on(const struct wire_fault *fault, usec moment);
uint16_t wire_phase(const struct wire_world *world, usec moment);
/* What becomes of an attempt that has begun: its end and all that tells of it. timeout 0: none. */
void wire_answer(const struct wire_world *world, struct wire_dice *dice, struct attempt *attempt,
                 usec timeout);

#endif
