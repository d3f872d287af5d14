/* explain_replay: from a log's own words to an engine that can be asked. */
#include "explain_replay.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/problems.h"
#include "faults/fault.h"

static bool load(struct replay *replay, const struct event_run *event, struct buffer *complaint)
{
    struct problems *problems = problems_new();
    const struct problem *first;

    replay->text = memory_string(event->text);
    replay->scenario =
        scenario_load(text_of(replay->text, event->text.length), "the log's scenario", problems);
    first = problems_get(problems, 0);
    for (size_t i = 0; first && first->warning; i++)
        first = problems_get(problems, i + 1);
    if (!replay->scenario)
        buffer_format(complaint, "the scenario in it is not valid here: %u:%u: %s",
                      first ? first->place.line : 0, first ? first->place.column : 0,
                      first ? first->message : "");
    problems_free(problems);
    return replay->scenario != NULL;
}

/* `NAME=HOST NAME=HOST` */
static bool bind_services(struct scenario *scenario, const struct event_run *event,
                          struct buffer *complaint)
{
    struct text bindings = arena_copy(&scenario->arena, event->services), binding;

    if (event->any_host)
        scenario_ignore_hosts(scenario);
    while (text_next_item(&bindings, ' ', &binding)) {
        size_t at = text_find(binding, '=');
        struct text host = arena_copy(&scenario->arena, text_from_offset(binding, at + 1));

        if (scenario_bind(scenario, text_of(binding.at, at), host))
            continue;
        buffer_add_string(complaint, "its \"services\" do not fit the scenario: ");
        buffer_add_json(complaint, binding);
        return false;
    }
    return true;
}

static bool lay(struct replay *replay, const struct event_run *event, struct buffer *complaint)
{
    struct timeline_options options = {
        .speed = event->speed,
        .floor = event->floor == NEVER ? 0 : event->floor,
        .phase = event->phase,
        .from = event->from == NEVER ? 0 : event->from,
        .until = event->until,
    };

    if (!(event->speed > 0)) {
        buffer_add_string(complaint, "its \"speed\" is none");
        return false;
    }
    return timeline_lay(&replay->timeline, replay->scenario, &options, complaint);
}

static bool check_hash(const struct scenario *scenario, const struct event_run *event,
                       struct buffer *complaint)
{
    char hash[17];

    snprintf(hash, sizeof hash, "%016" PRIx64, scenario->hash);
    if (text_is(event->hash, hash))
        return true;
    buffer_format(complaint, "the scenario in it has been changed: its hash is %s, not \"%.*s\"",
                  hash, (int)event->hash.length, event->hash.at);
    return false;
}

struct replay *replay_new(const struct event_run *event, struct buffer *complaint)
{
    struct replay *replay = memory_take(sizeof *replay);

    replay->number = event->generation;
    replay->step = event->step;
    if (!text_to_u64(event->seed, &replay->seed)) {
        buffer_add_string(complaint, "its \"seed\" is no number");
        goto failed;
    }
    if (!load(replay, event, complaint) || !check_hash(replay->scenario, event, complaint) ||
        !bind_services(replay->scenario, event, complaint) || !lay(replay, event, complaint))
        goto failed;
    replay->engine = engine_new(replay->scenario, replay->seed);
    return replay;
failed:
    replay_free(replay);
    return NULL;
}

void replay_free(struct replay *replay)
{
    if (!replay)
        return;
    engine_free(replay->engine);
    scenario_free(replay->scenario);
    free(replay->text);
    free(replay);
}

bool replay_takes_turns(const struct replay *replay)
{
    return (replay->scenario->needs & FAULT_NEEDS_TURNS) != 0;
}

void replay_question(struct asked_again *again, const struct replay *replay,
                     const struct logged *logged)
{
    const struct event_request *event = &logged->event;
    bool tunnel = logged_is_tunnel(logged);

    again->matched = matched_recall(replay->scenario, event->matched);
    again->question = (struct question){
        .subject = { .host = event->host,
                     .method = tunnel ? text_from("") : event->method,
                     .path = event->path,
                     .client = event->client,
                     .recall = &again->matched.recall },
        .moment = timeline_at(&replay->timeline, event->timeline),
        .connection = event->client_connection,
        .tunnel = tunnel,
        .opening = logged->opening,
        .now = event->decided,
    };
}
