/* explain: what the lines of a log mean to each other, and what is counted against them. */
#include "explain.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "explain_compare.h"
#include "explain_order.h"
#include "explain_record.h"
#include "explain_replay.h"
#include "explain_words.h"

#define LISTED_MOST 20u
#define COUNTED_MOST ((uint64_t)1 << 20) /* missing requests that are made up for in one place */

/* Differences that are none if the log turns out not to be whole. */
struct findings {
    uint64_t count;
    struct buffer list;
};

struct explain {
    uint64_t request;
    struct replay *replays; /* the newest first */
    struct order *order;
    struct map faults; /* lines whose request has not come, by exchange: the last of a ring */
    struct arena arena;
    struct findings different, doubtful;
    struct explained explained;
    bool begun, ended;
    uint64_t next;    /* number that a line should have */
    uint64_t missing; /* numbers that no line has */
    uint64_t lost, crowded;
};

static void add_finding(struct findings *findings, struct text words)
{
    if (findings->count++ < LISTED_MOST)
        buffer_add_text(&findings->list, words);
}

static void add_request(struct findings *findings, const struct logged *logged, struct text words)
{
    struct buffer out = { 0 };

    compare_write_head(logged, &out);
    buffer_add_text(&out, words);
    add_finding(findings, buffer_text(&out));
    buffer_free(&out);
}

/* The engine counts those that are not there: at the timeline's end, where nothing else happens. */
static void count_missing(const struct order_turn *turn, const struct question *question,
                          struct arena *arena)
{
    struct question again = *question;
    struct decision decision;

    again.moment.over = true;
    for (uint64_t i = 0; i < turn->missing && i < COUNTED_MOST; i++)
        engine_decide(turn->replay->engine, &again, arena, &decision);
}

static void note_missing(const struct order_turn *turn, struct buffer *out)
{
    if (turn->missing > 0)
        buffer_format(out,
                      "  ordinal: the log says %" PRIu64 ", but has not the %" PRIu64
                      " before it of this client and operation\n",
                      turn->logged->event.ordinal, turn->missing);
    if (turn->turns_missing > 0)
        buffer_format(out,
                      "  turn: the log says %" PRIu64 ", but has not the %" PRIu64 " before it\n",
                      turn->logged->event.turn, turn->turns_missing);
}

static void take_repeated(struct explain *explain, struct logged *logged, bool turn)
{
    explain->explained.decisions++;
    add_request(&explain->different, logged,
                text_from(turn ? "  turn: there is none, or another exchange has the same\n"
                               : "  ordinal: another exchange of this client and operation has the "
                                 "same\n"));
    logged_free(logged);
}

static void decide(struct explain *explain, const struct order_turn *turn,
                   struct question *question, struct decision *decision)
{
    if (explain->request == 0 || explain->request != turn->logged->event.exchange) {
        engine_decide(turn->replay->engine, question, &explain->arena, decision);
        return;
    }
    explain->explained.told = true;
    explain_in_words(turn->replay, turn->logged, question, &explain->arena, decision,
                     &explain->explained.words);
}

static void on_turn(void *user, const struct order_turn *turn)
{
    struct explain *explain = user;
    struct buffer words = { 0 };
    struct asked_again again;
    struct decision decision;
    enum compared compared;

    if (turn->repeated) {
        take_repeated(explain, turn->logged, false);
        return;
    }
    replay_question(&again, turn->replay, turn->logged);
    count_missing(turn, &again.question, &explain->arena);
    decide(explain, turn, &again.question, &decision);
    explain->explained.decisions++;
    note_missing(turn, &words);
    compared = compare(turn->replay, turn->logged, &decision, turn->gapped, &words);
    if (compared == COMPARED_DIFFERENT)
        add_request(&explain->different, turn->logged, buffer_text(&words));
    else if (compared == COMPARED_DOUBTFUL || words.length > 0)
        add_request(&explain->doubtful, turn->logged, buffer_text(&words));
    buffer_free(&words);
    arena_clear(&explain->arena);
    logged_free(turn->logged);
}

