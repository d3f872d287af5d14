/* siphash: a keyed function of 64 bits that nobody without the key can undo or foresee. */
#ifndef PANNE_BASE_SIPHASH_H
#define PANNE_BASE_SIPHASH_H

#include <stdint.h>

struct siphash_key {
    uint64_t words[2];
};

/* SipHash-2-4 (Aumasson and Bernstein, SipHash: a fast short-input PRF, 2012) of the eight bytes of
 * `word`, the lowest first. */
uint64_t siphash_word(const struct siphash_key *key, uint64_t word);

#endif
