/* filler: pairs of a word and a number, over and over. */
#include "faults/filler.h"

#include <string.h>

#include "base/attributes.h"
#include "base/random.h"
#include "base/text.h"

enum { DIGITS = 8, ITEM_MOST = 24 };

static const struct text words[] = {
    TEXT("trace"), TEXT("span"),  TEXT("node"),  TEXT("shard"),  TEXT("attempt"), TEXT("cache"),
    TEXT("queue"), TEXT("lock"),  TEXT("took"),  TEXT("pool"),   TEXT("peer"),    TEXT("epoch"),
    TEXT("retry"), TEXT("flags"), TEXT("lease"), TEXT("region"),
};

/* `word=12ab34cd `: returns its length. */
static size_t write_item(char item[ITEM_MOST], uint64_t bits)
{
    struct text word = words[bits % COUNT_OF(words)];
    size_t length = word.length;

    memcpy(item, word.at, length);
    item[length++] = '=';
    for (int i = 0; i < DIGITS; i++) {
        bits >>= 4;
        item[length++] = "0123456789abcdef"[bits >> 8 & 15];
    }
    item[length++] = ' ';
    return length;
}

void filler_write(char *at, size_t length, uint64_t bits)
{
    char item[ITEM_MOST];
    size_t done = 0;

    while (done < length) {
        size_t piece = write_item(item, random_mix(bits++));

        if (piece > length - done)
            piece = length - done;
        memcpy(at + done, item, piece);
        done += piece;
    }
    if (length > 0 && at[length - 1] == ' ')
        at[length - 1] = '0';
}
