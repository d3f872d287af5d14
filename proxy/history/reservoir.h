/* reservoir: a fixed number of samples of a stream, each as likely as any other (Vitter 1985,
 * algorithm R); which ones depends on the stream alone. */
#ifndef PANNE_HISTORY_RESERVOIR_H
#define PANNE_HISTORY_RESERVOIR_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

/* Where the sample that is the `seen`th (from 0) goes: an index below `room`, or `room`: nowhere.
 */
static inline size_t reservoir_place(uint64_t seen, size_t room)
{
    __extension__ typedef unsigned __int128 wide;
    uint64_t place;

    if (seen < room)
        return (size_t)seen;
    place = (uint64_t)((wide)random_mix(seen) * (seen + 1) >> 64);
    return place < room ? (size_t)place : room;
}

#endif
