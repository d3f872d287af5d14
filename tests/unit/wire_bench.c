/* wire_bench: clients: operations arrive, attempts fail, and pauses are made before the next. */
#include "wire_bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/random.h"
#include "wire_part.h"

struct wire_job {
    struct operation operation;
    struct step steps[OPERATION_STEPS];
    struct attempt attempt; /* the one under way, or the last */
    const struct wire_client *client;
    uint64_t number;
    usec waited; /* the last back-off, without Retry-After */
    struct wire_job *next, *previous;
};

struct party {
    double attempts, retries; /* for the budget */
    unsigned failures;        /* in a row */
    usec silent_until;
};

struct play {
    const struct wire_world *world;
    const struct history_watcher *watcher;
    struct wire_queue queue;
    struct wire_dice dice;
    struct party *parties;
    struct wire_job *jobs;
    uint64_t exchanges, operations;
};

static double draw(struct play *play)
{
    return wire_draw(&play->dice);
}

/* -- The wire -----------------------------------------------------------------------------------
 */

static void name(struct play *play, struct wire_job *job, struct attempt *attempt)
{
    const struct wire_client *client = job->client;

    attempt->exchange = ++play->exchanges;
    attempt->connection = job->operation.client + 1;
    attempt->client = job->operation.client;
    attempt->phase = wire_phase(play->world, attempt->began);
    attempt->method = job->operation.method;
    attempt->host = job->operation.host;
    attempt->path = job->operation.path;
    attempt->method_class = job->operation.method_class;
    attempt->agent = text_from("bench");
    attempt->print = random_mix(job->number);
    attempt->mark = client->marked ? random_mix(job->number + (UINT64_C(1) << 40)) : 0;
    attempt->marker = text_from(client->marked ? "amz-sdk-invocation-id" : "");
    attempt->told = client->marked ? attempt->index + 1 : 0;
    if (client->key != WIRE_NO_KEY)
        attempt->key = random_mix(client->key == WIRE_STABLE_KEY ? job->number : play->exchanges);
    attempt->bytes_up = client->bytes_up;
    attempt->bytes_down = 100;
}

static void attempt_begins(struct play *play, struct wire_job *job, usec now)
{
    usec ended_before = job->attempt.ended;
    struct attempt *attempt = &job->attempt;
    uint32_t index = job->operation.attempts;

    *attempt = (struct attempt){ .began = now, .index = index, .retry_after = NEVER };
    attempt->gap = index > 0 ? now - ended_before : NEVER;
    name(play, job, attempt);
    wire_answer(play->world, &play->dice, attempt, job->client->timeout);
    wire_expect(&play->queue, attempt->ended, WIRE_ENDS, attempt->client, job);
}

/* -- The client ---------------------------------------------------------------------------------
 */

static usec jittered(struct play *play, enum wire_jitter jitter, double pause)
{
    switch (jitter) {
    case WIRE_STEADY:
        break;
    case WIRE_FIFTH:
        pause *= 0.8 + 0.4 * draw(play);
        break;
    case WIRE_EQUAL:
        pause *= 0.5 + 0.5 * draw(play);
        break;
    case WIRE_FULL:
        pause *= draw(play);
        break;
    }
    return (usec)pause;
}

static usec back_off(struct play *play, struct wire_job *job)
{
    const struct wire_client *client = job->client;
    double n = job->operation.attempts, base = (double)client->base, pause = 0;
    double cap = client->cap ? (double)client->cap : HUGE_VAL;

    if (client->first_at_once && n < 2)
        return 0;
    if (client->first_at_once)
        n--;
    switch (client->pace) {
    case WIRE_AT_ONCE:
        break;
    case WIRE_CONSTANT:
        pause = base;
        break;
    case WIRE_LINEAR:
        pause = base * n;
        break;
    case WIRE_EXPONENTIAL:
        pause = base * pow(client->factor > 0 ? client->factor : 2, n - 1);
        break;
    case WIRE_DECORRELATED:
        pause = base + draw(play) * (3 * fmax((double)job->waited, base) - base);
        job->waited = (usec)fmin(pause, cap);
        return job->waited;
    }
    return jittered(play, client->jitter, fmin(pause, cap));
}

static usec pause_of(struct play *play, struct wire_job *job)
{
    const struct wire_client *client = job->client;
    usec pause = back_off(play, job), asked = job->attempt.retry_after;
    bool hears = asked != NEVER && !client->deaf && draw(play) >= client->forgets;

    if (hears) {
        asked += (usec)(draw(play) * (double)client->spread);
        pause = client->stagger ? usec_max(pause, asked) : asked;
    }
    return pause + (usec)(draw(play) * (double)client->lag);
}

static bool may_retry(const struct play *play, const struct wire_job *job, usec at)
{
    const struct wire_client *client = job->client;
    const struct party *party = &play->parties[job->operation.client];
    bool budgeted = client->budget > 0 || client->purse > 0;

    return (job->attempt.failed || (job->attempt.final && client->repeats_final)) &&
           job->operation.attempts < client->attempts &&
           (!client->deadline || at - job->operation.began <= client->deadline) &&
           (!client->breaker || party->failures < client->breaker) &&
           (!budgeted || party->retries < client->budget * party->attempts + client->purse);
}

static void credit(struct play *play, const struct wire_job *job)
{
    struct party *party = &play->parties[job->operation.client];

    party->attempts += 1;
    party->retries += job->attempt.index > 0;
    party->failures = job->attempt.failed ? party->failures + 1 : 0;
    if (job->client->breaker && party->failures >= job->client->breaker)
        party->silent_until = job->attempt.ended + job->client->breaker_pause;
}