struct explain *explain_new(uint64_t request)
{
    struct explain *explain = memory_take(sizeof *explain);

    explain->request = request;
    explain->order = order_new(on_turn, explain);
    return explain;
}

/* The lines of one exchange hang in a ring by the last of them. */
static void free_ring(struct logged_fault *last)
{
    struct logged_fault *first = last->next;

    last->next = NULL;
    logged_faults_free(first);
}

void explain_free(struct explain *explain)
{
    if (!explain)
        return;
    order_free(explain->order);
    for (size_t i = 0; i <= explain->faults.mask; i++)
        if (map_at(&explain->faults, i))
            free_ring(map_at(&explain->faults, i));
    map_free(&explain->faults);
    while (explain->replays) {
        struct replay *older = explain->replays->older;

        replay_free(explain->replays);
        explain->replays = older;
    }
    arena_clear(&explain->arena);
    buffer_free(&explain->different.list);
    buffer_free(&explain->doubtful.list);
    buffer_free(&explain->explained.list);
    buffer_free(&explain->explained.words);
    free(explain);
}

static struct replay *find_replay(const struct explain *explain, uint64_t number)
{
    struct replay *replay = explain->replays;

    while (replay && replay->number != number)
        replay = replay->older;
    return replay;
}

static bool take_run(struct explain *explain, const struct event_run *event,
                     struct buffer *complaint)
{
    struct replay *replay;

    if (explain->replays && event->generation <= explain->replays->number) {
        buffer_add_string(complaint, "another run begins here: one log at a time");
        return false;
    }
    replay = replay_new(event, complaint);
    if (!replay)
        return false;
    replay->older = explain->replays;
    explain->replays = replay;
    return true;
}

static void take_fault(struct explain *explain, const struct event_fault *event)
{
    struct logged_fault *fault = logged_fault_new(event);
    struct logged_fault *last = map_find(&explain->faults, logged_fault_key(event));

    fault->next = last ? last->next : fault;
    if (last)
        last->next = fault;
    map_put(&explain->faults, logged_fault_key(event), fault);
}

static void add_faults(struct explain *explain, struct logged *logged)
{
    struct logged_fault *last = map_take(&explain->faults, logged_key(logged));

    if (!last)
        return;
    logged->faults = last->next;
    last->next = NULL;
    for (const struct logged_fault *fault = logged->faults; fault; fault = fault->next)
        logged->fault_count++;
}

static void take_undecided(struct explain *explain, struct logged *logged)
{
    if (explain->request != 0 && explain->request == logged->event.exchange) {
        explain->explained.told = true;
        explain_undecided(logged, &explain->explained.words);
    }
    if (logged->event.faults > 0 || logged->faults || !text_is_empty(logged->event.service))
        add_request(&explain->different, logged,
                    text_from("  phase: the log has none, and yet something was decided\n"));
    logged_free(logged);
}

