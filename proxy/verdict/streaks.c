/* streaks: one record for each client and service, up to a bound. */
#include "verdict/streaks.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"

enum { STREAKS_MOST = 1 << 16 };

struct streaks {
    struct map map;
    struct streak **items;
    size_t count;
    struct streak *latest; /* asked for last; NULL: none yet */
};

struct streaks *streaks_new(void)
{
    return memory_take(sizeof(struct streaks));
}

void streaks_free(struct streaks *streaks)
{
    if (!streaks)
        return;
    for (size_t i = 0; i < streaks->count; i++)
        free(streaks->items[i]);
    free(streaks->items);
    map_free(&streaks->map);
    free(streaks);
}

const struct streak *streaks_at(const struct streaks *streaks, size_t index)
{
    return index < streaks->count ? streaks->items[index] : NULL;
}

usec streak_pause(const struct streak *streak)
{
    if (streak->usual_count < STREAK_KNOWN)
        return NEVER;
    return (streak->usual_last - streak->usual_began) / (usec)(streak->usual_count - 1);
}

static struct streak *find(struct streaks *streaks, uint64_t key)
{
    struct streak *streak = streaks->latest;

    if (streak && streak->key == key)
        return streak;
    streak = map_find(&streaks->map, key);
    if (streak)
        streaks->latest = streak;
    if (streak || streaks->count == STREAKS_MOST)
        return streak;
    if ((streaks->count & (streaks->count - 1)) == 0)
        streaks->items = memory_grow(streaks->items, (streaks->count > 0 ? 2 * streaks->count : 1) *
                                                         sizeof(void *));
    streak = memory_take(sizeof(*streak));
    *streak = (struct streak){ .key = key, .silent_since = NEVER };
    map_put(&streaks->map, key, streak);
    streaks->items[streaks->count++] = streak;
    return streak;
}

static bool was_silent(const struct streak *streak, usec until)
{
    usec pause = streak_pause(streak), silence = until - streak->last;

    return pause != NEVER && streak->failures >= STREAK_FAILURES && silence >= STREAK_SILENCE &&
           silence >= STREAK_PAUSES * pause;
}

static void begin(struct streak *streak, const struct attempt *attempt)
{
    streak->began = attempt->began;
    streak->failures = 0;
    streak->burst = 0;
    streak->opened = false;
    streak->silent_since = NEVER;
}

static void note_usual(struct streak *streak, const struct attempt *attempt)
{
    if (attempt->touched != 0 || !attempt->ok)
        return;
    if (streak->usual_count++ == 0)
        streak->usual_began = attempt->began;
    streak->usual_last = usec_max(streak->usual_last, attempt->began);
}

static enum streak_news note_silence(struct streak *streak, const struct attempt *attempt,
                                     uint64_t *burst_before)
{
    enum streak_news news;

    if (!was_silent(streak, attempt->began))
        return STREAK_NOTHING;
    news = streak->opened ? STREAK_PROBED : STREAK_OPENED;
    *burst_before = streak->burst;
    streak->opened = true;
    streak->silent_since = streak->last;
    streak->burst = 0;
    return news;
}

enum streak_news streaks_take(struct streaks *streaks, const struct attempt *attempt,
                              const struct streak **lent, uint64_t *burst_before)
{
    uint64_t key = (uint64_t)attempt->client << 16 | attempt->service;
    struct streak *streak = attempt->client == HISTORY_NOBODY ? NULL : find(streaks, key);
    enum streak_news news;

    *lent = streak;
    if (!streak || (!attempt->ok && !attempt->failed))
        return STREAK_NOTHING;
    news = note_silence(streak, attempt, burst_before);
    streak->burst++;
    if (attempt->failed) {
        if (streak->failures == 0)
            begin(streak, attempt);
        streak->failures++;
    } else if (streak->failures > 0) {
        /* The streak is as it was; the next failure begins another. */
        if (news == STREAK_NOTHING)
            news = STREAK_ENDED;
        streak->failures = 0;
    }
    if (streak->failures == 0)
        note_usual(streak, attempt);
    streak->last = usec_max(streak->last, attempt->began);
    return news;
}
