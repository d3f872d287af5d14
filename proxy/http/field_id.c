/* field_id: which of the known fields a name is. */
#include <string.h>

#include "http/head.h"

enum { NAME_ROOM = 32, LENGTH_MOST = 19, SAME_LENGTH_MOST = 3 };

/* Lower-case names, padded so that they compare as words. */
static const char names[KNOWN_FIELD_COUNT][NAME_ROOM] = {
#define X(id, name) [HEAD_##id] = name, // NOLINT(bugprone-macro-parentheses): fills an array
    KNOWN_FIELDS(X)
#undef X
};

/* By length; head_test.c checks that every known name is in its row. */
static const uint8_t by_length[LENGTH_MOST + 1][SAME_LENGTH_MOST + 1] = {
    [2] = { HEAD_TE },
    [3] = { HEAD_VIA },
    [4] = { HEAD_HOST, HEAD_DATE, HEAD_ETAG },
    [6] = { HEAD_EXPECT, HEAD_DIGEST },
    [7] = { HEAD_UPGRADE, HEAD_TRAILER, HEAD_ALT_SVC },
    [10] = { HEAD_CONNECTION, HEAD_USER_AGENT, HEAD_KEEP_ALIVE },
    [11] = { HEAD_CONTENT_MD5, HEAD_REPR_DIGEST },
    [12] = { HEAD_CONTENT_TYPE, HEAD_MAX_FORWARDS },
    [13] = { HEAD_ACCEPT_RANGES, HEAD_AUTHORIZATION, HEAD_CONTENT_RANGE },
    [14] = { HEAD_CONTENT_LENGTH, HEAD_CONTENT_DIGEST },
    [16] = { HEAD_CONTENT_ENCODING, HEAD_PROXY_CONNECTION },
    [17] = { HEAD_TRANSFER_ENCODING },
    [18] = { HEAD_PROXY_AUTHENTICATE },
    [19] = { HEAD_PROXY_AUTHORIZATION },
};

static uint64_t word_at(const char *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return word;
}

/* Letters, the bytes with 0x40 set, compare without case; `-` and digits compare as they are. */
static bool same_word(uint64_t word, uint64_t lower)
{
    uint64_t letters = (lower & 0x4040404040404040u) >> 1;

    return (word | letters) == lower;
}

static uint64_t half_word_at(const char *at)
{
    uint32_t half;

    memcpy(&half, at, sizeof(half));
    return half;
}

/* The first up to eight bytes, the rest of the word zero. */
static uint64_t first_word(struct text name)
{
    uint64_t word = 0;

    if (name.length >= 8)
        return word_at(name.at);
    if (name.length >= 4)
        return half_word_at(name.at) | half_word_at(name.at + name.length - 4)
                                           << 8 * (name.length - 4);
    for (size_t i = 0; i < name.length; i++)
        word |= (uint64_t)(unsigned char)name.at[i] << 8 * i;
    return word;
}

/* What follows the first word; the last word overlaps the one before it. */
static bool same_rest(struct text name, const char *lower)
{
    size_t last = name.length - 8;

    for (size_t i = 8; i < last; i += 8) {
        if (!same_word(word_at(name.at + i), word_at(lower + i)))
            return false;
    }
    return same_word(word_at(name.at + last), word_at(lower + last));
}

enum field_id field_identify(struct text name)
{
    const uint8_t *candidate;
    uint64_t first;

    if (name.length > LENGTH_MOST)
        return FIELD_OTHER;
    candidate = by_length[name.length];
    if (*candidate == FIELD_OTHER)
        return FIELD_OTHER;
    first = first_word(name);
    for (; *candidate != FIELD_OTHER; candidate++) {
        const char *lower = names[*candidate];

        if (same_word(first, word_at(lower)) && (name.length <= 8 || same_rest(name, lower)))
            return *candidate;
    }
    return FIELD_OTHER;
}
