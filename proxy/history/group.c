/* group: a table of operations that may go on, oldest first. */
#include "history/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/map.h"
#include "base/random.h"

enum { OPEN_MOST = 1 << 14, WORDS_MOST = 128 };

#define WINDOW (30 * SECOND)
#define WINDOW_FINAL (5 * SECOND)
/* An attempt is told of when it ends; it may have begun within a window that is over by then. */
#define PATIENCE (5 * MINUTE)

struct open {
    struct list node; /* first: the order in which they were last seen */
    struct operation operation;
    struct step *steps;
    uint32_t room;
    uint64_t keys[2];               /* by which it is found: mark, print; 0: by none */
    bool failed, final, unfinished; /* its last attempt */
    usec asked;                     /* likewise: how long the answer asked to wait; NEVER */
    usec longest;                   /* gap */
    usec deadline;                  /* what begins later is another's */
    usec last_began;
    char words[3][WORDS_MOST];
};

struct group {
    struct group_parts parts;
    struct map map;
    struct list open;
    size_t count;
    uint64_t evicted;
    struct open *leaving;    /* closed by the last attempt, told and freed by group_settle */
    struct operation single; /* for what is over with one attempt */
    struct step step;
    bool single_leaves;
    bool *keeps_ids; /* by client: its requests' ids were seen to be the same for all attempts */
    size_t client_count;
};

struct group *group_new(const struct group_parts *parts)
{
    struct group *group = memory_take(sizeof *group);

    group->parts = *parts;
    list_init(&group->open);
    group->single = (struct operation){ .attempts = 1, .steps = &group->step, .step_count = 1 };
    return group;
}

static void open_free(struct open *open)
{
    free(open->steps);
    free(open);
}

void group_free(struct group *group)
{
    if (!group)
        return;
    LIST_EACH (&group->open)
        open_free((struct open *)(void *)node);
    if (group->leaving)
        open_free(group->leaving);
    map_free(&group->map);
    free(group->keeps_ids);
    free(group);
}

uint64_t group_evicted(const struct group *group)
{
    return group->evicted;
}

/* Ids of calls; those of traces and requests tie only what is the same request besides. */
static bool is_strong(struct text marker)
{
    static const char *const weak[] = { "traceparent", "x-request-id", "x-correlation-id",
                                        "x-amzn-trace-id" };

    for (size_t i = 0; i < COUNT_OF(weak); i++)
        if (text_is(marker, weak[i]))
            return false;
    return true;
}

/* Odd; that of a print is attempt->pair, even. */
static uint64_t mark_key(const struct attempt *attempt)
{
    uint64_t key = random_join(attempt->mark, attempt->client);

    if (!attempt->mark)
        return 0;
    return (is_strong(attempt->marker) ? key : random_join(key, attempt->print)) | 1;
}

static void tell(struct group *group, struct open *open, enum operation_close close)
{
    open->operation.close = close;
    group->parts.close(group->parts.user, &open->operation);
}

static void forget(struct group *group, struct open *open)
{
    for (size_t i = 0; i < COUNT_OF(open->keys); i++)
        if (open->keys[i] && map_find(&group->map, open->keys[i]) == open)
            map_take(&group->map, open->keys[i]);
    list_remove(&open->node);
    group->count--;
}

static void close_open(struct group *group, struct open *open, usec now)
{
    enum operation_close close = open->deadline >= now || open->unfinished ? CLOSE_OPEN
                                 : open->final                             ? CLOSE_FINAL
                                                                           : CLOSE_GAVE_UP;

    forget(group, open);
    tell(group, open, close);
    open_free(open);
}

void group_settle(struct group *group)
{
    if (group->leaving) {
        tell(group, group->leaving, CLOSE_SUCCEEDED);
        open_free(group->leaving);
        group->leaving = NULL;
    }
    if (group->single_leaves) {
        group->single_leaves = false;
        group->parts.close(group->parts.user, &group->single);
    }
}

static void expire(struct group *group, usec now)
{
    LIST_EACH (&group->open) {
        struct open *open = (struct open *)(void *)node;

        if (usec_after(open->deadline, PATIENCE) >= now)
            return;
        close_open(group, open, now);
    }
}

/* Is it too late, or too early, to be told from what the client asks for anyway? Who was asked to
 * wait does so for as long, and for up to as much again. */
