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
    usec silence = until - usec_max(streak->last, streak->asked);

    return streak->failing && streak->failures >= STREAK_FAILURES &&
           streak->pauses >= STREAK_KNOWN && silence >= STREAK_SILENCE &&
           silence >= STREAK_PAUSES * streak->paused / (usec)streak->pauses &&
           silence >= STREAK_LONGEST * streak->longest;
}

static enum streak_news note_silence(struct streak *streak, const struct attempt *attempt,
                                     uint64_t *burst_before)
{
    enum streak_news news = streak->opened ? STREAK_PROBED : STREAK_OPENED;

    if (!was_silent(streak, attempt->began))
        return STREAK_NOTHING;
    *burst_before = streak->burst;
    streak->opened = true;
    streak->silent_since = streak->last;
    streak->burst = 0;
    return news;
}

static void note_failure(struct streak *streak, const struct attempt *attempt)
{
    if (!streak->failing) {
        streak->failing = true;
        streak->began = attempt->began;
        streak->failures = 0;
        streak->burst = 0;
        streak->opened = false;
        streak->silent_since = NEVER;
    }
    streak->failures++;
    streak->burst++;
}

/* Pauses count between answers that nothing was wrong with, so that no outage is within them. */
static void note_pause(struct streak *streak, const struct attempt *attempt)
{
    bool well = attempt->ok && attempt->touched == 0;

    if (well && streak->well) {
        usec pause = usec_max(attempt->began - streak->last, 0);

        streak->pauses++;
        streak->paused += pause;
        streak->longest = usec_max(streak->longest, pause);
    }
    streak->well = well;
}

enum streak_news streaks_take(struct streaks *streaks, const struct attempt *attempt,
                              const struct streak **lent, uint64_t *burst_before)
{
    uint64_t key = (uint64_t)attempt->client << 16 | attempt->service;
    struct streak *streak = attempt->client == HISTORY_NOBODY ? NULL : find(streaks, key);
    enum streak_news news;

    *lent = streak;
    if (!streak || attempt->end == ATTEMPT_UNFINISHED)
        return STREAK_NOTHING;
    news = note_silence(streak, attempt, burst_before);
    if (attempt->failed) {
        note_failure(streak, attempt);
    } else if (streak->failing) {
        /* An answer that another try would not change is one, too: the service works. */
        streak->failing = false;
        news = news == STREAK_NOTHING ? STREAK_ENDED : news;
    }
    note_pause(streak, attempt);
    streak->last = usec_max(streak->last, attempt->ended);
    streak->exchange = attempt->exchange;
    if (attempt->retry_after != NEVER)
        streak->asked = usec_max(streak->asked, usec_after(attempt->ended, attempt->retry_after));
    return news;
}
