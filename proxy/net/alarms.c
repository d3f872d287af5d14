/* alarms: heaps of moments, and the timerfd that wakes the loop for the earliest. */
#include "net/alarms.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"

/* Four children a node: half the levels of a binary heap, and the children share a cache line. */
#define FANOUT 4

static void place(struct heap *heap, size_t at, struct heap_entry entry)
{
    heap->entries[at] = entry;
    *entry.slot = at + 1;
}

static void sift_up(struct heap *heap, size_t at, struct heap_entry entry)
{
    while (at > 0) {
        size_t parent = (at - 1) / FANOUT;

        if (heap->entries[parent].due <= entry.due)
            break;
        place(heap, at, heap->entries[parent]);
        at = parent;
    }
    place(heap, at, entry);
}

static size_t earliest_child(const struct heap *heap, size_t at)
{
    size_t first = at * FANOUT + 1;
    size_t best = first;

    for (size_t child = first + 1; child < first + FANOUT && child < heap->count; child++) {
        if (heap->entries[child].due < heap->entries[best].due)
            best = child;
    }
    return best;
}

static void sift_down(struct heap *heap, size_t at, struct heap_entry entry)
{
    while (at * FANOUT + 1 < heap->count) {
        size_t child = earliest_child(heap, at);

        if (heap->entries[child].due >= entry.due)
            break;
        place(heap, at, heap->entries[child]);
        at = child;
    }
    place(heap, at, entry);
}

/* The entry goes where `at` was, or as far up or down from there as it must. */
static void settle(struct heap *heap, size_t at, struct heap_entry entry)
{
    if (at > 0 && heap->entries[(at - 1) / FANOUT].due > entry.due)
        sift_up(heap, at, entry);
    else
        sift_down(heap, at, entry);
}

void heap_put(struct heap *heap, usec due, size_t *slot)
{
    struct heap_entry entry = { .due = due };

    entry.slot = slot;
    if (*slot > 0) {
        settle(heap, *slot - 1, entry);
        return;
    }
    if (heap->count == heap->room) {
        heap->room = heap->room > 0 ? 2 * heap->room : 64;
        heap->entries = memory_grow(heap->entries, heap->room * sizeof(*heap->entries));
    }
    heap->count++;
    sift_up(heap, heap->count - 1, entry);
}

void heap_remove(struct heap *heap, size_t *slot)
{
    size_t at = *slot - 1;

    if (*slot == 0)
        return;
    *slot = 0;
    heap->count--;
    if (at < heap->count)
        settle(heap, at, heap->entries[heap->count]);
}

void heap_free(struct heap *heap)
{
    for (size_t i = 0; i < heap->count; i++)
        *heap->entries[i].slot = 0;
    free(heap->entries);
    *heap = (struct heap){ 0 };
}

/* An alarm that is set again, for the past, waits for the next turn: the loop must not be held up.
 */
static void ring(void *user, unsigned events)
{
    struct alarms *alarms = user;
    struct heap *heap = &alarms->heap;
    usec now = loop_now();

    (void)events;
    alarms->fired = true;
    for (size_t left = heap->count; left > 0 && heap_first(heap) <= now; left--) {
        struct alarm *alarm = CONTAINER_OF(heap->entries[0].slot, struct alarm, slot);

        heap_remove(heap, &alarm->slot);
        alarm->call(alarm->user);
    }
}

bool alarms_open(struct alarms *alarms, struct loop *loop)
{
    alarms->armed = NEVER;
    alarms->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (alarms->fd < 0)
        return false;
    watch_start(&alarms->watch, loop, alarms->fd, WATCH_READ, ring, alarms);
    return true;
}

void alarms_close(struct alarms *alarms)
{
    watch_stop(&alarms->watch);
    close(alarms->fd);
    heap_free(&alarms->heap);
}

void alarms_arm(struct alarms *alarms)
{
    usec due = heap_first(&alarms->heap);
    struct itimerspec when = { 0 };

    if (!alarms->fired && due >= alarms->armed)
        return;
    if (due != NEVER) {
        /* The moment 0 would disarm it. */
        usec at = usec_max(due, 1);

        when.it_value.tv_sec = (time_t)(at / SECOND);
        when.it_value.tv_nsec = (long)(at % SECOND * 1000);
    }
    /* Setting it also takes back that it has fired, so that it need not be read. */
    if (timerfd_settime(alarms->fd, TFD_TIMER_ABSTIME, &when, NULL) < 0)
        abort();
    alarms->armed = due;
    alarms->fired = false;
}

void alarm_set(struct alarm *alarm, struct loop *loop, usec due, void (*call)(void *user),
               void *user)
{
    assert(alarm->slot == 0 || alarm->loop == loop);
    alarm->due = due;
    alarm->loop = loop;
    alarm->call = call;
    alarm->user = user;
    if (due == NEVER)
        alarm_clear(alarm);
    else
        heap_put(&loop_alarms(loop)->heap, due, &alarm->slot);
}

void alarm_clear(struct alarm *alarm)
{
    if (alarm->slot > 0)
        heap_remove(&loop_alarms(alarm->loop)->heap, &alarm->slot);
}

void deadlines_run(struct heap *deadlines, usec now)
{
    for (size_t left = deadlines->count; left > 0 && heap_first(deadlines) <= now; left--) {
        struct deadline *deadline = CONTAINER_OF(deadlines->entries[0].slot, struct deadline, slot);

        if (deadline->due > now && deadline->due != NEVER) {
            deadline->queued = deadline->due;
            heap_put(deadlines, deadline->due, &deadline->slot);
            continue;
        }
        heap_remove(deadlines, &deadline->slot);
        if (deadline->due <= now) {
            deadline->due = NEVER;
            deadline->call(deadline->user);
        }
    }
}

void deadline_set(struct deadline *deadline, struct loop *loop, usec due, void (*call)(void *user),
                  void *user)
{
    assert(deadline->slot == 0 || deadline->loop == loop);
    deadline->due = due;
    deadline->loop = loop;
    deadline->call = call;
    deadline->user = user;
    if (due == NEVER || (deadline->slot > 0 && deadline->queued <= due))
        return;
    deadline->queued = due;
    heap_put(loop_deadlines(loop), due, &deadline->slot);
}

void deadline_clear(struct deadline *deadline)
{
    deadline->due = NEVER;
    if (deadline->slot > 0)
        heap_remove(loop_deadlines(deadline->loop), &deadline->slot);
}