/* -- Operations ---------------------------------------------------------------------------------
 */

static void keep_step(struct wire_job *job)
{
    struct operation *operation = &job->operation;
    const struct attempt *attempt = &job->attempt;

    if (operation->step_count < OPERATION_STEPS)
        job->steps[operation->step_count++] =
            (struct step){ attempt->exchange,    attempt->began,  attempt->ended,
                           attempt->retry_after, attempt->status, (uint8_t)attempt->end,
                           attempt->failed,      attempt->ok,     (uint16_t)attempt->touched,
                           attempt->key,         attempt->print,  attempt->bytes_up,
                           attempt->told };
    operation->attempts++;
    operation->ended = attempt->ended;
    operation->touched = operation->touched || attempt->touched;
    if (operation->attempts == 1)
        operation->bytes_first = attempt->bytes_up;
    operation->tie = job->client->marked       ? TIE_MARK
                     : operation->attempts > 1 ? TIE_PRINT
                                               : TIE_SINGLE;
}

static void close_job(struct play *play, struct wire_job *job, enum operation_close close)
{
    job->operation.close = close;
    if (play->watcher->operation && job->operation.attempts > 0)
        play->watcher->operation(play->watcher->user, &job->operation);
    if (job->previous)
        job->previous->next = job->next;
    else
        play->jobs = job->next;
    if (job->next)
        job->next->previous = job->previous;
    free(job);
}

static void attempt_ends(struct play *play, struct wire_job *job)
{
    usec pause, again;

    keep_step(job);
    credit(play, job);
    if (play->watcher->attempt)
        play->watcher->attempt(play->watcher->user, &job->attempt, &job->operation);
    if (job->attempt.ok) {
        close_job(play, job, CLOSE_SUCCEEDED);
        return;
    }
    pause = pause_of(play, job);
    again = job->attempt.ended + pause;
    if (may_retry(play, job, again))
        wire_expect(&play->queue, again, WIRE_BEGINS, job->operation.client, job);
    else
        close_job(play, job, job->attempt.final ? CLOSE_FINAL : CLOSE_GAVE_UP);
}

static const struct wire_client *kind_of(const struct wire_world *world, uint32_t client)
{
    return &world->kinds[world->kind_count ? client % world->kind_count : 0];
}

static void operation_arrives(struct play *play, uint32_t client, usec now)
{
    const struct wire_client *kind = kind_of(play->world, client);
    struct wire_job *job;
    double pause = kind->regular ? 1 : wire_draw_exponential(&play->dice);

    wire_expect(&play->queue, now + (usec)(pause / kind->rate * (double)SECOND), WIRE_ARRIVES,
                client, NULL);
    if (now < play->parties[client].silent_until)
        return;
    job = memory_take(sizeof *job);
    job->client = kind;
    job->number = ++play->operations;
    job->operation = (struct operation){ .client = client,
                                         .phase = wire_phase(play->world, now),
                                         .began = now,
                                         .steps = job->steps,
                                         .method = text_from(kind->method ? kind->method : "GET"),
                                         .host = text_from("api.test"),
                                         .path = text_from("/thing") };
    job->operation.method_class =
        text_is(job->operation.method, "GET") ? METHOD_SAFE
        : text_is(job->operation.method, "PUT") || text_is(job->operation.method, "DELETE")
            ? METHOD_IDEMPOTENT
            : METHOD_UNSAFE;
    for (size_t i = 0; i < play->world->fault_count; i++)
        if (wire_fault_on(&play->world->faults[i], now))
            job->operation.in_trouble = true;
    job->next = play->jobs;
    if (job->next)
        job->next->previous = job;
    play->jobs = job;
    attempt_begins(play, job, now);
}

/* What is under way when the run ends. */
static void cut_off(struct play *play, struct wire_job *job, usec now)
{
    if (job->attempt.ended > now) {
        struct attempt *attempt = &job->attempt;

        attempt->end = ATTEMPT_UNFINISHED;
        attempt->ended = now;
        attempt->status = 0;
        attempt->ok = attempt->failed = attempt->final = attempt->ambiguous = false;
        attempt->throttled = false;
        attempt->retry_after = attempt->first_byte = NEVER;
        keep_step(job);
        if (play->watcher->attempt)
            play->watcher->attempt(play->watcher->user, attempt, &job->operation);
    }
    close_job(play, job, CLOSE_OPEN);
}

void wire_play(const struct wire_world *world, const struct history_watcher *watcher)
{
    struct play play = { .world = world, .watcher = watcher, .dice = { world->seed, 0 } };

    play.parties = memory_take(world->clients * sizeof *play.parties);
    for (uint32_t i = 0; i < world->clients; i++)
        wire_expect(&play.queue, (usec)(draw(&play) / kind_of(world, i)->rate * (double)SECOND),
                    WIRE_ARRIVES, i, NULL);
    while (play.queue.count > 0) {
        struct wire_moment now = wire_next(&play.queue);

        if (now.at > world->lasts)
            break;
        if (now.what == WIRE_ARRIVES)
            operation_arrives(&play, now.client, now.at);
        else if (now.what == WIRE_BEGINS)
            attempt_begins(&play, now.job, now.at);
        else
            attempt_ends(&play, now.job);
    }
    for (struct wire_job *job = play.jobs, *after; job; job = after) {
        after = job->next;
        cut_off(&play, job, world->lasts);
    }
    wire_queue_clear(&play.queue);
    free(play.parties);
}