static bool is_timely(const struct group *group, const struct open *open,
                      const struct attempt *attempt)
{
    usec pause = attempt->began - open->operation.ended;

    if (pause <= reasks_window(group->parts.reasks, attempt->client))
        return true;
    return open->asked != NEVER && pause >= open->asked - SECOND &&
           pause <= usec_after(open->asked, open->asked);
}

/* Does it continue what is open? By a mark it does whatever came before. */
static bool continues(const struct group *group, const struct open *open,
                      const struct attempt *attempt, bool polled)
{
    usec interval;

    if (!open || attempt->told == 1 || attempt->began > open->deadline)
        return false;
    if (attempt->told > 1)
        return true;
    if (!open->failed || !is_timely(group, open, attempt))
        return false;
    if (attempt->method_class != METHOD_SAFE)
        return true;
    if (polled)
        return false;
    interval = polling_interval(group->parts.polling, attempt->pair);
    return interval == NEVER || attempt->began - open->last_began < interval / 2;
}

/* With a call's id of its own it is no attempt at another call. So with a request's id, once the
 * client was seen to keep that over its attempts. A new idempotency key for the same request may
 * well be one: that is what key-stability looks for. */
static bool is_distinct(const struct group *group, const struct attempt *attempt)
{
    if (!attempt->mark || text_is(attempt->marker, "idempotency-key"))
        return false;
    return is_strong(attempt->marker) ||
           (attempt->client < group->client_count && group->keeps_ids[attempt->client]);
}

static void note_kept_id(struct group *group, const struct attempt *attempt)
{
    if (attempt->client == HISTORY_NOBODY || is_strong(attempt->marker))
        return;
    if (attempt->client >= group->client_count) {
        size_t count = attempt->client + (size_t)attempt->client / 2 + 16;

        group->keeps_ids = memory_grow(group->keeps_ids, count);
        memset(group->keeps_ids + group->client_count, 0, count - group->client_count);
        group->client_count = count;
    }
    group->keeps_ids[attempt->client] = true;
}

static struct open *find(struct group *group, const struct attempt *attempt, bool polled)
{
    struct open *open = attempt->mark ? map_find(&group->map, mark_key(attempt)) : NULL;

    if (open) {
        open->operation.tie = TIE_MARK;
        note_kept_id(group, attempt);
        return open;
    }
    if (!attempt->print || attempt->distinct)
        return NULL;
    open = map_find(&group->map, attempt->pair);
    return continues(group, open, attempt, polled) ? open : NULL;
}

static struct text keep(char *room, struct text text)
{
    size_t length = text.length < WORDS_MOST ? text.length : WORDS_MOST;

    if (length > 0)
        memcpy(room, text.at, length);
    return text_of(room, length);
}

static bool is_tied_by_itself(const struct attempt *attempt)
{
    return attempt->told > 0 || (attempt->mark && is_strong(attempt->marker));
}

static bool is_sdk_call(const struct attempt *attempt)
{
    return attempt->mark && text_is(attempt->marker, "amz-sdk-invocation-id");
}

static void begin(struct open *open, const struct attempt *attempt, bool in_trouble)
{
    open->operation = (struct operation){
        .client = attempt->client,
        .service = attempt->service,
        .phase = attempt->phase,
        .tie = is_tied_by_itself(attempt) ? TIE_MARK : TIE_SINGLE,
        .method_class = attempt->method_class,
        .repeatable = attempt->repeatable,
        .sdk_call = is_sdk_call(attempt),
        .in_trouble = in_trouble,
        .began = attempt->began,
        .bytes_first = attempt->bytes_up,
    };
    open->longest = 0;
    open->last_began = attempt->began;
}

static void keep_step(struct open *open, const struct attempt *attempt)
{
    if (open->operation.step_count == OPERATION_STEPS)
        return;
    if (open->operation.step_count == open->room) {
        open->room = open->room == 0 ? 2 : open->room < 8 ? open->room * 2 : OPERATION_STEPS;
        open->steps = memory_grow(open->steps, open->room * sizeof *open->steps);
        open->operation.steps = open->steps;
    }
    open->steps[open->operation.step_count++] = step_of(attempt);
}

