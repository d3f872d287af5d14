/* random: numbers drawn by hashing what is asked for; no state, so nobody's draw depends on who
 * drew before. */
#ifndef PANNE_BASE_RANDOM_H
#define PANNE_BASE_RANDOM_H

#include <stdint.h>

/* One step of splitmix64's finalizer (Steele, Lea, Flood 2014): a bijection that mixes well. */
static inline uint64_t random_mix(uint64_t bits)
{
    bits += UINT64_C(0x9e3779b97f4a7c15);
    bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
    return bits ^ (bits >> 31);
}

static inline uint64_t random_join(uint64_t bits, uint64_t more)
{
    return random_mix(bits ^ random_mix(more));
}

/* Uniform in [0, 1), 53 bits of it. */
static inline double random_unit(uint64_t bits)
{
    return (double)(bits >> 11) / (double)(UINT64_C(1) << 53);
}

/* The standard normal quantile of p in (0, 1) (Wichura's AS 241, PPND16). */
double random_normal(double p);

/* Unguessable bits from the kernel (getrandom), for seeds and ids; ends the program where there are
 * none. */
uint64_t random_fresh(void);

#endif
