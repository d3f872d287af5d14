/* series: bins of counts over time. */
#include "history/series.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static void add_bin(struct bin *to, const struct bin *from)
{
    to->attempts += from->attempts;
    to->ok += from->ok;
    to->failed += from->failed;
    to->retries += from->retries;
    to->touched += from->touched;
    to->unsafe += from->unsafe;
    to->connections += from->connections;
    to->handshakes += from->handshakes;
    to->resumed += from->resumed;
    if (from->slowest > to->slowest)
        to->slowest = from->slowest;
    to->answered += from->answered;
    to->lasted += from->lasted;
    to->bytes_up += from->bytes_up;
    to->bytes_down += from->bytes_down;
}

/* Two bins become one. */
static void halve(struct series *series)
{
    for (size_t i = 0; i < series->count; i++) {
        struct bin bin = series->bins[i];

        memset(&series->bins[i], 0, sizeof bin);
        add_bin(&series->bins[i / 2], &bin);
    }
    series->count = (series->count + 1) / 2;
    series->width *= 2;
}

static void grow(struct series *series, size_t count)
{
    size_t room = series->room > 0 ? series->room : 256;

    while (room < count)
        room *= 2;
    if (room == series->room)
        return;
    series->bins = memory_grow(series->bins, room * sizeof *series->bins);
    memset(series->bins + series->room, 0, (room - series->room) * sizeof *series->bins);
    series->room = room;
}

struct bin *series_find(struct series *series, usec moment)
{
    size_t index;

    if (series->width == 0)
        series->width = SERIES_BIN_FIRST;
    if (moment < 0)
        moment = 0;
    while (moment / series->width >= (usec)(series->most ? series->most : SERIES_BINS_MOST))
        halve(series);
    index = (size_t)(moment / series->width);
    if (index >= series->count) {
        grow(series, index + 1);
        series->count = index + 1;
    }
    series->latest = (usec)index * series->width;
    series->latest_index = index;
    return &series->bins[index];
}

void series_clear(struct series *series)
{
    free(series->bins);
    *series = (struct series){ 0 };
}

static void add_share(struct series_sum *sum, const struct bin *bin, double share)
{
    sum->attempts += share * bin->attempts;
    sum->ok += share * bin->ok;
    sum->failed += share * bin->failed;
    sum->retries += share * bin->retries;
    sum->touched += share * bin->touched;
    sum->unsafe += share * bin->unsafe;
    sum->connections += share * bin->connections;
    sum->handshakes += share * bin->handshakes;
    sum->resumed += share * bin->resumed;
    sum->answered += share * bin->answered;
    sum->lasted += share * (double)bin->lasted;
    sum->bytes_up += share * (double)bin->bytes_up;
    sum->bytes_down += share * (double)bin->bytes_down;
    sum->slowest = usec_max(sum->slowest, bin->slowest * MSEC);
}

struct series_sum series_sum(const struct series *series, usec begins, usec ends)
{
    struct series_sum sum = { 0 };

    if (series->count == 0 || ends <= begins || ends <= 0)
        return sum;
    for (size_t i = (size_t)(usec_max(begins, 0) / series->width); i < series->count; i++) {
        usec from = (usec)i * series->width, to = from + series->width;
        usec within = usec_min(to, ends) - usec_max(from, begins);

        if (from >= ends)
            break;
        add_share(&sum, &series->bins[i], (double)within / (double)series->width);
    }
    return sum;
}

/* 8 buckets to the octave: the octave is the place of the highest bit of the time in units of
 * 125 us, so that an octave's eighth is always a whole number of them. */
size_t latency_bucket(usec latency)
{
    uint64_t units = latency <= 0 ? 0 : (uint64_t)latency / 125;
    unsigned octave;
    size_t bucket;

    if (units < 8)
        return 0;
    octave = 63u - (unsigned)__builtin_clzll(units) - 3u;
    bucket = 1 + octave * 8 + (size_t)((units >> octave) - 8);
    return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

usec latency_of(size_t bucket)
{
    size_t octave = bucket > 0 ? (bucket - 1) / 8 : 0;

    if (bucket == 0)
        return MSEC;
    return (usec)((8 + (bucket - 1) % 8 + 1) << octave) * 125;
}

usec latency_quantile(const uint32_t buckets[LATENCY_BUCKETS], double q)
{
    uint64_t total = 0, seen = 0;

    for (size_t i = 0; i < LATENCY_BUCKETS; i++)
        total += buckets[i];
    for (size_t i = 0; i < LATENCY_BUCKETS; i++) {
        seen += buckets[i];
        if (total > 0 && (double)seen >= q * (double)total && seen > 0)
            return latency_of(i);
    }
    return NEVER;
}