/* Counts the attempt in. */
static void add(struct open *open, struct attempt *attempt)
{
    struct operation *operation = &open->operation;

    attempt->index = operation->attempts++;
    attempt->gap = attempt->index > 0 ? attempt->began - operation->ended : NEVER;
    if (attempt->index > 0 && attempt->gap < 0)
        operation->overlaps++;
    if (attempt->index > 0 && operation->tie == TIE_SINGLE)
        operation->tie = TIE_PRINT;
    if (attempt->index > 0)
        open->longest = usec_max(open->longest, attempt->gap);
    operation->touched |= attempt->touched != 0;
    operation->ended = usec_max(operation->ended, attempt->ended);
    open->last_began = attempt->began;
    open->failed = attempt->failed;
    open->final = attempt->final;
    open->asked = attempt->retry_after;
    open->unfinished = attempt->end == ATTEMPT_UNFINISHED;
}

static void set_deadline(struct open *open, const struct attempt *attempt)
{
    usec window = usec_max(open->final ? WINDOW_FINAL : WINDOW, 2 * open->longest);

    if (attempt->retry_after != NEVER)
        window = usec_max(window, usec_after(attempt->retry_after, attempt->retry_after));
    open->deadline = usec_after(attempt->ended, window);
}

static void enter(struct group *group, struct open *open, const struct attempt *attempt)
{
    open->operation.method = keep(open->words[0], attempt->method);
    open->operation.host = keep(open->words[1], attempt->host);
    open->operation.path = keep(open->words[2], attempt->path);
    open->keys[0] = mark_key(attempt);
    open->keys[1] = attempt->pair;
    for (size_t i = 0; i < COUNT_OF(open->keys); i++)
        if (open->keys[i])
            map_put(&group->map, open->keys[i], open);
    list_insert(&group->open, &open->node);
    group->count++;
    if (group->count > OPEN_MOST) {
        group->evicted++;
        close_open(group, (struct open *)(void *)group->open.next, 0);
    }
}

/* Over with one attempt: nothing is kept of it, and its texts are the attempt's. What is the same
 * for all of them was set once. */
static const struct operation *take_single(struct group *group, struct attempt *attempt,
                                           bool in_trouble)
{
    struct operation *operation = &group->single;

    operation->client = attempt->client;
    operation->service = attempt->service;
    operation->phase = attempt->phase;
    operation->tie = is_tied_by_itself(attempt) ? TIE_MARK : TIE_SINGLE;
    operation->close = attempt->ok ? CLOSE_SUCCEEDED : CLOSE_OPEN;
    operation->method_class = attempt->method_class;
    operation->repeatable = attempt->repeatable;
    operation->sdk_call = is_sdk_call(attempt);
    operation->touched = attempt->touched != 0;
    operation->in_trouble = in_trouble;
    operation->began = attempt->began;
    operation->ended = attempt->ended;
    operation->bytes_first = attempt->bytes_up;
    operation->method = attempt->method;
    operation->host = attempt->host;
    operation->path = attempt->path;
    group->step = step_of(attempt);
    attempt->index = 0;
    attempt->gap = NEVER;
    group->single_leaves = true;
    return operation;
}

const struct operation *group_take(struct group *group, struct attempt *attempt, bool polled,
                                   bool in_trouble)
{
    struct open *open;

    expire(group, attempt->ended);
    attempt->pair = attempt->print ? attempt_pair(attempt->print, attempt->client) : 0;
    attempt->distinct = is_distinct(group, attempt);
    open = group->count > 0 ? find(group, attempt, polled) : NULL;
    if (!open && (attempt->ok || attempt->end == ATTEMPT_UNFINISHED))
        return take_single(group, attempt, in_trouble);
    if (!open) {
        open = memory_take(sizeof *open);
        begin(open, attempt, in_trouble);
        add(open, attempt);
        keep_step(open, attempt);
        set_deadline(open, attempt);
        enter(group, open, attempt);
        return &open->operation;
    }
    add(open, attempt);
    keep_step(open, attempt);
    set_deadline(open, attempt);
    list_remove(&open->node);
    list_insert(&group->open, &open->node);
    if (attempt->ok) {
        forget(group, open);
        group->leaving = open;
    }
    return &open->operation;
}

void group_end(struct group *group, usec now)
{
    LIST_EACH (&group->open)
        close_open(group, (struct open *)(void *)node, now);
}
