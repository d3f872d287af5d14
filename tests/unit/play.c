/* play: see play.h. */
#include "play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client_view.h"
#include "serve/exchange.h"

static const char *const side_names[] = { "client read", "client write", "origin read",
                                          "origin write" };

static struct fake_side *side_of(struct play *play)
{
    struct fake_transport *fake = play->side <= CLIENT_WRITE ? play->client : play->origin;

    return play->side == CLIENT_READ || play->side == ORIGIN_READ ? &fake->reading : &fake->writing;
}

static bool blocks(const struct play *play)
{
    return play->how == IO_WANT_READ || play->how == IO_WANT_WRITE;
}

static bool goes_well(const struct play *play)
{
    return play->learns || play->how == IO_DONE || (blocks(play) && !play->abandons);
}

static const char *describe(struct play *play)
{
    static const char *const hows[] = { "fine",   "blocks", "blocks", "ends",
                                        "is cut", "resets", "fails" };

    (void)snprintf(play->words, sizeof play->words, "%s: %s %s at %zu:\n%s", play->script->name,
                   side_names[play->side], hows[play->how], play->at, world_written(play->client));
    return play->words;
}

static enum view_end client_end(const struct play *play)
{
    if (play->client->reset)
        return VIEW_RESET;
    return play->client->ends > 0 || play->client->freed ? VIEW_ENDED : VIEW_OPEN;
}

/* How the client sees the answer to stage `index`. */
static struct view look(struct play *play, size_t index)
{
    const struct play_script *script = play->script;
    struct text bytes = text_of(world_written(play->client), play->client->written.length);
    struct view view = { 0 };

    for (size_t i = 0; i <= index; i++) {
        const struct play_stage *stage = &script->stages[i];

        if (script->tunnels && i > 0) {
            view.length = bytes.length < 64 ? bytes.length : 64;
            memcpy(view.body, bytes.at, view.length);
            view.whole = view.length == strlen(stage->body);
            break;
        }
        view = view_next(&bytes, script->to_head, script->connects, client_end(play));
        if (!view.whole)
            break;
    }
    return view;
}

static bool is_right(const struct play_stage *stage, const struct view *view)
{
    return view->whole && view->status == stage->status && strcmp(view->body, stage->body) == 0;
}

static size_t upto(const char *const texts[PLAY_STAGES], size_t count)
{
    size_t length = 0;

    for (size_t i = 0; i < count && i < PLAY_STAGES; i++)
        length += strlen(texts[i]);
    return length;
}

static size_t asks_upto(const struct play *play, size_t count)
{
    const struct play_script *script = play->script;
    const char *const texts[PLAY_STAGES] = { script->stages[0].asks,
                                             script->count > 1 ? script->stages[1].asks : "" };

    return upto(texts, count);
}

static size_t answers_upto(const struct play *play, size_t count)
{
    const struct play_script *script = play->script;
    const char *const texts[PLAY_STAGES] = { script->stages[0].answers,
                                             script->count > 1 ? script->stages[1].answers : "" };

    return upto(texts, count);
}

static void start(struct play *play)
{
    const struct play_script *script = play->script;

    (void)snprintf(play->asks, sizeof play->asks, "%s%s", script->stages[0].asks,
                   script->count > 1 ? script->stages[1].asks : "");
    (void)snprintf(play->answers, sizeof play->answers, "%s%s", script->stages[0].answers,
                   script->count > 1 ? script->stages[1].answers : "");
    if (!script->connects)
        play->origin = world_origin(play->world, play->answers);
    /* The side must be set before the session takes its first turn. */
    play->client = play->world->fakes[play->world->fake_count++] =
        fake_transport_new(play->asks, asks_upto(play, script->pipelined ? script->count : 1));
    play->asked = script->pipelined ? script->count : 1;
    if (!play->learns) {
        struct fake_side *side = side_of(play);

        if (play->how == IO_DONE) {
            side->step = play->at;
        } else {
            side->stops = true;
            side->at = play->at;
            side->how = play->how;
        }
        fake_transport_update(play->client);
        if (play->origin)
            fake_transport_update(play->origin);
    }
    world_begin(play->world, script->connects ? WORLD_FORWARD : WORLD_REVERSE,
                &play->client->transport, "127.0.0.1");
}

/* The origin has got the request of stage `index`, and those before it, whole. */
static bool origin_has_heard(struct play *play, size_t index)
{
    const char *heard = play->script->stages[index].heard;

    if (heard)
        return world_has_written(play->origin, heard);
    return play->origin->written.length == play->learned[index];
}

static bool origin_ends(struct fake_transport *origin)
{
    if (origin->reading.stops || origin->reading.moved < origin->length)
        return false;
    world_stop(origin, IO_END);
    return true;
}

/* The origin says its next answer once it has heard what it is to answer. */
static bool origin_goes_on(struct play *play)
{
    struct fake_transport *origin = play->origin;
    size_t heard = play->answered > 0 ? play->learned[play->answered - 1] : 0;

    if (!origin || origin->freed)
        return false;
    if (play->answered == play->script->count)
        return play->script->ends && origin_ends(origin);
    if (play->learns && origin->written.length > heard)
        play->learned[play->answered] = origin->written.length;
    if (!origin_has_heard(play, play->answered))
        return false;
    play->answered++;
    world_give(origin, answers_upto(play, play->answered));
    return true;
}

