/* siphash: for messages of eight bytes: one block, and the one that tells the length. */
#include "base/siphash.h"

struct state {
    uint64_t v[4];
};

static inline uint64_t rotate(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static inline void round_once(struct state *state)
{
    uint64_t *v = state->v;

    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static inline void take_block(struct state *state, uint64_t block)
{
    state->v[3] ^= block;
    round_once(state);
    round_once(state);
    state->v[0] ^= block;
}

uint64_t siphash_word(const struct siphash_key *key, uint64_t word)
{
    struct state state = { {
        key->words[0] ^ UINT64_C(0x736f6d6570736575),
        key->words[1] ^ UINT64_C(0x646f72616e646f6d),
        key->words[0] ^ UINT64_C(0x6c7967656e657261),
        key->words[1] ^ UINT64_C(0x7465646279746573),
    } };

    take_block(&state, word);
    take_block(&state, UINT64_C(8) << 56);
    state.v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        round_once(&state);
    return state.v[0] ^ state.v[1] ^ state.v[2] ^ state.v[3];
}
