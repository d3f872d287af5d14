/* polling: a table of fixed size where each key has one place; a key seen more often keeps it. */
#include "history/polling.h"

#include <stdlib.h>

#include "base/arena.h"

enum { PLACES = 1 << 15, SEEN_FEWEST = 3 };

struct poll {
    uint64_t key;
    usec last, shortest;
    uint32_t seen;
};

struct polling {
    uint64_t evicted;
    struct poll polls[PLACES];
};

struct polling *polling_new(void)
{
    return memory_take(sizeof(struct polling));
}

void polling_free(struct polling *polling)
{
    free(polling);
}

void polling_note(struct polling *polling, uint64_t key, usec began)
{
    struct poll *poll = &polling->polls[key / 2 % PLACES];

    if (poll->key == key) {
        if (began > poll->last && (poll->seen == 1 || began - poll->last < poll->shortest))
            poll->shortest = began - poll->last;
        poll->last = usec_max(poll->last, began);
        poll->seen++;
        return;
    }
    if (poll->seen > 1) {
        poll->seen--; /* what is rare in the end makes room */
        polling->evicted++;
        return;
    }
    *poll = (struct poll){ .key = key, .last = began, .seen = 1 };
}

usec polling_interval(const struct polling *polling, uint64_t key)
{
    const struct poll *poll = &polling->polls[key / 2 % PLACES];

    return poll->key == key && poll->seen >= SEEN_FEWEST ? poll->shortest : NEVER;
}

uint64_t polling_evicted(const struct polling *polling)
{
    return polling->evicted;
}