static bool client_goes_on(struct play *play)
{
    struct view view;

    if (play->asked == play->script->count || play->client->freed)
        return false;
    view = look(play, play->asked - 1);
    if (!is_right(&play->script->stages[play->asked - 1], &view))
        return false;
    play->asked++;
    world_give(play->client, asks_upto(play, play->asked));
    return true;
}

/* What has stood still moves again; a peer that writes break is broken for reads too. */
static bool world_goes_on(struct play *play)
{
    struct fake_side *side = play->learns ? NULL : side_of(play);
    struct fake_transport *fake = play->side <= CLIENT_WRITE ? play->client : play->origin;

    if (!side || !side->stops || side->moved < side->at || fake->freed)
        return false;
    if (blocks(play) && play->abandons) {
        if (play->client->freed || play->client->reading.how == IO_RESET)
            return false;
        world_stop(play->client, IO_RESET);
        return true;
    }
    if (blocks(play)) {
        side->stops = false;
        fake_transport_update(fake);
        return true;
    }
    if (side != &fake->writing || fake->reading.stops || side->calls == 0)
        return false;
    world_stop(fake, IO_RESET);
    return true;
}

static void run_dry(struct play *play)
{
    do
        world_turns(play->world);
    while (origin_goes_on(play) || client_goes_on(play) || world_goes_on(play));
}

/* Bytes in a tunnel are the right ones, as far as they go; no answer is taken for whole that is
 * not. */
static void check_client(struct play *play)
{
    const struct play_script *script = play->script;
    bool whole = true;

    for (size_t i = 0; i < script->count; i++) {
        const struct play_stage *stage = &script->stages[i];
        struct view view = look(play, i);

        if (goes_well(play) && !is_right(stage, &view) && (i == 0 || !script->tunnels))
            fail_msg("not the right answer though nothing fails: %s", describe(play));
        if (script->tunnels && i > 0 && strncmp(view.body, stage->body, view.length) == 0)
            continue;
        if (is_right(stage, &view) || !view.whole || (script->to_head && view.status >= 400)) {
            whole = whole && view.whole;
            continue;
        }
        if (view.until_end && play->side == ORIGIN_READ && play->how == IO_END &&
            strncmp(view.body, stage->body, view.length) == 0)
            continue; /* an early end that nothing tells from the right one */
        if (!whole || view.status < 400 || strncmp(view.body, "panne: ", 7) != 0) {
            if (strcmp(view.body, "spare") != 0)
                fail_msg("a wrong answer: %s", describe(play));
        }
    }
}

/* A request goes out twice at most, and only if nothing of an answer had come. */
static void check_repeats(struct play *play)
{
    const char *heard = play->world->spare.heard.at;
    unsigned again;

    if (play->script->connects)
        return;
    again = world_count(heard, "HTTP/1.1\r\n");
    if (play->script->unsafe && again > 0)
        fail_msg("sent twice: %s", describe(play));
    for (size_t i = 0; i < play->script->count; i++) {
        char line[32];

        (void)snprintf(line, sizeof line, "%.8s", play->script->stages[i].asks);
        if (world_count(heard, line) > 1)
            fail_msg("repeated more than once: %s", describe(play));
        if (world_count(heard, line) == 1 && world_has_written(play->origin, line) &&
            play->origin->reading.moved > answers_upto(play, i))
            fail_msg("repeated after a part of an answer: %s", describe(play));
    }
}

/* In the pool only after whole answers to whole requests. */
static void check_pool(struct play *play)
{
    struct fake_transport *origin = play->origin;

    if (!origin || origin->freed)
        return;
    for (size_t i = 0; i < play->script->count; i++)
        if (origin->reading.moved == answers_upto(play, i + 1) && origin_has_heard(play, i) &&
            !play->script->tunnels)
            return;
    if (origin->reading.moved > 0 || origin->written.length > 0)
        fail_msg("kept in spite of doubt, after %zu of %zu bytes: %s", origin->written.length,
                 play->learned[0], describe(play));
}

/* The client goes. Only what waits for an origin, which may yet answer, stays. */
static void part(struct play *play)
{
    struct list *sessions = &play->world->worker->sessions;

    if (!play->client->reading.stops)
        world_stop(play->client, IO_END);
    run_dry(play);
    if (play->world->worker->session_count == 0)
        return;
    {
        struct session *session = CONTAINER_OF(sessions->next, struct session, node);

        if (!session->exchange || !session->exchange->origin)
            fail_msg("stays without a reason, in %s: %s", session->step->name, describe(play));
        session_drain(session, true);
    }
    assert_int_equal(play->world->worker->session_count, 0);
}

void play_run(struct play *play)
{
    struct serve_world *world = play->world;

    buffer_clear(&world->spare.heard);
    buffer_add_string(&world->spare.heard, "");
    start(play);
    run_dry(play);
    part(play);
    check_client(play);
    check_repeats(play);
    check_pool(play);
    if (play->origin)
        world_stop(play->origin, IO_END);
    world_turns(world);
    assert_true(play->client->freed);
    if (play->origin && !play->origin->freed)
        fail_msg("an origin that has ended is kept: %s", describe(play));
}