static void take_decided(struct explain *explain, struct replay *replay, struct logged *logged)
{
    const struct order_turn turn = { .replay = replay, .logged = logged };

    /* Where nothing can happen, nothing is counted. */
    if (text_is_empty(logged->event.service) || replay->scenario->rule_count == 0) {
        on_turn(explain, &turn);
    } else if (!order_put(explain->order, replay, logged)) {
        take_repeated(explain, logged, replay_takes_turns(replay));
    }
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static void keep_nearest(struct explain *explain, uint64_t exchange)
{
    uint64_t *nearest = &explain->explained.nearest;

    if (*nearest == 0 ||
        distance(exchange, explain->request) < distance(*nearest, explain->request))
        *nearest = exchange;
}

static bool take_request(struct explain *explain, const struct log_line *line,
                         struct buffer *complaint)
{
    struct logged *logged = logged_new(line);
    struct replay *replay = find_replay(explain, logged->event.generation);

    keep_nearest(explain, logged->event.exchange);
    add_faults(explain, logged);
    if (!logged_is_decided(logged)) {
        take_undecided(explain, logged);
        return true;
    }
    if (logged->event.timeline == NEVER || logged->event.decided == NEVER) {
        buffer_add_string(complaint, "a request without timeline_s: an older panne wrote this");
        logged_free(logged);
        return false;
    }
    if (replay) {
        take_decided(explain, replay, logged);
        return true;
    }
    if (logged->event.generation > explain->replays->number)
        add_request(&explain->different, logged,
                    text_from("  generation: the log has no such scenario\n"));
    else
        explain->explained.earlier++;
    logged_free(logged);
    return true;
}

/* Numbers rise by one; a gap is a loss, and anything else is no log. */
static bool follow_numbers(struct explain *explain, const struct log_line *line,
                           struct buffer *complaint)
{
    if (explain->begun && line->sequence < explain->next) {
        buffer_add_string(complaint, "its \"seq\" is not above that of the line before");
        return false;
    }
    if (explain->begun)
        explain->missing += line->sequence - explain->next;
    explain->begun = true;
    explain->next = line->sequence + 1;
    return true;
}

static bool take(struct explain *explain, const struct log_line *line, struct buffer *complaint)
{
    if (!explain->replays && line->kind != EVENT_run) {
        buffer_add_string(complaint, "the first line of a log tells what is run; where the log "
                                     "was rotated, put the part before it in front");
        return false;
    }
    if (explain->ended) {
        buffer_add_string(complaint, "a line behind the end");
        return false;
    }
    switch (line->kind) {
    case EVENT_run:
        return take_run(explain, &line->event.run, complaint);
    case EVENT_fault:
        take_fault(explain, &line->event.fault);
        return true;
    case EVENT_request:
    case EVENT_opening:
        return take_request(explain, line, complaint);
    case EVENT_end:
        explain->ended = true;
        explain->lost = line->event.end.lost;
        explain->crowded = line->event.end.crowded;
        return true;
    default:
        return true;
    }
}

bool explain_take(struct explain *explain, const struct log_line *line, struct buffer *complaint)
{
    struct buffer why = { 0 };
    bool taken = follow_numbers(explain, line, &why) && take(explain, line, &why);

    if (!taken)
        buffer_format(complaint, "line %" PRIu64 ": %s", line->number, why.at);
    buffer_free(&why);
    return taken;
}

void explain_pass(struct explain *explain, const struct log_line *line)
{
    struct buffer ignored = { 0 };

    if (!follow_numbers(explain, line, &ignored))
        explain->missing++;
    buffer_free(&ignored);
}

/* Lines that the run did not lose itself have been taken out. */
static void judge_numbers(struct explain *explain)
{
    struct buffer words = { 0 };

    if (!explain->ended || explain->missing <= explain->lost)
        return;
    buffer_format(&words,
                  "lines: %" PRIu64 " are missing, and the log says that %" PRIu64 " were lost\n",
                  explain->missing, explain->lost);
    add_finding(&explain->different, buffer_text(&words));
    buffer_free(&words);
}

static void judge_faults(struct explain *explain)
{
    struct buffer words = { 0 };

    if (explain->faults.count == 0)
        return;
    buffer_format(&words, "faults: there are lines of %zu exchanges whose requests are not there\n",
                  explain->faults.count);
    add_finding(&explain->doubtful, buffer_text(&words));
    buffer_free(&words);
}

const struct explained *explain_finish(struct explain *explain)
{
    struct explained *explained = &explain->explained;

    order_finish(explain->order);
    explained->begun = explain->begun;
    judge_numbers(explain);
    judge_faults(explain);
    explained->whole = explain->ended && explain->lost == 0;
    explained->different = explain->different.count;
    buffer_add_text(&explained->list, buffer_text(&explain->different.list));
    if (explained->whole && explain->crowded == 0) {
        explained->different += explain->doubtful.count;
        buffer_add_text(&explained->list, buffer_text(&explain->doubtful.list));
    } else {
        explained->doubtful = explain->doubtful.count;
    }
    return explained;
}
